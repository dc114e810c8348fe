/**
 * @file Arguments at which a wrong rule may look right: a missing transpose at a symmetric matrix, a missing
 * normalization at a unit vector, a mean for a sum at size 1.
 */

import { type FunctionClass, isTensor, noGrad, ones, type Tensor, tensor } from "@gradient-lens/engine";
import { tensorNames } from "./domain.ts";
import { type Domain, domainNamed, identity } from "./domains.ts";
import { type Discrete, discrete } from "./index-tensors.ts";
import { formatLetter, lettersOf, shapesOf } from "./patterns.ts";
import { argumentsOf, type Shapes, slotsOf } from "./recipe.ts";
import { draw, drawTensors, type Found, type Sample } from "./sample.ts";
import { accepts } from "./trials.ts";

export interface SpecialArguments {
  /** For people: "symmetric A", "N = 1". */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Structures of one tensor: null where it cannot have it. */
const STRUCTURES: readonly (readonly [string, (t: Tensor, uniform: () => number) => Tensor | null])[] = [
  ["symmetric", t => (isSquare(t) ? t.add(t.mT).div(2) : null)],
  ["positive definite", fromDomain("symmetric positive definite matrices")],
  ["orthonormal", fromDomain("orthonormal columns")],
  ["diagonal", t => (isSquare(t) ? t.mul(identity(t.shape)) : null)],
  ["identity", t => (isSquare(t) ? identity(t.shape) : null)],
  ["unit-norm", t => (t.ndim > 0 ? t.div(t.pow(2).sum().sqrt()) : null)],
  ["row-wise unit-norm", t => (t.ndim > 1 ? t.div(t.pow(2).sum(-1, true).sqrt()) : null)],
  ["constant", t => (t.ndim > 0 ? ones(t.shape).mul(0.7) : null)],
  ["all-ones", t => ones(t.shape)],
  ["positive", t => t.abs()],
  ["sorted", t => (t.ndim > 0 ? t.sort(-1).values : null)],
];

/**
 * Variants of a sample that forward accepts, each special in one respect. Made one at a time, when asked for.
 *
 * @param names Of forward's parameters.
 */
export function* special(
  definition: FunctionClass,
  sample: Sample,
  names: readonly string[],
  uniform: () => number,
): Generator<SpecialArguments> {
  const variants =
    sample.pattern === null
      ? ofGiven(sample.args, names, uniform)
      : ofFound(sample.pattern, tensorNames(sample.pattern, names), uniform);
  for (const variant of variants) if (accepts(definition, variant.args)) yield variant;
}

function* ofGiven(
  args: readonly unknown[],
  names: readonly string[],
  uniform: () => number,
): Generator<SpecialArguments> {
  for (const [i, arg] of args.entries()) {
    if (!isTensor(arg)) continue;
    for (const { adjective, value } of structured(arg, uniform))
      yield { name: `${adjective} ${names[i] ?? `argument ${i}`}`, args: args.with(i, value) };
  }
}

function* ofFound(
  { recipes, letters, sizes, domains }: Found,
  names: readonly string[],
  uniform: () => number,
): Generator<SpecialArguments> {
  const shapes = shapesOf(letters, sizes);
  const fresh = (): Tensor[] => drawTensors(shapes, domains, uniform);
  for (const [t, name] of names.entries()) {
    const tensors = fresh();
    for (const { adjective, value } of structured(tensors[t]!, uniform))
      yield { name: `${adjective} ${name}`, args: argumentsOf(recipes, tensors.with(t, value), shapes) };
  }
  for (const [a, b] of pairs(shapes, domains)) {
    const tensors = fresh();
    const args = argumentsOf(recipes, tensors.with(b, tensors[a]!.clone()), shapes);
    yield { name: `${names[a]} equal to ${names[b]}`, args };
  }
  for (const letter of lettersOf(letters)) {
    const single = shapesOf(letters, sizes.with(letter, 1));
    // Indices may have been below that very size.
    const inRange = domains.map((domain, t) =>
      discreteAt(recipes, t) === null ? domain : discrete(discreteAt(recipes, t)!, leastSize(single)),
    );
    yield { name: `size 1 for ${formatLetter(letter)}`, args: draw(recipes, single, inRange, uniform) };
  }
}

function discreteAt(recipes: Found["recipes"], t: number): Discrete | null {
  return slotsOf(recipes)[t]!.recipe.discrete;
}

function leastSize(shapes: Shapes): number {
  return Math.max(1, Math.min(...shapes.flat()));
}

/** Floating-point tensors of the same shape and domain. */
function* pairs(shapes: Shapes, domains: readonly Domain[]): Generator<readonly [number, number]> {
  for (let a = 0; a < shapes.length; a++) {
    for (let b = a + 1; b < shapes.length; b++) {
      if (domains[a] === domains[b] && shapes[a]!.join() === shapes[b]!.join()) yield [a, b];
    }
  }
}

interface Structured {
  readonly adjective: string;
  readonly value: Tensor;
}

function* structured(t: Tensor, uniform: () => number): Generator<Structured> {
  if (t.dtype === "int64") {
    const distinct = withoutDuplicates(t);
    if (distinct !== null) yield { adjective: "duplicate-free", value: distinct };
  }
  if (!t.isFloatingPoint()) return;
  for (const [adjective, structure] of STRUCTURES) {
    const value = noGrad(() => structure(t, uniform));
    if (value !== null) yield { adjective, value };
  }
}

/** 0, 1, 2, …, null where there are more indices than values they can have. */
function withoutDuplicates(t: Tensor): Tensor | null {
  const values = t.reshape([-1]).tolist() as number[];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length < 2 || most - least + 1 < values.length) return null;
  return tensor(
    values.map((_, i) => least + i),
    { dtype: "int64" },
  ).reshape(t.shape);
}

function isSquare(t: Tensor): boolean {
  return t.ndim >= 2 && t.shape.at(-1) === t.shape.at(-2);
}

function fromDomain(name: string): (t: Tensor, uniform: () => number) => Tensor | null {
  return (t, uniform) => domainNamed(name).sample(t.shape, uniform);
}
