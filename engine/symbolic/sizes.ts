/**
 * @file Numbers in a formula that come of sizes: the 6 of a mean over six elements. They are told by deriving the same formula at
 * arguments of other sizes, and are then written as what they are, `x.numel()`.
 */

import { toFlatArray } from "../tensor/creation.ts";
import { numelOf } from "../tensor/shape.ts";
import { coefficientOf } from "./algebra.ts";
import { squarePattern } from "./constants.ts";
import { type Expression, isCalled, type Leaf } from "./expression.ts";

/** A coefficient that is `times` · size, or `times` / size, or √size for size. */
export interface SizeFactor {
  readonly times: number;
  /** Whether it is divided by the size. */
  readonly divides: boolean;
  readonly leaf: Leaf;
  /** Which dimension's size; null for the number of elements. */
  readonly dim: number | null;
  /** What is taken off the size: 1 for a sample variance. */
  readonly less: 0 | 1;
  /** Whether it is the square root of that. */
  readonly root: boolean;
}

interface Candidate {
  readonly leaf: Leaf;
  readonly dim: number | null;
  readonly less: 0 | 1;
  readonly root: boolean;
  readonly first: number;
  readonly second: number;
}

/**
 * The coefficients in `first` that come of sizes, by the expression that they scale.
 * @param second the same formulas derived at other sizes
 * @param leaves tensors of the first, of which sizes may be asked, and by name those of the second
 * @returns null where the formulas differ in more than that: they are then not for any size
 */
export function sizeFactors(
  first: readonly (Expression | null)[],
  second: readonly (Expression | null)[],
  leaves: readonly Leaf[],
  others: readonly Leaf[],
): Map<Expression, SizeFactor> | null {
  const candidates = candidatesOf(leaves, others);
  const factors = new Map<Expression, SizeFactor>();
  const met = new Map<Expression, Expression>();
  const same = (a: Expression, b: Expression): boolean => {
    const before = met.get(a);
    if (before !== undefined) return before === b;
    met.set(a, b);
    const [p, q] = [coefficientOf(a), coefficientOf(b)];
    const signs = isCalled(a, "neg") && isCalled(b, "neg");
    if (!signs && (p.coefficient !== 1 || q.coefficient !== 1)) {
      if (p.coefficient !== q.coefficient) {
        const factor = factorOf(p.coefficient, q.coefficient, candidates);
        if (factor === null) return false;
        factors.set(a, factor);
      }
      return p.rest === a || q.rest === b ? false : same(p.rest, q.rest);
    }
    if (a.kind === "leaf") return b.kind === "leaf" && a.name === b.name;
    if (a.kind === "constant") return sameConstant(a, b);
    return (
      b.kind === "application" &&
      a.call.name === b.call.name &&
      a.output === b.output &&
      a.call.inputs.length === b.call.inputs.length &&
      sameSettings(a.call.name, a.call.params, b.call.params) &&
      a.call.inputs.every((input, i) => same(input, b.call.inputs[i]!))
    );
  };
  const holds = first.every((a, i) => {
    const b = second[i] ?? null;
    return a === null || b === null ? a === b : same(a, b);
  });
  return holds ? factors : null;
}

function sameConstant(a: Expression, b: Expression): boolean {
  if (a.kind !== "constant" || b.kind !== "constant" || a.shape.length !== b.shape.length) return false;
  if (a.uniform !== null || b.uniform !== null) return a.uniform === b.uniform;
  const [p, q] = [squarePattern(a), squarePattern(b)];
  if (p !== null && q !== null) return p.everywhere === q.everywhere && p.diagonal === q.diagonal;
  return String(toFlatArray(a.value)) === String(toFlatArray(b.value));
}

/** Shapes are asked of tensors when they are written; all other settings must be the same. */
function sameSettings(name: string, a: unknown, b: unknown): boolean {
  if (name === "reshape" || name === "expand") return (a as unknown[]).length === (b as unknown[]).length;
  const text = (params: unknown): string =>
    JSON.stringify(params, (key, value) => (key === "shape" || key === "size" ? null : value)) ?? "";
  return text(a) === text(b);
}

function candidatesOf(leaves: readonly Leaf[], others: readonly Leaf[]): Candidate[] {
  return leaves.flatMap((leaf): Candidate[] => {
    const other = others.find(({ name }) => name === leaf.name);
    if (other === undefined || other.shape.length !== leaf.shape.length) return [];
    const sizes: Candidate[] = [
      {
        leaf,
        dim: null,
        less: 0,
        root: false,
        first: numelOf(leaf.shape),
        second: numelOf(other.shape),
      },
      ...leaf.shape.map((n, dim) => ({
        leaf,
        dim,
        less: 0 as const,
        root: false,
        first: n,
        second: other.shape[dim]!,
      })),
    ];
    const reduced = sizes.map(size => ({
      ...size,
      less: 1 as const,
      first: size.first - 1,
      second: size.second - 1,
    }));
    const roots = sizes.map(size => ({
      ...size,
      root: true,
      first: Math.sqrt(size.first),
      second: Math.sqrt(size.second),
    }));
    return [...sizes, ...reduced, ...roots].filter(
      ({ first, second }) => first !== second && first > 0 && second > 0,
    );
  });
}

/** The size that explains both numbers with the simplest factor beside it. */
function factorOf(first: number, second: number, candidates: readonly Candidate[]): SizeFactor | null {
  let best: SizeFactor | null = null;
  const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.abs(a);
  for (const { leaf, dim, less, root, ...size } of candidates) {
    for (const divides of [true, false]) {
      const times = divides ? first * size.first : first / size.first;
      if (!isNear(times, divides ? second * size.second : second / size.second)) continue;
      const rounded = isNear(times, Math.round(times)) ? Math.round(times) : times;
      if (best === null || oddity(rounded) < oddity(best.times))
        best = { times: rounded, divides, leaf, dim, less, root };
    }
  }
  return best;
}

/** Whole numbers before broken ones, small before large. */
function oddity(n: number): number {
  return Math.abs(n) + (Number.isInteger(n) ? 0 : 1000);
}
