/** @file A judgement of a wrong backward with what is right, in formulas, and what the mistake is. */

import type { JudgedFunction, Ruling } from "@gradient-lens/engine/judge";
import type { Points } from "../diagnose/case.ts";
import { diagnose } from "../diagnose/diagnosis.ts";
import { type FormulaSettings, gradientFormulas, namesIn, tangentFormula } from "../diagnose/formulas.ts";
import type { Judgement } from "../finding.ts";
import { elsewhere, nearby, ofOneSize, resample, type Sample } from "./sample.ts";

interface Objection {
  readonly ruling: Ruling;
  readonly args: readonly unknown[];
  /** Whether backward is right at the sample's own sizes. */
  readonly atOneSize: boolean;
}

export function diagnosed(
  judgement: Judgement,
  fn: JudgedFunction,
  sample: Sample,
  { ruling, args, atOneSize }: Objection,
  how: FormulaSettings,
  uniform: () => number,
): Judgement {
  if (judgement.verdict !== "wrong") return judgement;
  const ofJvp = fn.backward === undefined || ruling.kind === "jvp-differs";
  const ofValues =
    ruling.kind === "differs" || ruling.kind === "not-linear" || ruling.kind === "ignores-grad-output";
  const argument = ofValues ? ruling.worst.argument : "argument" in ruling ? ruling.argument : 0;
  const { returned, expected, derivation } = ofJvp
    ? tangentFormula(fn, args, how)
    : gradientFormulas(fn, args, how, argument);
  const told = ofValues || ofJvp || ruling.kind === "grad-shape" || ruling.kind === "missing-grad";
  const forAnySize = derivation?.gradients[argument]?.maths ?? expected;
  const cause = diagnose({
    atOneSize,
    definition: fn,
    ruling,
    names: namesIn(args, how),
    formulas: told
      ? { returned, expected: atOneSize ? forAnySize : expected }
      : { returned: null, expected: null },
    points: {
      points: [args, sample.pattern === null ? nearby(args, uniform) : resample(sample, uniform)],
      larger: elsewhere(sample, uniform) ?? null,
    },
    alike: () => pointsOfOneSize(sample, uniform),
  });
  // The same formula on both sides would only puzzle: what differs is then in the numbers.
  if (!ofValues || ofJvp || returned === expected) return { ...judgement, cause, derivation };
  const both = (formula: string | null, entry: string): string =>
    formula === null ? entry : `${formula}; ${entry}`;
  return {
    ...judgement,
    cause,
    derivation,
    returned: both(returned, judgement.returned),
    expected: both(expected, judgement.expected),
  };
}

function pointsOfOneSize(sample: Sample, uniform: () => number): Points | null {
  const [first, second, larger] = [3, 3, 4].map(size => ofOneSize(sample, size, uniform));
  return first && second ? { points: [first, second], larger: larger ?? null } : null;
}
