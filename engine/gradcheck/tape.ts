/**
 * @file The derivative of a forward as autograd sees it: forward is recorded, and Functions within it are replaced by what they do.
 * Exact to rounding wherever forward is made of the engine's operations on its inputs.
 */

import { grad } from "../autograd/backward.ts";
import { expanded } from "../autograd/function.ts";
import { enableGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { concatenated } from "./flat.ts";
import { outputsOf, partsOf, resultOf } from "./outputs.ts";
import type { JudgedFunction } from "./ruling.ts";
import type { Gradients } from "./subject.ts";

export class Tape {
  readonly #leaves: readonly (Tensor | null)[];
  readonly #outputs: readonly Tensor[];

  private constructor(leaves: readonly (Tensor | null)[], outputs: readonly Tensor[]) {
    this.#leaves = leaves;
    this.#outputs = outputs;
  }

  /**
   * Records forward (or the surrogate that stands for it).
   * @param wanted which outputs count
   * @returns null where forward cannot be recorded, or nothing of it was
   */
  static of(definition: JudgedFunction, args: readonly unknown[], wanted: readonly boolean[]): Tape | null {
    const leaves = args.map(arg =>
      isTensor(arg) && arg.isFloatingPoint() ? arg.detach().clone().requiresGrad_() : null,
    );
    try {
      return enableGrad(() => {
        // No leaves themselves: forward may change its inputs in place.
        const inputs = args.map((arg, i) => leaves[i]?.clone() ?? (isTensor(arg) ? arg.clone() : arg));
        const result = expanded(() => resultOf(definition, inputs));
        const outputs = outputsOf(result).filter((_, o) => wanted[o]);
        return outputs.every(isTensor) && outputs.some(y => y.requiresGrad)
          ? new Tape(leaves, outputs)
          : null;
      });
    } catch {
      return null;
    }
  }

  /** All outputs' entries, one after the other. */
  get values(): Float64Array {
    return concatenated(this.#outputs.map(output => output.detach()));
  }

  /** The vector–Jacobian product with `cotangent`, all outputs' one after the other; null where it cannot be computed. */
  pull(cotangent: Float64Array): Gradients | null {
    const leaves = this.#leaves.filter(isTensor);
    const roots: Tensor[] = [];
    const gradOutputs: Tensor[] = [];
    const parts = partsOf(cotangent, this.#outputs);
    for (const [o, output] of this.#outputs.entries()) {
      const values = parts[o]!;
      if (!output.requiresGrad || values.every(g => g === 0)) continue;
      roots.push(output);
      gradOutputs.push(ofValues(values, shapeOf(output), output.dtype));
    }
    try {
      const grads =
        roots.length === 0
          ? leaves.map(() => null)
          : grad(roots, leaves, { gradOutputs, retainGraph: true, allowUnused: true });
      let next = 0;
      return this.#leaves.map(leaf => {
        if (leaf === null) return null;
        const g = grads[next++]!;
        return g === null ? new Float64Array(leaf.numel()) : toFlatArray(g);
      });
    } catch {
      return null;
    }
  }
}
