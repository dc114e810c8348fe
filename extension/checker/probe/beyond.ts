/** @file A second look at a backward that passed: at other sizes, in another order, and where comparisons go other ways. */

import { type Glance, glanceAt, isSteady, judge, outcomesAt } from "@gradient-lens/engine/judge";
import type { Branches } from "./branches.ts";
import type { Examined } from "./inputs.ts";
import { isUndecided, type Ruled } from "./ruled.ts";
import { elsewhere, isScalar, resample, type Sample, turned, wider } from "./sample.ts";
import { drawnSeed, uniformFrom } from "./seeded.ts";
import { accepts } from "./trials.ts";

/** By how much sizes grow for a look at others: beyond those that code may ask for. */
const MORE = 3;
/** As many points in a row are drawn in vain to find one at which a comparison goes another way; and as many in all. */
const MOST_IN_VAIN = 8;
const MOST_DRAWS = 24;
/** Where forward reads numbers out, it may branch by them unseen: so many points more. */
const POINTS_WITHOUT_TAPE = 6;

/** What is said against a backward at other sizes: a number that is one, 2 for √4 say, is right at that size alone. */
export function atOtherSizes(
  fn: Examined,
  sample: Sample,
  constant: ReadonlySet<number>,
  seed: number,
): Ruled | null {
  const uniform = uniformFrom(seed);
  const other = isScalar(sample) ? undefined : elsewhere(sample, uniform, MORE);
  if (other === undefined) return null;
  const args = [wider(sample, other), other].find(found => accepts(fn, found));
  return args === undefined ? null : objectionAt(fn, args, drawnSeed(uniform), constant);
}

/**
 * A backward that has agreed, where what was smaller is larger: a tall matrix may go another way than a wide one. What is said against
 * it, or what a glance says that shows it right; null where neither is to be had.
 */
export function atTurnedSizes(
  fn: Examined,
  sample: Sample,
  constant: ReadonlySet<number>,
  seed: number,
  uniform: () => number,
): Glance | Ruled | null {
  const args = turned(sample, uniform);
  if (args === undefined) return null;
  const glance = glanceAt(fn, args, drawnSeed(uniform), constant);
  if (glance !== null) return glance.by === "tape" ? glance : null;
  if (!accepts(fn, args) || !isSteady(fn, args, drawnSeed(uniform))) return null;
  const objection = judgedAt(fn, args, drawnSeed(uniform), constant);
  if (objection === null) return null;
  return atOtherSizes(fn, sample, constant, seed) ?? { ...objection, isTurned: true };
}

/** What is said against a backward where comparisons go ways that they have not gone at the points before. */
export function atOtherBranches(
  fn: Examined,
  sample: Sample,
  branches: Branches,
  hasTape: boolean,
  constant: ReadonlySet<number>,
  seed: number,
): Ruled | null {
  const isAnyPoint = !hasTape && !isScalar(sample);
  if (sample.pattern === null || (branches.areAllSeen && !isAnyPoint)) return null;
  const uniform = uniformFrom(seed);
  const blind = isAnyPoint ? POINTS_WITHOUT_TAPE : 0;
  let inVain = 0;
  for (let draw = 0; draw < MOST_DRAWS && (draw < blind || !branches.areAllSeen); draw++) {
    const drawn = resample(sample, uniform);
    const args = draw % 2 === 0 ? wider(sample, drawn) : drawn;
    const outcomes = outcomesAt(fn, args);
    const isNews = outcomes !== null && branches.isNews(outcomes);
    inVain = isNews ? 0 : inVain + 1;
    if (inVain > MOST_IN_VAIN) break;
    if (outcomes === null || !(isNews || draw < blind) || !accepts(fn, args)) continue;
    const objection = objectionAt(fn, args, drawnSeed(uniform), constant);
    if (objection !== null) return objection;
    branches.note(outcomes);
  }
  return null;
}

/** What is said against a backward that has agreed elsewhere: most often nothing, which a glance tells. */
function objectionAt(
  fn: Examined,
  args: readonly unknown[],
  seed: number,
  constant: ReadonlySet<number>,
): Ruled | null {
  return glanceAt(fn, args, seed, constant) === null ? judgedAt(fn, args, seed, constant) : null;
}

function judgedAt(
  fn: Examined,
  args: readonly unknown[],
  seed: number,
  constant: ReadonlySet<number>,
): Ruled | null {
  const ruling = judge(fn, args, seed, { thorough: false, constant });
  return ruling.kind === "agrees" || isUndecided(ruling) ? null : { ruling, args };
}
