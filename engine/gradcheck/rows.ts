/**
 * @file Asks a backward for the rows of the Jacobian, each with a seed that is neither 1 nor always
 * positive, and for a full random cotangent: a rule that takes |g|, or clamps it, differs there.
 */

import type { FunctionCall } from "../autograd/function.ts";
import { returnedList } from "../autograd/function-node.ts";
import { noGrad } from "../autograd/mode.ts";
import type { Grads } from "../autograd/node.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import type { Generator } from "../tensor/random.ts";
import { expandsTo } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { concatenated, sameValues } from "./jacobian.ts";
import type { Ruling } from "./ruling.ts";

/** What backward returns for each entry of each output, divided by its seed; and for one full cotangent. */
export interface Rows {
  readonly kind: "rows";
  /** `rows[k][i]`: gradient of argument i for entry k of all outputs in a row; null for no gradient. */
  readonly rows: readonly (readonly (Float64Array | null)[])[];
  readonly cotangent: Float64Array;
  readonly full: readonly (Float64Array | null)[];
  /** Whether two different cotangents gave the same, not all zero. */
  readonly ignoresGradOutput: boolean;
}

export function backwardRows(
  { node }: FunctionCall,
  args: readonly unknown[],
  outputs: readonly (Tensor | null)[],
  random: Generator,
): Rows | Ruling {
  const total = outputs.reduce((n, output) => n + (output?.numel() ?? 0), 0);
  const pull = (cotangent: Float64Array): (Float64Array | null)[] | Ruling => {
    const gradOutputs = split(cotangent, outputs);
    try {
      const grads = readGrads(
        noGrad(() => node!.callBackward(gradOutputs)),
        args,
      );
      return sameValues(concatenated(gradOutputs.filter(isTensor)), cotangent)
        ? grads
        : { kind: "grad-output-mutated" };
    } catch (error) {
      return { kind: "backward-throws", error };
    }
  };
  const rows: (Float64Array | null)[][] = [];
  const seeds = Float64Array.from({ length: total }, () => signedSeed(random));
  for (let k = 0; k < total; k++) {
    const cotangent = new Float64Array(total);
    cotangent[k] = seeds[k]!;
    const grads = pull(cotangent);
    if (!Array.isArray(grads)) return grads;
    rows.push(grads.map(grad => grad?.map(value => value / seeds[k]!) ?? null));
  }
  const cotangent = Float64Array.from({ length: total }, () => signedSeed(random));
  const full = pull(cotangent);
  const again = pull(cotangent);
  const scaled = pull(cotangent.map(value => value * -0.37));
  if (!Array.isArray(full)) return full;
  if (!Array.isArray(again)) return again;
  if (!Array.isArray(scaled)) return scaled;
  const same = (other: readonly (Float64Array | null)[]): boolean =>
    full.every((grad, i) =>
      grad === null ? other[i] === null : other[i] !== null && sameValues(grad, other[i]!),
    );
  if (!same(again)) return { kind: "nondeterministic", by: "backward" };
  const ignoresGradOutput = same(scaled) && full.some(grad => grad?.some(value => value !== 0));
  return { kind: "rows", rows, cotangent, full, ignoresGradOutput };
}

/** Between 0.5 and 2.5 in size, of either sign: neither 1 nor always positive. */
function signedSeed(random: Generator): number {
  const size = 0.5 + 2 * random.uniform("float64");
  return random.uint32() % 2 === 0 ? size : -size;
}

function split(values: Float64Array, outputs: readonly (Tensor | null)[]): Grads {
  let start = 0;
  return outputs.map(output => {
    if (output === null) return null;
    start += output.numel();
    return ofValues(values.subarray(start - output.numel(), start), shapeOf(output), output.dtype);
  });
}

/** The gradients that backward returned, as arrays; or what is wrong with their number, kind or shape. */
function readGrads(returned: unknown, args: readonly unknown[]): (Float64Array | null)[] | Ruling {
  if (returned === undefined) return { kind: "no-return" };
  const list = returnedList(returned);
  const extra = list.slice(args.length).some(grad => grad !== null && grad !== undefined);
  if (list.length < args.length || extra) {
    return { kind: "grad-count", expected: args.length, got: list.length };
  }
  const grads: (Float64Array | null)[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const grad = list[i] ?? null;
    if (!isTensor(arg) || !arg.isFloatingPoint()) {
      grads.push(null);
    } else if (grad === null) {
      grads.push(null);
    } else if (!isTensor(grad)) {
      return { kind: "not-a-tensor", argument: i, got: typeof grad };
    } else if (!expandsTo(shapeOf(arg), shapeOf(grad))) {
      return { kind: "grad-shape", argument: i, got: shapeOf(grad), expected: shapeOf(arg) };
    } else {
      // As the engine itself does: a gradient for each place to which the input was repeated is summed.
      grads.push(toFlatArray(grad.detach().sumToSize(shapeOf(arg))));
    }
  }
  return grads;
}
