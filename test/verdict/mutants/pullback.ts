/** @file What a rule's backward makes of generic cotangents, by the engine's public `grad`; and whether two rules differ. */

import { autograd, isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import { Generator, resetState } from "@gradient-lens/engine/judge";
import { elements, type Point, type RuleClass } from "./points.ts";

/** For each cotangent and each tensor argument in a row: the gradient's elements. */
export type Pullback = readonly (readonly number[])[];

/** Below this, relative to the gradient's scale, two gradients are the same. */
const SAME = 1e-9;

/**
 * Cotangents of one point: of both signs, their sizes on both sides of 1, some of them multiples of one another.
 * What a rule does to |g|, g² or a sum of g shows at one of these.
 */
const MULTIPLES = [
  { draw: 0, factor: 1 },
  { draw: 0, factor: -2.3 },
  { draw: 1, factor: 0.31 },
];

/**
 * @returns null where forward or backward throws, or gives the wrong number or shape of gradients
 */
export function pullbackAt(rule: RuleClass, point: Point): Pullback | null {
  try {
    return pulled(rule, point);
  } catch {
    return null;
  }
}

function pulled(rule: RuleClass, point: Point): Pullback | null {
  resetState(0);
  const leaves = point.map(arg =>
    isTensor(arg) ? (arg.isFloatingPoint() ? arg.clone().requiresGrad_() : arg.clone()) : arg,
  );
  // Not the leaves themselves: those may not be changed in place.
  const result = rule.apply(...leaves.map(leaf => (isTensor(leaf) ? leaf.clone() : leaf)));
  const outputs = (Array.isArray(result) ? result : [result]).filter(
    (output): output is Tensor => isTensor(output) && output.requiresGrad,
  );
  const inputs = leaves.filter((leaf): leaf is Tensor => isTensor(leaf) && leaf.isFloatingPoint());
  if (outputs.length === 0 || !outputs.every(hasFiniteElements)) return null;
  const gradients: number[][] = [];
  for (const { draw, factor } of MULTIPLES) {
    const random = new Generator(17 + draw);
    const gradOutputs = outputs.map(output => cotangentFor(output, factor, random));
    const grads = autograd.grad(outputs, inputs, { gradOutputs, materializeGrads: true, retainGraph: true });
    gradients.push(...grads.map(elements));
  }
  return gradients;
}

function cotangentFor(output: Tensor, factor: number, random: Generator): Tensor {
  const values = Array.from({ length: output.numel() }, () => {
    const size = 0.5 + 2 * random.uniform("float64");
    return factor * (random.uint32() % 2 === 0 ? size : -size);
  });
  return tensor(values, { dtype: output.dtype }).reshape(output.shape);
}

function hasFiniteElements(output: Tensor): boolean {
  return elements(output).every(Number.isFinite);
}

export function isFinitePullback(pullback: Pullback): boolean {
  return pullback.every(gradient => gradient.every(Number.isFinite));
}

/**
 * What rounding alone can make of the rule's gradients at a point: how far they move where the arguments move by their
 * last digits. At a nearly singular matrix two ways to write one rule differ by this.
 */
export function roundingOf(rule: RuleClass, point: Point, pullback: Pullback): number[] {
  const moved = pullbackAt(
    rule,
    point.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? lastDigitsMoved(arg) : arg)),
  );
  return pullback.map((gradient, g) => (moved === null ? 0 : largestDifference(gradient, moved[g]!)));
}

function lastDigitsMoved(arg: Tensor): Tensor {
  const signs = elements(arg).map((_, i) => (i % 3 === 0 ? 1 : -1) * LAST_DIGITS);
  return arg.mul(tensor(signs, { dtype: arg.dtype }).reshape(arg.shape).add(1));
}

/** A point beside this one: off ties, zeros and other places where a function has no derivative. */
export function besides(point: Point): Point {
  const random = new Generator(29);
  return point.map(arg => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
    const values = elements(arg);
    const size = largest(values) || 1;
    const moved = values.map(value => {
      const step = (0.5 + random.uniform("float64")) * (random.uint32() % 2 === 0 ? 1 : -1);
      return value + step * (value === 0 ? NEARBY ** 2 * size : NEARBY * Math.abs(value));
    });
    return tensor(moved, { dtype: arg.dtype }).reshape(arg.shape);
  });
}

/** Relative. */
const NEARBY = 1e-3;
/** Relative: four units in the last place. */
const LAST_DIGITS = 4 * Number.EPSILON;
/** A difference counts that is this many times what rounding makes. */
const OVER_ROUNDING = 50;

/**
 * Whether a gradient of `b` is off the same of `a` by more than rounding. A NaN in one alone is.
 * @param rounding what rounding makes of each gradient of `a`
 */
export function differs(a: Pullback, b: Pullback, rounding: readonly number[] = []): boolean {
  return a.some((gradient, g) => {
    const allowed = Math.max(SAME * largest(gradient), OVER_ROUNDING * (rounding[g] ?? 0));
    return gradient.some((value, i) => {
      const other = b[g]![i]!;
      if (Number.isNaN(value) || Number.isNaN(other)) return Number.isNaN(value) !== Number.isNaN(other);
      return value !== other && !(Math.abs(value - other) <= allowed);
    });
  });
}

function largest(values: readonly number[]): number {
  return values.reduce((size, value) => (Math.abs(value) > size ? Math.abs(value) : size), 0);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return largest(a.map((value, i) => value - b[i]!));
}
