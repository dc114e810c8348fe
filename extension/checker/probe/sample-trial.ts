/** @file How a Function's backward fares at inputs of one kind: judged at some points, and looked at beyond them. */

import { isTensor } from "@gradient-lens/engine";
import { type Coverage, glanceAt, type Hint, judge, type Ruling } from "@gradient-lens/engine/judge";
import type { InputReport } from "../finding.ts";
import { atOtherBranches, atOtherSizes, atTurnedSizes } from "./beyond.ts";
import { Branches } from "./branches.ts";
import { isIntegerName } from "./candidates.ts";
import type { Examined } from "./inputs.ts";
import { isUndecided, type Ruled } from "./ruled.ts";
import { isScalar, nearby, resample, type Sample } from "./sample.ts";
import { drawnSeed } from "./seeded.ts";
import { inputReports } from "./verdict.ts";

/**
 * Points at which the first sample is judged, and those with other options; those of other ranks at half as many, and twice as many
 * where there are indices among the arguments: which they are decides what is done. More where the first ones happen to lie on a kink.
 */
const POINTS = 2;
/** Scalars are cheap. */
const POINTS_OF_SCALARS = 3;
/** Where some entry of the inputs has not mattered yet (the maximum was always another): so many points at most. */
const POINTS_FOR_ALL = 12;
const MOST_POINTS = 6;

/** How backward fared at the points of one sample. */
export interface Trial {
  readonly sample: Sample;
  readonly passed: readonly InputReport[][];
  /** What is to be known of a backward that passed. */
  readonly hints: readonly Hint[];
  /** Of the first point at which it passed. */
  readonly coverage: Coverage | null;
  /** The first ruling against backward. */
  readonly objection: Ruled | null;
  /** The first point that decided nothing. */
  readonly undecided: Ruled | null;
}

/** Names of data that a loss is measured against: null for their gradient says that nobody differentiates by them. */
const GIVEN = /^(targets?|labels?|masks?|y_?true|ground_?truth|noise)$/i;

export const isGiven = (name: string): boolean => GIVEN.test(name) || isIntegerName(name);

/**
 * How closely a sample is looked at: the likeliest most, at its first point; its other points, and the other samples where the
 * likeliest has passed, at a glance as long as that says all is right.
 */
type Care = "most" | "some" | "least";

export function tryAt(
  fn: Examined,
  sample: Sample,
  care: Care,
  names: readonly string[],
  seed: number,
  uniform: () => number,
): Trial {
  const passed: InputReport[][] = [];
  const hints: Hint[] = [];
  let coverage: Coverage | null = null;
  let hasTape = false;
  let undecided: Ruled | null = null;
  const first = care === "most";
  const given = sample.pattern === null;
  let points = given ? 1 : first ? POINTS_FOR_ALL : MOST_POINTS;
  const constant = new Set<number>();
  const indices = sample.args.some(arg => isTensor(arg) && !arg.isFloatingPoint());
  const isOther = !(first || given || sample.isVariant);
  const enough = isScalar(sample) ? POINTS_OF_SCALARS : (isOther ? 1 : POINTS) * (indices ? 2 : 1);
  const branches = new Branches();
  let idle: boolean[][] = [];
  const isDone = (): boolean =>
    passed.length >= enough && (!first || given || !idle.some(columns => columns.includes(true)));
  for (let point = 0; point < points && !isDone(); point++) {
    const found =
      point === 1 && passed.length === 1 && !isOther
        ? atTurnedSizes(fn, sample, constant, seed, uniform)
        : null;
    if (found !== null && "ruling" in found)
      return { sample, passed, hints, coverage, objection: found, undecided };
    if (found !== null) {
      passed.push([]);
      branches.note(found.outcomes);
      continue;
    }
    const args = argumentsAt(point, sample, uniform);
    if (!given && (care === "least" || passed.length > 0)) {
      const glance = glanceAt(fn, args, drawnSeed(uniform), constant);
      if (glance?.by === "tape") {
        // What there is to say of the inputs has been said.
        passed.push([]);
        branches.note(glance.outcomes);
        hasTape = true;
        idle = stillIdle(idle, glance.active);
        continue;
      }
    }
    const judged = (): Ruling =>
      judge(fn, args, drawnSeed(uniform), { thorough: first && passed.length === 0, constant });
    let ruling = judged();
    while (ruling.kind === "missing-grad" && isGiven(names[ruling.argument] ?? "")) {
      constant.add(ruling.argument);
      ruling = judged();
    }
    if (ruling.kind === "agrees") {
      passed.push(inputReports(ruling.reports, names));
      hints.push(...ruling.hints);
      coverage ??= ruling.coverage;
      hasTape ||= ruling.coverage.projected;
      branches.note(ruling.outcomes);
      idle = stillIdle(idle, ruling.active);
      // At a kink several gradients are right: beside it only one is.
      if (given && ruling.kinks) points = MOST_POINTS;
    } else if (isUndecided(ruling)) undecided ??= { ruling, args };
    else return { sample, passed, hints, coverage, objection: { ruling, args }, undecided };
  }
  const other =
    passed.length === 0
      ? null
      : ((isOther ? null : atOtherSizes(fn, sample, constant, seed)) ??
        atOtherBranches(fn, sample, branches, hasTape, constant, seed));
  return { sample, passed, hints, coverage, objection: other, undecided };
}

/** The elements that have not mattered before, nor here. */
function stillIdle(
  idle: readonly (readonly boolean[])[],
  active: readonly (readonly boolean[] | null)[],
): boolean[][] {
  return active.map((columns, i) => columns?.map((moves, j) => !moves && idle[i]?.[j] !== false) ?? []);
}

function argumentsAt(point: number, sample: Sample, uniform: () => number): readonly unknown[] {
  if (point === 0) return sample.args;
  if (sample.pattern === null) return nearby(sample.args, uniform);
  // A scalar is of one sign only: both are looked at, where forward takes both.
  if (point === 1 && isScalar(sample)) return sample.args.map(negated);
  return resample(sample, uniform);
}

const negated = (arg: unknown): unknown => (isTensor(arg) && arg.isFloatingPoint() ? arg.neg() : arg);
