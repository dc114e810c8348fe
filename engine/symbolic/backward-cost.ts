/**
 * @file What a backward that people wrote costs, counted as derived ones are. What forward saved is free; what forward computes
 * for no other end than to save it is backward's work, done ahead.
 */

import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { CHOICES, cotangents } from "./attempts.ts";
import { costOf } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import {
  type ForwardTrace,
  type Names,
  type Refusal,
  refusalOf,
  traceBackward,
  traceForward,
} from "./function-trace.ts";
import type { Traceable } from "./verify.ts";

export interface BackwardCost {
  /** Scalar operations; parts that are computed twice count once. */
  readonly operations: number;
  /**
   * Whether they are those of a run at the given numbers: the code looks at numbers, and what it computes outside of tensors is not
   * counted. Else they are those of every run.
   */
  readonly ofRun: boolean;
}

/** The cost of a Function's own backward at arguments that forward accepts. */
export function costOfBackward(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
): BackwardCost | Refusal {
  let refusal: Refusal | null = null;
  for (const choices of CHOICES) {
    try {
      const forward = traceForward(definition, args, names, { ...choices, surrogate: false });
      const outputs = forward.outputs.filter(y => y !== null);
      const saved = savedBy(forward);
      const returned = traceBackward(definition, forward, cotangents(forward, names)).filter(g => g !== null);
      const ahead = costOf([...outputs, ...saved]) - costOf(outputs);
      const operations = costOf(returned, new Set(saved)) + ahead;
      return { operations, ofRun: choices.readable === true };
    } catch (error) {
      refusal ??= refusalOf(error);
    }
  }
  return refusal!;
}

/** All tensors that forward left on its ctx, saved or as fields. */
function savedBy({ trace, ctx }: ForwardTrace): Expression[] {
  const found = new Set<Expression>();
  const seen = new Set<unknown>();
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if (isTensor(value)) found.add(trace.expressionOf(value as Tensor));
    else for (const part of Object.values(value)) look(part);
  };
  look(ctx.savedTensors);
  look(ctx);
  return [...found];
}
