/** @file The kinds of inputs for which a backward that is wrong in general is right. */

import { isTensor } from "@gradient-lens/engine";
import { type JudgedFunction, judge } from "@gradient-lens/engine/judge";
import type { Sample } from "./sample.ts";
import { special } from "./special.ts";

/** Structures by which people narrow a rule without noticing; all-ones, say, hide nearly every mistake, and so tell nothing. */
export const TELLING = /^(symmetric|positive definite|orthonormal|unit-norm|row-wise unit-norm|size 1) /;

/** The first of these kinds for which backward is right: "symmetric A". */
export function rightFor(
  kinds: RegExp,
  fn: JudgedFunction,
  sample: Sample,
  names: readonly string[],
  uniform: () => number,
): string | null {
  for (const { name, args } of special(fn, sample, names, uniform)) {
    if (!kinds.test(name) || args.every(arg => !isTensor(arg) || arg.numel() === 1)) continue;
    const ruling = judge(fn, args, Math.floor(uniform() * 2 ** 32), { thorough: false });
    if (ruling.kind === "agrees" && ruling.reports.some(({ verdict }) => verdict === "correct")) return name;
  }
  return null;
}
