/**
 * @file Tensors as text, as torch prints them: columns aligned, long dimensions shortened, what is not obvious after
 * the values.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html
 */

import { toFlatArray } from "./creation.ts";
import { DEFAULT_DTYPE } from "./dtype.ts";
import { numberFormat } from "./number-format.ts";
import { numelOf, type Shape } from "./shape.ts";
import { aliasOf, nodeOf, shapeOf, type Tensor, wrapperOf } from "./tensor.ts";

const EDGE_ITEMS = 3;
const THRESHOLD = 1000;
const LINE_WIDTH = 80;
const PREFIX = "tensor(";

export function formatTensor(input: Tensor): string {
  const wrapper = wrapperOf(input);
  switch (wrapper?.kind) {
    case undefined:
      return plain(input, []);
    case "dual":
      return plain(input, [`tangent=${formatTensor(wrapper.tangent)}`]);
    case "batched":
      return `BatchedTensor(lvl=${wrapper.level}, bdim=0, value=\n    ${formatTensor(wrapper.value).replaceAll("\n", "\n    ")}\n)`;
    case "traced":
      return `TracedTensor(shape=[${shapeOf(input).join(", ")}], dtype=${input.dtype})`;
  }
}

function plain(input: Tensor, more: readonly string[]): string {
  const { dtype } = input;
  const empty = input.numel() === 0;
  const suffixes: string[] = [];
  if (empty && input.ndim !== 1) suffixes.push(`size=(${shapeOf(input).join(", ")})`);
  // No values from which it could be seen: then int64 and bool are told too.
  const isObvious = dtype === DEFAULT_DTYPE || (!empty && (dtype === "int64" || dtype === "bool"));
  if (!isObvious) suffixes.push(`dtype=${dtype}`);
  suffixes.push(...historyOf(input), ...more);
  return withSuffixes(`${PREFIX}${empty ? "[]" : formatValues(input)}`, suffixes);
}

function historyOf(input: Tensor): string[] {
  try {
    const node = nodeOf(input);
    if (node !== null) return [`gradFn=<${node.name}>`];
    return input.requiresGrad ? ["requiresGrad=true"] : [];
  } catch {
    // A view that has lost its history to a change in place; asking for its gradFn says how.
    return ["gradFn=<Invalid>"];
  }
}

/** What follows the values, on a line of its own where the last one is full. */
function withSuffixes(values: string, suffixes: readonly string[]): string {
  let text = values;
  let lineLength = values.length - values.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > LINE_WIDTH) {
      text += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      lineLength = PREFIX.length + suffix.length;
    } else {
      text += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${text})`;
}

function formatValues(input: Tensor): string {
  const shape = shapeOf(input);
  const values = toFlatArray(aliasOf(input));
  const summarize = values.length > THRESHOLD;
  const { width, write } = numberFormat(input.dtype, summarize ? cornerValues(values, shape) : values);

  const formatBlock = (dim: number, offset: number, column: number): string => {
    if (dim === shape.length)
      return shape.length === 0 ? write(values[offset]!) : write(values[offset]!).padStart(width);
    const size = shape[dim]!;
    const step = numelOf(shape.slice(dim + 1));
    const cut = summarize && size > 2 * EDGE_ITEMS;
    const parts = shownIndices(size, cut).map(i => formatBlock(dim + 1, offset + i * step, column + 1));
    const innermost = dim === shape.length - 1;
    if (cut) parts.splice(EDGE_ITEMS, 0, innermost ? " ..." : "...");
    const indent = " ".repeat(column + 1);
    if (!innermost) return `[${parts.join(`,${"\n".repeat(shape.length - 1 - dim)}${indent}`)}]`;
    const perLine = Math.max(1, Math.floor((LINE_WIDTH - column) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${indent}`)}]`;
  };
  return formatBlock(0, 0, PREFIX.length);
}

/** The positions along a dimension that are printed: of a long one, those near its ends. */
function shownIndices(size: number, cut: boolean): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  return cut ? [...all.slice(0, EDGE_ITEMS), ...all.slice(-EDGE_ITEMS)] : all;
}

/** The values that are printed of a long tensor. */
function cornerValues(values: Float64Array, shape: Shape): number[] {
  const kept: number[] = [];
  const visit = (dim: number, offset: number): void => {
    if (dim === shape.length) {
      kept.push(values[offset]!);
      return;
    }
    const step = numelOf(shape.slice(dim + 1));
    for (const i of shownIndices(shape[dim]!, shape[dim]! > 2 * EDGE_ITEMS))
      visit(dim + 1, offset + i * step);
  };
  visit(0, 0);
  return kept;
}
