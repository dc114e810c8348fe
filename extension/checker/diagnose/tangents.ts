/** @file What is wrong with a jvp. Its transpose is a backward, whose gradient for an argument is wrong as the argument's term in jvp is. */

import type { Case } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import type { Kind } from "./sentences.ts";
import { explainWhole } from "./whole-gradient.ts";

/** What the mistake in a gradient is in a jvp; what else may be wrong with a gradient is told of the jvp as a whole. */
const OF_TERMS: Partial<Record<Kind, Kind>> = {
  "gradient-zero": "term-missing",
  "wrong-sign": "wrong-sign",
  "wrong-factor": "wrong-factor",
};

export function explainTangents(transposed: Case): Explanation {
  const whole = explainWhole(transposed);
  const kind = whole === null ? undefined : OF_TERMS[whole.kind];
  return whole === null || kind === undefined
    ? { kind: "jvp-differs", details: { jvp: true } }
    : { kind, details: { ...whole.details, jvp: true } };
}
