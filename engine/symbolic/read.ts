/** @file What a Function's backward returns, as its own code says it: in its names, and in the order that it computes in. */

import { Algebra } from "./algebra.ts";
import { CHOICES, cotangents, holdsElsewhere } from "./attempts.ts";
import { replaced } from "./derive.ts";
import type { Expression, Leaf } from "./expression.ts";
import { type Formulas, formulasOf } from "./formula.ts";
import {
  type Names,
  namesOf,
  type Refusal,
  refusalOf,
  traceBackward,
  traceForward,
} from "./function-trace.ts";
import { simplify } from "./simplify.ts";
import type { CallStyle } from "./typescript.ts";
import { formOf, type Traceable } from "./verify.ts";

export interface Reading {
  /** For each argument of forward, as backward's code has it; null where it returns none. */
  readonly returned: Formulas;
  /** The same, simplified: what can be compared with what should be. */
  readonly simplified: Formulas;
  readonly gradOutputs: readonly (Leaf | null)[];
}

/** What backward returns for arguments that forward accepts. */
export function read(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  style: CallStyle = "methods",
): Reading | Refusal {
  let refusal: Refusal | null = null;
  for (const choices of CHOICES) {
    try {
      const forward = traceForward(definition, args, names, { ...choices, surrogate: false });
      const gradOutputs = cotangents(forward, names);
      const returned = traceBackward(definition, forward, gradOutputs);
      if (choices.readable && !isGeneral(definition, args, names, returned)) continue;
      const called = namesOf(names.outputs, forward.outputs.length, "output");
      const atHand = new Map<Expression, Expression>();
      forward.outputs.forEach((y, o) => {
        if (y?.kind === "application") atHand.set(y, forward.trace.graph.leaf(called[o]!, "output", y.value));
      });
      const some = replaced(
        new Algebra(forward.trace),
        returned.filter(g => g !== null),
        atHand,
      );
      const simple = simplify(forward.trace, some);
      let i = 0;
      let j = 0;
      const asRead = returned.map(g => (g === null ? null : some[i++]!));
      const simpler = returned.map(g => (g === null ? null : simple[j++]!));
      return {
        returned: formulasOf(asRead, names.inputs, style),
        simplified: formulasOf(simpler, names.inputs, style),
        gradOutputs,
      };
    } catch (error) {
      refusal ??= refusalOf(error);
    }
  }
  return refusal!;
}

/** Whether backward returns the same expressions at other numbers. */
function isGeneral(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  returned: readonly (Expression | null)[],
): boolean {
  return holdsElsewhere(args, formOf(returned), others => {
    const forward = traceForward(definition, others, names, { readable: true, surrogate: false });
    return formOf(traceBackward(definition, forward, cotangents(forward, names, 1)));
  });
}
