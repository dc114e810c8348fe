/** @file The kinds of inputs for which a backward that is wrong in general is right. */

import { isTensor } from "@gradient-lens/engine";
import { type JudgedFunction, judge } from "@gradient-lens/engine/judge";
import type { Sample } from "./sample.ts";
import { drawnSeed } from "./seeded.ts";
import { special } from "./special.ts";

/** Structures by which people narrow a rule without noticing; all-ones, say, hide nearly every mistake, and so tell nothing. */
export const TELLING = /^(symmetric|positive definite|orthonormal|unit-norm|row-wise unit-norm|size 1) /;

/** As many more arguments of a kind are looked at before it is named. */
const MORE = 2;

/** The first of these kinds for which backward is right: "symmetric A". */
export function rightFor(
  kinds: RegExp,
  fn: JudgedFunction,
  sample: Sample,
  names: readonly string[],
  uniform: () => number,
): string | null {
  const isRight = (args: readonly unknown[]): boolean => {
    const ruling = judge(fn, args, drawnSeed(uniform), { thorough: false });
    return ruling.kind === "agrees" && ruling.reports.some(({ verdict }) => verdict === "correct");
  };
  for (const { name, args } of special(fn, sample, names, uniform)) {
    if (!kinds.test(name) || args.every(arg => !isTensor(arg) || arg.numel() === 1)) continue;
    if (!isRight(args) || (name.startsWith("size 1") && isWrongWithOtherSigns(args))) continue;
    if (againOf(name).every(isRight)) return name;
  }
  return null;

  /** Of few numbers all may happen to be positive. */
  function isWrongWithOtherSigns(args: readonly unknown[]): boolean {
    const others = args.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? arg.neg() : arg));
    return judge(fn, others, drawnSeed(uniform), { thorough: false }).kind === "differs";
  }

  /** Which may be right by another accident. */
  function againOf(kind: string): (readonly unknown[])[] {
    const more: (readonly unknown[])[] = [];
    for (let i = 0; i < MORE; i++) {
      for (const { name, args } of special(fn, sample, names, uniform)) {
        if (name !== kind) continue;
        more.push(args);
        break;
      }
    }
    return more;
  }
}
