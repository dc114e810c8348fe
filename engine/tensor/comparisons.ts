/**
 * @file Watches which ways comparisons go. Code branches by masks: where one held nowhere, what it lets through was never run on
 * anything.
 */

import type { NumericArray } from "./dtype.ts";

/** For each comparison, in the order they were made: {@link HELD} where it held for some element, {@link FAILED} where it did not, or both. */
export type Outcomes = number[];

export const HELD = 1;
export const FAILED = 2;

/** Loops compare again and again; so many tell enough. */
const MOST_WATCHED = 64;

let watched: Outcomes | null = null;

/** Appends the outcomes of all comparisons that `body` makes to `outcomes`. */
export function watchComparisons<T>(outcomes: Outcomes, body: () => T): T {
  const before = watched;
  watched = outcomes;
  try {
    return body();
  } finally {
    watched = before;
  }
}

/** @param truths of all elements, from `start` on: 0 for false */
export function noteComparison(truths: NumericArray, start: number, count: number): void {
  if (watched === null || watched.length === MOST_WATCHED) return;
  let outcome = 0;
  for (let i = start; i < start + count; i++) outcome |= truths[i] === 0 ? FAILED : HELD;
  watched.push(outcome);
}
