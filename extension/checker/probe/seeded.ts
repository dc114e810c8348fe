/** @file Random numbers that are the same for the same seed. */

import { Generator } from "@gradient-lens/engine/judge";

/** Draws numbers in [0, 1). */
export function uniformFrom(seed: number): () => number {
  const random = new Generator(seed);
  return () => random.uniform("float64");
}

/** A seed for what draws numbers of its own. */
export function drawnSeed(uniform: () => number): number {
  return Math.floor(uniform() * 2 ** 32);
}
