/** @file What the cache's tests share: jobs, and what each of them ends with. */

import { PLAIN_NOTATION } from "./notation.ts";
import type { Job, Limits, Outcome } from "./sandbox/job.ts";

export const sampleLimits: Limits = { timeMs: 10_000, memoryMb: 350 };

export function sampleJob(seed: number, script = "class Sine {} Sine"): Job {
  return {
    task: "check",
    script,
    name: "Sine",
    parameters: null,
    gradOutputs: null,
    notation: PLAIN_NOTATION,
    seed,
  };
}

/** Another for each seed, with what JSON has no words for. */
export function outcomeFor(seed: number): Outcome {
  return {
    kind: "judged",
    judgement: {
      verdict: "wrong",
      rule: "wrong-vjp",
      message: `wrong at seed ${seed}`,
      domain: null,
      inputs: [
        { name: "x", shape: [2, 3], verdict: "wrong", maxError: Number.POSITIVE_INFINITY, at: [0, 1] },
      ],
      returned: "g",
      expected: "g ⊙ cos(x)",
      cause: null,
      derivation: null,
    },
    logs: ["a line"],
  };
}
