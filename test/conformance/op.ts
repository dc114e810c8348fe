/** @file All samples of one op, or that it is missing. */

import { resolve } from "./call.ts";
import { runSample, type SampleResult } from "./sample.ts";
import type { OpVectors, Sample } from "./vectors.ts";

/**
 * What a sample tests. `edge`, `extremal` and `convention` test torch's choices at kinks, ties and poles, at
 * inf and nan, and for symmetric matrices, where calculus leaves the value open.
 */
export const KINDS = ["ordinary", "edge", "extremal", "convention"] as const;
export type SampleKind = (typeof KINDS)[number];

export interface CheckedSample extends SampleResult {
  readonly sample: Sample;
  readonly kind: SampleKind;
}

export interface OpResult extends Pick<OpVectors, "op" | "variant" | "call" | "category"> {
  /** The engine has no op of this name; none of its samples was run. */
  readonly missing: boolean;
  readonly samples: readonly CheckedSample[];
}

export function runOp(vectors: OpVectors): OpResult {
  const { op, variant, call, category } = vectors;
  const callee = resolve(call);
  if (callee === null) return { op, variant, call, category, missing: true, samples: [] };
  const samples = vectors.samples.map(sample => ({
    sample,
    kind: kindOf(sample),
    ...runSample(sample, callee, vectors),
  }));
  return { op, variant, call, category, missing: false, samples };
}

function kindOf({ src, flags }: Sample): SampleKind {
  if (flags?.includes("convention")) return "convention";
  return src === "edge" || src === "extremal" ? src : "ordinary";
}
