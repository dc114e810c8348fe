/**
 * @file A Function's right backward and its own, as expressions of one graph, in the same names: to be varied, and held against
 * numbers at any inputs.
 */

import { noGrad } from "../autograd/mode.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { Algebra } from "./algebra.ts";
import { derived } from "./attempts.ts";
import { replaced } from "./derive.ts";
import { evaluate } from "./evaluate.ts";
import type { Expression, Leaf } from "./expression.ts";
import { type Names, namesOf, type Refusal, traceBackward } from "./function-trace.ts";
import type { Traceable } from "./verify.ts";

export interface Workings {
  readonly algebra: Algebra;
  /** Forward's arguments; null for one that is no tensor. */
  readonly inputs: readonly (Leaf | null)[];
  /** What forward computes, as its code has it. */
  readonly outputs: readonly (Expression | null)[];
  /** The outputs as backward may have saved them; null for one that is an input. */
  readonly outputLeaves: readonly (Leaf | null)[];
  /** Null for an output without derivative. */
  readonly gradOutputs: readonly (Leaf | null)[];
  /** For each argument what backward must return, simplified; null where nothing is due. */
  readonly expected: readonly (Expression | null)[];
  /** What it does return, as its code has it; null where the code cannot be traced. */
  readonly returned: readonly (Expression | null)[] | null;
  /** Values of all leaves at other arguments, for {@link evaluate}. */
  leavesAt(args: readonly unknown[], gradOutputs: readonly (Tensor | null)[]): Record<string, Tensor>;
}

/** @param args arguments that forward accepts */
export function workings(definition: Traceable, args: readonly unknown[], names: Names): Workings | Refusal {
  const checked = derived(definition, args, names);
  if ("untraceable" in checked) return checked;
  const { forward, derivation } = checked;
  const { gradOutputs, grads, kept } = derivation;
  const algebra = new Algebra(forward.trace);
  const called = namesOf(names.outputs, forward.outputs.length, "output");
  const outputLeaves = forward.outputs.map((y, o) =>
    y?.kind === "application" ? forward.trace.graph.leaf(called[o]!, "output", y.value) : null,
  );
  return {
    algebra,
    inputs: forward.inputs,
    outputs: forward.outputs,
    outputLeaves,
    gradOutputs,
    expected: grads,
    returned: returnedBy(),
    leavesAt(others, cotangents) {
      const leaves: Record<string, Tensor> = {};
      const put = (leaf: Leaf | null | undefined, value: unknown): void => {
        if (leaf != null && isTensor(value)) leaves[leaf.name] = noGrad(() => value.detach().contiguous());
      };
      forward.inputs.forEach((leaf, i) => {
        put(leaf, others[i]);
      });
      gradOutputs.forEach((leaf, o) => {
        put(leaf, cotangents[o]);
      });
      const computed = forward.outputs.map((y, o) => [outputLeaves[o], y] as const);
      const kepts = kept.map(({ leaf, expression }) => [leaf, expression] as const);
      for (const [leaf, expression] of [...computed, ...kepts]) {
        if (leaf != null && expression !== null) put(leaf, evaluate([expression], leaves)[0]);
      }
      return leaves;
    },
  };

  function returnedBy(): (Expression | null)[] | null {
    try {
      const returned = traceBackward(definition, forward, gradOutputs);
      const atHand = new Map<Expression, Expression>();
      forward.outputs.forEach((y, o) => {
        const leaf = outputLeaves[o];
        if (y?.kind === "application" && leaf) atHand.set(y, leaf);
      });
      const some = replaced(
        algebra,
        returned.filter(g => g !== null),
        atHand,
      );
      let next = 0;
      return returned.map(g => (g === null ? null : some[next++]!));
    } catch {
      return null;
    }
  }
}
