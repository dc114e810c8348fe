/** @file Hypotheses about gradients as a whole, from numbers alone: nothing, another argument's, another cotangent, a factor. */

import { isTensor, type Tensor } from "@gradient-lens/engine";
import { type Case, flat, partsOf, type Scene } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import { factorExplanation } from "./factor.ts";
import { alike, isZero, multiple } from "./numbers-alike.ts";

export function explainWhole(c: Case): Explanation | null {
  return (
    zero(c) ??
    order(c) ??
    independent(c) ??
    constantAdded(c) ??
    overwritten(c) ??
    otherCotangent(c) ??
    clipped(c) ??
    factor(c)
  );
}

const nameOf = (c: Case, i: number): string => c.names[i] ?? `argument ${i}`;

function zero(c: Case): Explanation | null {
  const all = c.wrong.find(i =>
    c.scenes.every(({ returned, expected }) => {
      const got = returned[i];
      return (got == null || isZero(got)) && expected[i] != null && !isZero(expected[i]);
    }),
  );
  return all === undefined ? null : { kind: "gradient-zero", details: { argument: nameOf(c, all) } };
}

/** Each wrong gradient is right for another argument. */
function order(c: Case): Explanation | null {
  if (c.wrong.length === 0) return null;
  const taken = new Map<number, number>();
  for (const i of c.wrong) {
    const owner = c.scenes[0].expected.findIndex(
      (_, j) =>
        j !== i &&
        ![...taken.values()].includes(j) &&
        c.scenes.every(({ returned, expected }) => agrees(returned[i], expected[j])),
    );
    if (owner < 0) return null;
    taken.set(i, owner);
  }
  const [[i, j]] = taken as unknown as [[number, number]];
  return { kind: "wrong-order", details: { argument: nameOf(c, i), instead: nameOf(c, j) } };
}

function agrees(a: Float64Array | null | undefined, b: Float64Array | null | undefined): boolean {
  return a != null && b != null && !isZero(b) && alike(a, b);
}

/** The same whatever flows in. */
function independent(c: Case): Explanation | null {
  const constant =
    c.wrong.length > 0 &&
    c.scenes.every(({ oracle, cotangent, returned }) => {
      const scaled = oracle.returned(cotangent.map(g => -0.37 * g - 0.2));
      return (
        scaled !== null &&
        c.wrong.every(i => returned[i] != null && !isZero(returned[i]) && agrees(scaled[i], returned[i]))
      );
    });
  return constant ? { kind: "grad-output-missing", details: {} } : null;
}

/** Right but for what is returned where zeros flow in, however small that is. */
function constantAdded(c: Case): Explanation | null {
  let added = false;
  const holds = c.scenes.every(({ oracle, returned, expected, cotangent }) => {
    const offset = oracle.returned(new Float64Array(cotangent.length));
    return (
      offset !== null &&
      expected.every((right, i) => {
        const [b, got] = [offset[i], returned[i]];
        if (right === null || b == null || got == null) return right === null;
        added ||= !isZero(b);
        return alike(
          got.map((value, k) => value - b[k]!),
          right,
        );
      })
    );
  });
  return holds && added ? { kind: "constant-added", details: {} } : null;
}

/** Entries of the output that are asked for one by one. */
const MOST_ENTRIES = 60;

/** Where several entries of the output add to one of the input, the last one's share stands alone. */
function overwritten(c: Case): Explanation | null {
  const [scene] = c.scenes;
  const indexed = scene.args.some(arg => isTensor(arg) && !arg.isFloatingPoint());
  if (!indexed || scene.cotangent.length > MOST_ENTRIES) return null;
  const i = c.wrong.find(argument => c.scenes.every(each => isLastShare(each, argument)));
  return i === undefined ? null : { kind: "overwritten", details: { argument: nameOf(c, i) } };
}

function isLastShare({ oracle, cotangent, returned }: Scene, i: number): boolean {
  const got = returned[i];
  if (got == null) return false;
  const last = new Float64Array(got.length);
  for (const [k, g] of cotangent.entries()) {
    const seed = new Float64Array(cotangent.length);
    seed[k] = g;
    oracle.expected(seed)?.[i]?.forEach((share, j) => {
      if (share !== 0) last[j] = share;
    });
  }
  return !isZero(last) && alike(got, last);
}

interface Distortion {
  readonly kind: "grad-output-distorted" | "grad-output-reduced";
  /** As maths; `g` is what flows in. */
  readonly text: (g: string) => string;
  readonly make: (g: Tensor) => Tensor | null;
}

const DISTORTIONS: readonly Distortion[] = [
  { kind: "grad-output-distorted", text: g => `|${g}|`, make: g => g.abs() },
  { kind: "grad-output-distorted", text: g => `relu(${g})`, make: g => g.relu() },
  { kind: "grad-output-distorted", text: g => `${g}²`, make: g => g.square() },
  { kind: "grad-output-distorted", text: g => `sign(${g})`, make: g => g.sign() },
  { kind: "grad-output-reduced", text: g => `Σ(${g})`, make: g => g.sum().expand(g.shape) },
  { kind: "grad-output-reduced", text: g => `mean(${g})`, make: g => g.mean().expand(g.shape) },
  ...["₀", "₁", "₂"].flatMap((subscript, d): Distortion[] => [
    {
      kind: "grad-output-reduced",
      text: g => `Σ${subscript}(${g})`,
      make: g => (g.ndim > d ? g.sum(d, true).expand(g.shape) : null),
    },
    {
      kind: "grad-output-reduced",
      text: g => `mean${subscript}(${g})`,
      make: g => (g.ndim > d ? g.mean(d, true).expand(g.shape) : null),
    },
  ]),
];

/** Right for something else than what flows in. */
function otherCotangent(c: Case): Explanation | null {
  const found = DISTORTIONS.find(
    ({ make }) => c.wrong.length > 0 && c.scenes.every(scene => returnsFor(c, scene, make)),
  );
  if (found === undefined) return null;
  return { kind: found.kind, details: { part: found.text(c.gradName), instead: c.gradName } };
}

function returnsFor(c: Case, { oracle, cotangent, returned }: Scene, make: Distortion["make"]): boolean {
  const parts = partsOf(cotangent, oracle.shapes).map(g => (g === null ? null : make(g)));
  const other = Float64Array.from(parts.filter(isTensor).flatMap(flat));
  if (other.length !== cotangent.length || alike(other, cotangent)) return false;
  const right = oracle.expected(other);
  return right !== null && c.wrong.every(i => agrees(returned[i], right[i]));
}

/** Right for small gradients, and held back for large ones. */
function clipped(c: Case): Explanation | null {
  const holds = c.scenes.every(({ oracle, cotangent }) => {
    const small = cotangent.map(g => 1e-3 * g);
    const large = cotangent.map(g => 1e4 * g);
    const [near, far, right] = [oracle.returned(small), oracle.returned(large), oracle.expected(small)];
    if (near === null || far === null || right === null) return false;
    const fits = right.every((values, i) => values === null || (near[i] != null && alike(near[i], values)));
    return (
      fits &&
      right.some(
        (values, i) =>
          values !== null &&
          far[i] != null &&
          !alike(
            far[i],
            values.map(value => 1e7 * value),
          ),
      )
    );
  });
  return holds
    ? { kind: "grad-output-distorted", details: { part: `clip(${c.gradName})`, instead: c.gradName } }
    : null;
}

/** A multiple of what is right. */
function factor(c: Case): Explanation | null {
  for (const i of c.wrong) {
    const found = factorOf(c.scenes, i);
    if (found === null || found === 0) continue;
    const elsewhere = c.larger === null ? null : factorOf([c.larger], i);
    return factorExplanation(c, found, elsewhere, { argument: nameOf(c, i) });
  }
  return null;
}

function factorOf(scenes: readonly Scene[], i: number): number | null {
  let factor: number | null = null;
  for (const { returned, expected } of scenes) {
    const [got, right] = [returned[i], expected[i]];
    if (got == null || right == null || isZero(right)) continue;
    const here = multiple(got, right);
    if (here === null || (factor !== null && Math.abs(here - factor) > 1e-7 * Math.max(1, Math.abs(factor))))
      return null;
    factor = here;
  }
  return factor;
}
