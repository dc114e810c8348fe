/** @file Arguments that forward accepts, and how to make more of their kind. */

import { isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import { type Domain, GENERIC } from "./domains.ts";
import { lettersOf, type Pattern, shapesOf } from "./patterns.ts";
import { argumentsOf, type Recipe, type Shapes, slotsOf } from "./recipe.ts";

export interface Sample {
  readonly args: readonly unknown[];
  /** Null where `sampleInputs` gave the arguments. */
  readonly pattern: Found | null;
  /** What restricts the tensors' values most; `pattern.domains` says it of each. */
  readonly domain: Domain;
  /** Whether an argument that is no tensor has another value than in the likeliest sample, or a tensor is left out: so other code may run. */
  readonly isVariant?: boolean;
}

/** What the search found out about arguments that forward accepts. */
export interface Found {
  readonly recipes: readonly Recipe[];
  /** Which argument each tensor is, or is a part of. */
  readonly tensors: readonly number[];
  /** The dimensions of each tensor. */
  readonly letters: Pattern;
  /** The size that each letter stands for here. */
  readonly sizes: readonly number[];
  /** What the values of each tensor are drawn from. */
  readonly domains: readonly Domain[];
}

export function sampleOf(
  recipes: readonly Recipe[],
  letters: Pattern,
  sizes: readonly number[],
  domains: readonly Domain[],
  uniform: () => number,
): Sample {
  const slots = slotsOf(recipes);
  const found: Found = { recipes, tensors: slots.map(({ argument }) => argument), letters, sizes, domains };
  const restricted = domains.find((domain, t) => domain.name !== null && slots[t]!.recipe.discrete === null);
  return { args: drawn(found, uniform), pattern: found, domain: restricted ?? GENERIC };
}

export function isScalar({ args }: Sample): boolean {
  return args.every(arg => !isTensor(arg) || arg.numel() === 1);
}

/** Fresh arguments of a sample's kind, at other values. */
export function resample({ args, pattern }: Sample, uniform: () => number): readonly unknown[] {
  return pattern === null ? args : drawn(pattern, uniform);
}

/**
 * Arguments of a sample's kind with every size that is free another one, and other differences between them; undefined where they were
 * given rather than found.
 * @param more by how much the first size grows
 */
export function elsewhere(
  { pattern }: Sample,
  uniform: () => number,
  more = 1,
): readonly unknown[] | undefined {
  return pattern === null
    ? undefined
    : drawn({ ...pattern, sizes: pattern.sizes.map((n, i) => n + more + i) }, uniform);
}

/** Arguments of a sample's kind with its sizes in the opposite order: a tall matrix for a wide one; undefined where there is no such order. */
export function turned({ pattern }: Sample, uniform: () => number): readonly unknown[] | undefined {
  if (pattern === null) return undefined;
  const sizes = [...pattern.sizes];
  const order = risingLetters(pattern);
  order.forEach((letter, i) => {
    sizes[letter] = pattern.sizes[order.at(-1 - i)!]!;
  });
  if (sizes.every((size, letter) => size === pattern.sizes[letter])) return undefined;
  return drawn({ ...pattern, sizes }, uniform);
}

/** The letters that stand for sizes here, smallest first. */
export function risingLetters({ letters, sizes }: Found): number[] {
  return lettersOf(letters).sort((a, b) => sizes[a]! - sizes[b]!);
}

/** Arguments spread wider, where their domain allows it: what saturates, clips or branches does so somewhere. */
export function wider({ domain }: Sample, args: readonly unknown[]): readonly unknown[] {
  if (domain.name !== null) return args;
  return args.map(arg => {
    if (typeof arg === "number") return Number.isInteger(arg) ? arg : WIDER * arg;
    return isTensor(arg) && arg.isFloatingPoint() ? arg.mul(WIDER) : arg;
  });
}

const WIDER = 2.5;

/** The sample with every size that is free another one. */
export function enlarged(sample: Sample, uniform: () => number): Sample | undefined {
  const args = elsewhere(sample, uniform);
  if (args === undefined || sample.pattern === null) return undefined;
  return { ...sample, args, pattern: { ...sample.pattern, sizes: sample.pattern.sizes.map(n => n + 1) } };
}

/** Arguments of a sample's kind with all sizes alike: shapes that do not fit otherwise may do so there. */
export function ofOneSize(
  { pattern }: Sample,
  size: number,
  uniform: () => number,
): readonly unknown[] | undefined {
  return pattern === null ? undefined : drawn({ ...pattern, sizes: pattern.sizes.map(() => size) }, uniform);
}

/** The same arguments, each number a little off. */
export function nearby(args: readonly unknown[], uniform: () => number): unknown[] {
  return args.map(arg => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
    const off = tensor(Array.from({ length: arg.numel() }, () => 0.04 * (uniform() - 0.5))).reshape(
      arg.shape,
    );
    return arg.detach().mul(off.add(1)).add(off).to(arg.dtype);
  });
}

function drawn({ recipes, letters, sizes, domains }: Found, uniform: () => number): unknown[] {
  return draw(recipes, shapesOf(letters, sizes), domains, uniform);
}

/** Arguments with tensors of these shapes. */
export function draw(
  recipes: readonly Recipe[],
  shapes: Shapes,
  domains: readonly Domain[],
  uniform: () => number,
): unknown[] {
  return argumentsOf(recipes, drawTensors(shapes, domains, uniform), shapes);
}

export function drawTensors(shapes: Shapes, domains: readonly Domain[], uniform: () => number): Tensor[] {
  return shapes.map((shape, t) => drawTensor(shape, domains[t]!, uniform));
}

/** A tensor whose shape its domain does not have is generic. */
export function drawTensor(shape: readonly number[], domain: Domain, uniform: () => number): Tensor {
  return domain.sample(shape, uniform) ?? GENERIC.sample(shape, uniform)!;
}
