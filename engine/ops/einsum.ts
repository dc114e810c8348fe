/** @file Einstein summation: an equation of dimension labels, carried out as permutes, products and sums. */

import { formatShape } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { matmul } from "./matmul.ts";

/** A tensor whose dimensions bear labels, each once. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/** The labels of one operand, or of the result, as numbers from 0 to 51; "..." as in an equation. */
export type Sublist = readonly (number | "...")[];

export interface Einsum {
  (equation: string, operands: readonly Tensor[]): Tensor;
  (equation: string, ...operands: Tensor[]): Tensor;
  /** Each operand is followed by its labels; those of the result come last, if at all. */
  (operand: Tensor, labels: Sublist, ...rest: (Tensor | Sublist)[]): Tensor;
}

/**
 * Sums products of the operands over all labels that are missing on the right of `->`; without `->`, over
 * those that appear twice. "..." stands for any leading dimensions, broadcast; so are sizes of 1.
 * @throws where labels do not fit the operands' shapes
 * @see https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
 */
export const einsum: Einsum = (
  first: string | Tensor,
  ...rest: (Tensor | Sublist | readonly Tensor[])[]
): Tensor => {
  if (typeof first !== "string") return fromSublists([first, ...rest] as (Tensor | Sublist)[]);
  const operands = (Array.isArray(rest[0]) ? rest[0] : rest) as Tensor[];
  return summation(
    first,
    operands.map(x => checked("einsum", x)),
  );
};

/** The same as an equation: torch's letters for 0 to 51 are A to Z, a to z, which decides the order of an implicit result. */
function fromSublists(args: readonly (Tensor | Sublist)[]): Tensor {
  const operands = args.filter(isTensor);
  const terms = args.filter((x): x is Sublist => !isTensor(x)).map(termOf);
  const [inputs, output] = [terms.slice(0, operands.length), terms.slice(operands.length)];
  const alternate = args.every((x, i) => isTensor(x) === (i % 2 === 0 && i < 2 * operands.length));
  if (!alternate || inputs.length < operands.length) {
    throw new TypeError("einsum() expected each operand to be followed by a list of its labels.");
  }
  return summation([inputs.join(","), ...output].join("->"), operands);
}

function termOf(labels: Sublist): string {
  const letters = labels.map(label => {
    if (label === "...") return label;
    if (Number.isInteger(label) && label >= 0 && label < 52) {
      return String.fromCharCode(label < 26 ? 65 + label : 97 + label - 26);
    }
    throw new RangeError(`einsum() expected labels from 0 to 51, or "...", got ${String(label)}.`);
  });
  return letters.join("");
}

function summation(equation: string, tensors: readonly Tensor[]): Tensor {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  if (terms.length !== tensors.length) {
    throw new RangeError(`einsum("${equation}") names ${terms.length} operands, got ${tensors.length}.`);
  }
  const labelled = tensors.map((x, i) => withoutRepeats(equation, x, labelsOf(equation, terms[i]!, x)));
  const output = right === undefined ? implicitOutput(terms, labelled) : outputLabels(right, labelled);
  for (const label of output) {
    if (!labelled.some(({ labels }) => labels.includes(label))) {
      throw new RangeError(`einsum("${equation}"): the output's label ${label} is in no operand.`);
    }
  }
  const result = labelled.reduce((a, b, i) => {
    const later = new Set([...output, ...labelled.slice(i + 1).flatMap(({ labels }) => labels)]);
    return contract(a, b, later);
  });
  const summed = sumAway(result, new Set(output));
  return summed.x.permute(output.map(label => summed.labels.indexOf(label)));
}

/** One label for each dimension; the dimensions under "..." get labels counted from the right. */
function labelsOf(equation: string, term: string, x: Tensor): string[] {
  const [before = "", after] = term.split("...");
  const hidden = x.ndim - before.length - (after?.length ?? 0);
  if (hidden < 0 || (after === undefined && hidden !== 0)) {
    throw new RangeError(
      `einsum("${equation}"): "${term}" names ${term.replace("...", "").length} dimensions of an operand of shape ` +
        `${formatShape(shapeOf(x))}.`,
    );
  }
  return [...before, ...ellipsisLabels(after === undefined ? 0 : hidden), ...(after ?? "")];
}

function ellipsisLabels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `.${count - i}`);
}

/** A label that an operand bears twice names its diagonal. */
function withoutRepeats(equation: string, x: Tensor, labels: readonly string[]): Labelled {
  const again = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (again < 0) return { x, labels };
  const first = labels.indexOf(labels[again]!);
  if (x.size(first) !== x.size(again)) {
    throw new RangeError(
      `einsum("${equation}"): the label ${labels[again]} stands for sizes ${x.size(first)} and ${x.size(again)} of one operand.`,
    );
  }
  const rest = labels.filter((_, i) => i !== first && i !== again);
  return withoutRepeats(equation, x.diagonal(0, first, again), [...rest, labels[again]!]);
}

function implicitOutput(terms: readonly string[], operands: readonly Labelled[]): string[] {
  const letters = [...terms.join("").replaceAll(".", "")];
  const once = letters.filter(label => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return [...widestEllipsis(operands), ...once];
}

function outputLabels(right: string, operands: readonly Labelled[]): string[] {
  const [before = "", after] = right.split("...");
  return [...before, ...(after === undefined ? [] : widestEllipsis(operands)), ...(after ?? "")];
}

function widestEllipsis(operands: readonly Labelled[]): string[] {
  return ellipsisLabels(
    Math.max(0, ...operands.map(({ labels }) => labels.filter(l => l.startsWith(".")).length)),
  );
}

function sumAway({ x, labels }: Labelled, keep: ReadonlySet<string>): Labelled {
  const dims = labels.flatMap((label, i) => (keep.has(label) ? [] : [i]));
  return dims.length === 0
    ? { x, labels }
    : { x: x.sum(dims), labels: labels.filter(label => keep.has(label)) };
}

/** The product of two operands, summed over labels that nobody needs later, as one batched matrix product. */
function contract(a: Labelled, b: Labelled, later: ReadonlySet<string>): Labelled {
  const left = sumAway(a, new Set([...later, ...b.labels]));
  const right = sumAway(b, new Set([...later, ...a.labels]));
  const shared = left.labels.filter(label => right.labels.includes(label));
  const summed = shared.filter(label => !later.has(label));
  const batch = shared.filter(label => later.has(label));
  const rows = left.labels.filter(label => !right.labels.includes(label));
  const columns = right.labels.filter(label => !left.labels.includes(label));
  const sizeOf = (label: string): number =>
    [left, right]
      .filter(({ labels }) => labels.includes(label))
      .map(({ x, labels }) => x.size(labels.indexOf(label)))
      .reduce((m, n) => (m === 1 ? n : m));
  const extent = (labels: readonly string[]): number => labels.reduce((n, label) => n * sizeOf(label), 1);

  const arranged = ({ x, labels }: Labelled, groups: readonly (readonly string[])[]): Tensor => {
    const order = groups.flat();
    const sizes = order.map(sizeOf);
    return x
      .permute(order.map(label => labels.indexOf(label)))
      .expand(sizes)
      .reshape(groups.map(extent));
  };
  const A = arranged(left, [batch, rows, summed]);
  const B = arranged(right, [batch, summed, columns]);
  const labels = [...batch, ...rows, ...columns];
  return { x: matmul(A, B).reshape(labels.map(sizeOf)), labels };
}
