/**
 * @file Tensors as text, as torch prints them: four digits, columns aligned, long dimensions shortened.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.set_printoptions.html
 */

import { toFlatArray } from "./creation.ts";
import { isFloatingPoint } from "./dtype.ts";
import { nodeOf, shapeOf, Tensor } from "./tensor.ts";

const PRECISION = 4;
const EDGE_ITEMS = 3;
const THRESHOLD = 1000;
const LINE_WIDTH = 80;

export function formatTensor(input: Tensor): string {
  const suffix: string[] = [];
  if (input.dtype !== "float64" && input.dtype !== "int64" && input.dtype !== "bool")
    suffix.push(`dtype=${input.dtype}`);
  const node = nodeOf(input);
  if (node !== null) suffix.push(`gradFn=<${node.name}>`);
  else if (input.requiresGrad) suffix.push("requiresGrad=true");
  if (input.numel() === 0 && input.ndim !== 1) suffix.unshift(`size=(${shapeOf(input).join(", ")})`);
  const prefix = "tensor(";
  return `${prefix}${[formatValues(input, prefix.length), ...suffix].join(", ")})`;
}

function formatValues(input: Tensor, indent: number): string {
  const shape = shapeOf(input);
  if (input.numel() === 0) return "[]";
  const values = toFlatArray(input.detach());
  const summarize = values.length > THRESHOLD;
  const shown = summarize ? cornerValues(values, shape) : values;
  const format = formatter(input, shown);
  // As torch: nan, inf and zeros do not widen the columns.
  const widths = Array.from(shown, v => (Number.isFinite(v) && v !== 0 ? format(v).length : 1));
  const width =
    shape.length === 0
      ? 0
      : Math.max(...(input.dtype === "bool" ? Array.from(shown, v => format(v).length) : widths));

  const write = (dim: number, offset: number, column: number): string => {
    if (dim === shape.length) return format(values[offset]!).padStart(width);
    const size = shape[dim]!;
    const step = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    const cut = summarize && size > 2 * EDGE_ITEMS;
    const indices = Array.from({ length: size }, (_, i) => i).filter(
      i => !cut || i < EDGE_ITEMS || i >= size - EDGE_ITEMS,
    );
    const parts = indices.map(i => write(dim + 1, offset + i * step, column + 1));
    if (cut) parts.splice(EDGE_ITEMS, 0, dim === shape.length - 1 ? " ..." : "...");
    if (dim < shape.length - 1) {
      const gap = `,${"\n".repeat(shape.length - 1 - dim)}${" ".repeat(column + 1)}`;
      return `[${parts.join(gap)}]`;
    }
    const perLine = Math.max(1, Math.floor((LINE_WIDTH - column) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(column + 1)}`)}]`;
  };
  return write(0, 0, indent);
}

/** The values that are printed of a long tensor: those near the ends of every dimension. */
function cornerValues(values: Float64Array, shape: readonly number[]): number[] {
  const kept: number[] = [];
  const visit = (dim: number, offset: number): void => {
    if (dim === shape.length) {
      kept.push(values[offset]!);
      return;
    }
    const step = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    for (let i = 0; i < shape[dim]!; i++) {
      if (i < EDGE_ITEMS || i >= shape[dim]! - EDGE_ITEMS) visit(dim + 1, offset + i * step);
    }
  };
  visit(0, 0);
  return kept;
}

/** One way of writing for all values: integers with a bare point, fixed digits, or scientific where the range is wide. */
function formatter(input: Tensor, values: ArrayLike<number>): (value: number) => string {
  if (input.dtype === "bool") return v => (v === 0 ? "false" : "true");
  if (!isFloatingPoint(input.dtype)) return v => String(v);
  const special = (v: number): string | null =>
    Number.isNaN(v) ? "nan" : v === Infinity ? "inf" : v === -Infinity ? "-inf" : null;
  const finite = Array.from(values)
    .filter(v => Number.isFinite(v) && v !== 0)
    .map(Math.abs);
  const largest = finite.reduce((a, b) => Math.max(a, b), 0);
  const smallest = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const scientific = finite.length > 0 && (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4);
  if (finite.every(Number.isInteger) && largest <= 1e8 && !(largest / smallest > 1000))
    return v => special(v) ?? `${v}.`;
  if (!scientific) return v => special(v) ?? v.toFixed(PRECISION);
  return v => special(v) ?? v.toExponential(PRECISION).replace(/e([+-])(\d)$/, "e$10$2");
}

Object.defineProperties(Tensor.prototype, {
  toString: {
    value(this: Tensor) {
      return formatTensor(this);
    },
    writable: true,
    configurable: true,
  },
  // Node's util.inspect and console.log ask for this symbol; it is global, so nothing of Node is imported.
  [Symbol.for("nodejs.util.inspect.custom")]: {
    value(this: Tensor) {
      return formatTensor(this);
    },
    configurable: true,
  },
});
