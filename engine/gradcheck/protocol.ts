/** @file What a Function must do besides returning the right gradients: keep its calls apart, honour what is asked for, and have a jvp that fits. */

import { withForwardSaved } from "../autograd/context.ts";
import { noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { expandsTo } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { drawn } from "./cotangents.ts";
import { indexOf, sameValues } from "./flat.ts";
import { moved } from "./measured.ts";
import { outputsOf } from "./outputs.ts";
import type { Point } from "./point.ts";
import type { JudgedFunction, Ruling } from "./ruling.ts";
import { type Gradients, Subject } from "./subject.ts";

/** Relative difference of two results that should be the same but for the order of rounding. */
const SAME = 1e-9;

/** Whether a call at other arguments in between changes what backward returns: state kept on the class or in the module. */
export function checkSharing(
  definition: JudgedFunction,
  args: readonly unknown[],
  cotangent: Float64Array,
  expected: Gradients,
): Ruling | null {
  const first = Subject.at(definition, args);
  if (!(first instanceof Subject)) return null;
  const other = args.map(arg => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
    const at = toFlatArray(arg.detach());
    return moved(arg, at, at, 1e-3);
  });
  const second = Subject.at(definition, other);
  if (!(second instanceof Subject)) return null;
  const gradients = first.pull(cotangent);
  if ("kind" in gradients) return null;
  return close(gradients, expected) ? null : { kind: "state-leak", how: "shared" };
}

/** Whether backward returns the same for an argument that alone requires a gradient. */
export function checkNeeds(
  definition: JudgedFunction,
  args: readonly unknown[],
  cotangent: Float64Array,
  expected: Gradients,
): Ruling | null {
  const asking = args.flatMap((arg, i) => (isTensor(arg) && arg.isFloatingPoint() ? [i] : []));
  if (asking.length < 2) return null;
  for (const i of asking) {
    const subject = Subject.at(
      definition,
      args,
      args.map((_, a) => a === i),
    );
    // Whether an output has a derivative may hang on which arguments ask for one.
    if (!(subject instanceof Subject) || subject.total !== cotangent.length) continue;
    const gradients = subject.pull(cotangent);
    if ("kind" in gradients) {
      return { kind: "needs-ignored", argument: i, error: "error" in gradients ? gradients.error : null };
    }
    if (!close([gradients[i] ?? null], [expected[i] ?? null])) {
      return { kind: "needs-ignored", argument: i, error: null };
    }
  }
  return null;
}

/** Whether the Function's own jvp, where it has one beside its backward, is the same derivative. */
export function checkJvp({
  definition,
  args,
  subject,
  jacobian,
  cotangents,
  random,
  measured,
}: Point): Ruling | null {
  const { jvp, backward } = definition;
  if (jvp === undefined || backward === undefined || definition.surrogate !== undefined) return null;
  const directions = jacobian.map(block => (block === null ? null : drawn(block.size, random)));
  const tangents = args.map((arg, i) =>
    directions[i] === null ? null : ofValues(directions[i]!, shapeOf(arg as Tensor), (arg as Tensor).dtype),
  );
  const fresh = Subject.at(definition, args);
  if (!(fresh instanceof Subject)) return null;
  let returned: (Tensor | null)[];
  try {
    const { ctx } = fresh.call;
    returned = outputsOf(noGrad(() => withForwardSaved(ctx, () => jvp.call(definition, ctx, ...tangents))));
  } catch (error) {
    return { kind: "jvp-throws", error };
  }
  let start = 0;
  for (const [o, output] of subject.outputs.entries()) {
    if (output === null) continue;
    const tangent = returned[o] ?? null;
    if (tangent !== null && !expandsTo(shapeOf(tangent), shapeOf(output)))
      return { kind: "jvp-shape", output: o, got: shapeOf(tangent), expected: shapeOf(output) };
    const values =
      tangent === null ? new Float64Array(output.numel()) : toFlatArray(tangent.expand(shapeOf(output)));
    for (let entry = 0; entry < output.numel(); entry++) {
      const r = cotangents.rows.indexOf(start + entry);
      if (r < 0) continue;
      let expected = 0;
      let slack = 1e-300;
      jacobian.forEach((block, i) => {
        for (let j = 0; block !== null && j < block.size; j++) {
          const at = r * block.size + j;
          expected += block.values[at]! * directions[i]![j]!;
          slack += measured.tolerance * Math.abs(block.values[at]!) + 2 * block.errors[at]!;
        }
      });
      if (Math.abs(values[entry]! - expected) <= slack) continue;
      const outputAt = indexOf(entry, shapeOf(output));
      return { kind: "jvp-differs", worst: { output: o, outputAt, returned: values[entry]!, expected } };
    }
    start += output.numel();
  }
  return null;
}

function close(a: Gradients, b: Gradients): boolean {
  return a.every((grad, i) => {
    const other = b[i] ?? null;
    if (grad === null || other === null) return isZero(grad) && isZero(other);
    if (sameValues(grad, other)) return true;
    const scale = grad.reduce((m, value, j) => Math.max(m, Math.abs(value), Math.abs(other[j]!)), 0);
    return grad.every((value, j) => Math.abs(value - other[j]!) <= SAME * scale);
  });
}

const isZero = (grad: Float64Array | null): boolean => grad?.every(value => value === 0) ?? true;
