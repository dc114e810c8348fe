/** @file Value domains: what the numbers of a tensor may have to be for `forward` to be defined. */

import { eye, linalg, type Tensor, tensor } from "@gradient-lens/engine";

export interface Domain {
  /** For people: "positive values"; null for no restriction. */
  readonly name: string | null;
  /** Values for a shape, or null where the domain has none of that shape. */
  sample(shape: readonly number[], uniform: () => number): Tensor | null;
}

/** Of either sign, not of size 1, and away from 0, where so many functions have a kink or a pole. */
export const GENERIC: Domain = {
  name: null,
  sample: (shape, uniform) => filled(shape, () => signed(uniform)),
};

/** In the order they are tried: the least special first. */
export const DOMAINS: readonly Domain[] = [
  GENERIC,
  entries("positive values", uniform => 0.3 + 2 * uniform()),
  entries("values between 0 and 1", uniform => 0.1 + 0.8 * uniform()),
  entries("values between −1 and 1", uniform => (uniform() < 0.5 ? -1 : 1) * (0.1 + 0.8 * uniform())),
  matrices("symmetric positive definite matrices", positiveDefinite),
  entries("values above 1", uniform => 1.2 + 2 * uniform()),
  rows("probabilities along the last dimension", (n, uniform) => {
    const weights = Array.from({ length: n }, () => 0.2 + uniform());
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map(weight => weight / total);
  }),
  matrices("symmetric matrices", (n, uniform) => {
    const A = table(n, () => signed(uniform));
    return table(n, (i, j) => (A[i]![j]! + A[j]![i]!) / 2 + (i === j ? i : 0));
  }),
  matrices("lower triangular matrices with a positive diagonal", (n, uniform) =>
    table(n, (i, j) => (i < j ? 0 : i === j ? 0.8 + uniform() : signed(uniform))),
  ),
  matrices("upper triangular matrices with a positive diagonal", (n, uniform) =>
    table(n, (i, j) => (i > j ? 0 : i === j ? 0.8 + uniform() : signed(uniform))),
  ),
  matrices("well-conditioned square matrices", (n, uniform) =>
    table(n, (i, j) => (i === j ? 2.5 + i + uniform() : signed(uniform) / 2)),
  ),
  {
    name: "orthonormal columns",
    sample(shape, uniform) {
      if (shape.length < 2 || shape.at(-2)! < shape.at(-1)!) return null;
      return linalg.qr(filled(shape, () => signed(uniform))).Q;
    },
  },
  rows("unit vectors along the last dimension", (n, uniform) => {
    const vector = Array.from({ length: n }, () => signed(uniform));
    const length = Math.hypot(...vector);
    return vector.map(value => value / length);
  }),
  rows("ascending values along the last dimension", (n, uniform) => {
    let value = -0.4 * n;
    return Array.from({ length: n }, () => {
      value += 0.2 + uniform();
      return value;
    });
  }),
  entries("values of 1 and −1", uniform => (uniform() < 0.5 ? -1 : 1)),
  entries("values of 0 and 1", uniform => (uniform() < 0.5 ? 0 : 1)),
  rows("one-hot rows", (n, uniform) => {
    const hot = Math.min(n - 1, Math.floor(uniform() * n));
    return Array.from({ length: n }, (_, i) => (i === hot ? 1 : 0));
  }),
];

/** Domains that contain another and come later in the list, or that may do for a tensor where the other did for all. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  "values between 0 and 1": ["positive values", "values between −1 and 1"],
  "values above 1": ["positive values"],
  "symmetric positive definite matrices": ["symmetric matrices"],
  "probabilities along the last dimension": ["positive values", "values between 0 and 1"],
  "lower triangular matrices with a positive diagonal": ["well-conditioned square matrices"],
  "upper triangular matrices with a positive diagonal": ["well-conditioned square matrices"],
};

/** What to try instead of a domain that was accepted, widest first. */
export function widerThan(domain: Domain): Domain[] {
  if (domain === GENERIC) return [];
  return [GENERIC, ...(WIDER[domain.name ?? ""] ?? []).map(domainNamed)];
}

/** @param name One that DOMAINS has. */
export function domainNamed(name: string): Domain {
  const domain = DOMAINS.find(candidate => candidate.name === name);
  if (domain === undefined) throw new RangeError(`there is no domain "${name}"`);
  return domain;
}

function positiveDefinite(n: number, uniform: () => number): number[][] {
  const A = table(n, () => signed(uniform));
  return table(n, (i, j) => (i === j ? 1 : 0) + A[i]!.reduce((sum, value, k) => sum + value * A[j]![k]!, 0));
}

export function signed(uniform: () => number): number {
  const size = 0.2 + 1.6 * uniform();
  return uniform() < 0.5 ? -size : size;
}

export function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

export function filled(shape: readonly number[], value: () => number): Tensor {
  const values = new Float64Array(count(shape));
  for (let i = 0; i < values.length; i++) values[i] = value();
  return tensor(values).reshape([...shape]);
}

export function identity(shape: readonly number[]): Tensor {
  return eye(shape.at(-2)!, shape.at(-1)!)
    .expand([...shape])
    .clone();
}

function table(n: number, value: (i: number, j: number) => number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => value(i, j)));
}

/** Entries that know nothing of each other. */
function entries(name: string, value: (uniform: () => number) => number): Domain {
  return { name, sample: (shape, uniform) => filled(shape, () => value(uniform)) };
}

/** Each row along the last dimension by itself. */
function rows(name: string, row: (n: number, uniform: () => number) => number[]): Domain {
  return {
    name,
    sample(shape, uniform) {
      const n = shape.at(-1);
      if (n === undefined || n < 2) return null;
      const all = Array.from({ length: count(shape) / n }, () => row(n, uniform)).flat();
      return tensor(Float64Array.from(all)).reshape([...shape]);
    },
  };
}

/** Square matrices, or batches of them. */
function matrices(
  name: string,
  matrix: (n: number, uniform: () => number) => readonly (readonly number[])[],
): Domain {
  return {
    name,
    sample(shape, uniform) {
      const n = shape.at(-1);
      if (n === undefined || shape.at(-2) !== n || n === 0) return null;
      const all = Array.from({ length: count(shape) / (n * n) }, () => matrix(n, uniform)).flat(2);
      return tensor(Float64Array.from(all)).reshape([...shape]);
    },
  };
}
