/**
 * @file Torch's `gradcheck`: whether autograd's gradients of any function agree with finite differences.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 */

import { grad } from "../autograd/backward.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { concatenated, indexOf, numericJacobian } from "./jacobian.ts";

export interface GradcheckOptions {
  /** Absolute tolerance; default 1e-8. */
  atol?: number;
  /** Relative tolerance; default 1e-6. Both are added to the estimated error of the finite differences. */
  rtol?: number;
  /** Throw, rather than return false, where gradients disagree; default true. */
  raiseException?: boolean;
}

/** Autograd's gradients and finite differences disagree. */
export class GradcheckError extends Error {
  override readonly name = "GradcheckError";
}

/**
 * Compares the Jacobian of `f` that autograd gives with the one that finite differences give, for every
 * input that requires gradients.
 * @param f takes the inputs, returns one tensor or several
 * @param inputs at least one of them requires gradients
 * @returns true where all entries agree
 * @throws GradcheckError that names input, entry and both values (unless `raiseException` is false)
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  { atol = 1e-8, rtol = 1e-6, raiseException = true }: GradcheckOptions = {},
): boolean {
  const args = isTensor(inputs) ? [inputs] : [...inputs];
  const wanted = args.flatMap((arg, i) => (arg.requiresGrad ? [i] : []));
  if (wanted.length === 0) {
    throw new TypeError(
      "gradcheck() expected at least one input that requires gradients: call requiresGrad_() on it.",
    );
  }
  const outputsOf = (values: readonly Tensor[]): Tensor[] =>
    [f(...values)].flat().filter(y => y.isFloatingPoint());
  const leaves = args.map(arg => (arg.requiresGrad ? arg.detach().clone().requiresGrad_() : arg));
  const outputs = outputsOf(leaves);
  const rows = outputs.map(output =>
    output.requiresGrad
      ? rowsOf(
          output,
          wanted.map(i => leaves[i]!),
        )
      : null,
  );

  for (const [w, i] of wanted.entries()) {
    const columns = numericJacobian(args[i]!.detach(), moved => {
      // With gradients required as before: f may itself differentiate.
      return concatenated(outputsOf(leaves.map((leaf, l) => (l === i ? moved.requiresGrad_() : leaf))));
    });
    for (const [j, column] of columns.entries()) {
      let k = 0;
      for (const [o, output] of outputs.entries()) {
        for (let entry = 0; entry < output.numel(); entry++, k++) {
          const analytical = rows[o]?.[entry]?.[w]?.[j] ?? 0;
          const numerical = column?.values[k] ?? Number.NaN;
          const tolerance = atol + rtol * Math.abs(numerical) + 10 * (column?.errors[k] ?? 0);
          if (Math.abs(analytical - numerical) <= tolerance) continue;
          if (!raiseException) return false;
          throw new GradcheckError(
            `Jacobian mismatch for output ${o} at [${indexOf(entry, shapeOf(output))}] with respect to input ${i} at ` +
              `[${indexOf(j, shapeOf(args[i]!))}]: numerical ${numerical}, analytical ${analytical}.`,
          );
        }
      }
    }
  }
  return true;
}

/** `rows[k][w]`: gradient of entry k of the output for each wanted leaf. */
function rowsOf(output: Tensor, leaves: readonly Tensor[]): (Float64Array | null)[][] {
  return Array.from({ length: output.numel() }, (_, k) => {
    const seed = new Float64Array(output.numel());
    seed[k] = 1;
    const gradOutputs = ofValues(seed, shapeOf(output), output.dtype);
    const grads = grad(output, leaves, { gradOutputs, retainGraph: true, allowUnused: true });
    return grads.map(g => (g === null ? null : toFlatArray(g)));
  });
}
