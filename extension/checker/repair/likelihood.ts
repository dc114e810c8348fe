/** @file Which changes are likely for which mistake: what would hide it is left out, what is meant for it comes first. */

import type { Rule } from "../finding.ts";
import type { Group } from "./candidate.ts";
import type { Wrong } from "./repair.ts";

/** Characters that a likely change may be longer than another. */
export const LIKELY = 5;

interface Likelihood {
  /** Nothing else is tried; null where anything may help. */
  readonly only: readonly Group[] | null;
  readonly likely: readonly Group[];
}

/** Smaller noise is noise, and a number that was read out stays one whatever is done to it. */
const ONLY: { readonly [rule in Rule]?: readonly Group[] } = {
  nondeterministic: ["drops", "names", "saving", "effects", "derived", "results"],
  "state-leak": ["effects", "drops", "derived", "results"],
  "wrong-double-backward": ["drops", "saving", "names", "effects", "derived"],
};

const BY_RULE: { readonly [rule in Rule]?: readonly Group[] } = {
  "not-linear": ["drops"],
  "input-mutated": ["effects"],
  "state-leak": ["effects"],
  nondeterministic: ["drops"],
  "grad-count": ["results"],
  "grad-shape": ["sums", "drops"],
  "wrong-double-backward": ["drops"],
};

const BY_CAUSE: readonly (readonly [RegExp, readonly Group[]])[] = [
  [/transpose/, ["transposes"]],
  [/sign/, ["signs", "operations"]],
  [/operands|order/, ["operands", "results", "names"]],
  [/matrix-product/, ["operations"]],
  [/reduced|axis|sum|mean/, ["sums", "dimensions", "operations"]],
  [/for-(in|out)put/, ["saving", "names"]],
  [/factor|exponent/, ["numbers", "further"]],
  [/distorted|superfluous/, ["drops"]],
  [/flip/, ["orders"]],
];

export function likelihood({ rule, cause }: Pick<Wrong, "rule" | "cause">): Likelihood {
  const byCause = cause === null ? [] : BY_CAUSE.filter(([kind]) => kind.test(cause.kind));
  return {
    only: ONLY[rule] ?? null,
    likely: [...(BY_RULE[rule] ?? []), ...byCause.flatMap(([, groups]) => groups)],
  };
}
