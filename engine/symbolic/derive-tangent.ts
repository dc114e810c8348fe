/** @file What a Function's jvp should return, derived from what its forward computes. */

import { noGrad } from "../autograd/mode.ts";
import { ofValues } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { numelOf } from "../tensor/shape.ts";
import { type Checked, derived } from "./attempts.ts";
import { isFloating, type Kept, written } from "./derive.ts";
import type { Expression, Leaf } from "./expression.ts";
import { type Names, type Refusal, refusalOf } from "./function-trace.ts";
import { pushforward } from "./pushforward.ts";
import type { Traceable } from "./verify.ts";

export interface Tangent {
  readonly forward: Checked["forward"];
  /** What flows in with each argument; null for one that has no derivative. */
  readonly tangents: readonly (Leaf | null)[];
  readonly outputs: readonly (Leaf | null)[];
  readonly kept: readonly Kept[];
  /** For each output: its tangent; null where it does not move. */
  readonly results: readonly (Expression | null)[];
}

const SEED = 23;
const TOLERANCE = 1e-8;

/** The Jacobian–vector product of a forward whose backward can be derived; by that it is held. */
export function derivedTangent(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
): Tangent | Refusal {
  const checked = derived(definition, args, names);
  if ("untraceable" in checked) return checked;
  try {
    const { forward } = checked;
    const { trace } = forward;
    const called = tangentNames(names);
    const generator = new Generator(SEED);
    const tangents = forward.inputs.map((x, i) => {
      if (x === null || !isFloating(x.dtype)) return null;
      const values = Array.from({ length: numelOf(x.shape) }, () => generator.normal());
      return trace.graph.leaf(called[i]!, "gradOutput", ofValues(values, x.shape, x.dtype));
    });
    const moving = new Map(
      forward.inputs.flatMap((x, i): [Expression, Expression][] => {
        const tangent = tangents[i] ?? null;
        return x === null || tangent === null ? [] : [[x, tangent]];
      }),
    );
    const { outputs, kept, results } = written(forward, names, called, ys => pushforward(trace, ys, moving));
    const tangent = { forward, tangents, outputs, kept, results };
    if (isTransposeOf(tangent, checked)) return tangent;
    return { untraceable: "The derivative along a tangent is not the transpose of the one in reverse." };
  } catch (error) {
    return refusalOf(error);
  }
}

/** `dx`, `dInput`; the given names first. */
export function tangentNames({ inputs, tangents }: Names): string[] {
  return inputs.map(
    (input, i) =>
      tangents?.[i] ?? `d${input.length > 1 ? input[0]!.toUpperCase() : input[0]}${input.slice(1)}`,
  );
}

/** ⟨gradOutput, J t⟩ = ⟨Jᵀ gradOutput, t⟩. */
function isTransposeOf({ tangents, results }: Tangent, { derivation }: Checked): boolean {
  let difference = 0;
  let size = 0;
  const add = (a: Expression | null | undefined, b: Expression | null | undefined, sign: number): void => {
    if (a == null || b == null) return;
    const products = noGrad(() => a.value.mul(b.value));
    difference += sign * products.sum().item();
    size += products.abs().sum().item();
  };
  for (const [o, tangent] of results.entries()) add(derivation.gradOutputs[o], tangent, 1);
  for (const [i, tangent] of tangents.entries()) add(derivation.grads[i], tangent, -1);
  return Math.abs(difference) <= TOLERANCE * (1e-3 + size);
}
