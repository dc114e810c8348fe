/**
 * @file Torch's `gradcheck`: whether autograd's gradients of any function agree with finite differences.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 */

import { grad } from "../autograd/backward.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import type { DType } from "../tensor/dtype.ts";
import { randn } from "../tensor/random.ts";
import { dataOf, empty, isTensor, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { derivative, UNIT_ROUNDOFF } from "./finite-differences.ts";
import { indexOf } from "./flat.ts";

export interface GradcheckOptions {
  /** Absolute tolerance; default 1e-8, where float32 takes part 1e-4. */
  atol?: number;
  /** Relative tolerance; default 1e-6, where float32 takes part 1e-3. Both are added to the estimated error of the finite differences. */
  rtol?: number;
  /** Throw, rather than return false, where gradients disagree; default true. */
  raiseException?: boolean;
}

/** A function that can be checked: of tensors, to one tensor or several. */
export type CheckedFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** Autograd's gradients and finite differences disagree. */
export class GradcheckError extends Error {
  override readonly name = "GradcheckError";
}

/**
 * Compares the Jacobian of `f` that autograd gives with the one that finite differences give, for every
 * input that requires gradients. Plain central differences are asked first; where they disagree, extrapolated ones
 * that know their own error decide (finite-differences.ts).
 * @param f takes the inputs, returns one tensor or several
 * @param inputs at least one of them requires gradients
 * @returns true where all entries agree
 * @throws GradcheckError that names input, entry and both values (unless `raiseException` is false)
 */
export function gradcheck(
  f: CheckedFunction,
  inputs: Tensor | readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  try {
    new Check(f, listOf("gradcheck", inputs), options).run();
    return true;
  } catch (error) {
    if (error instanceof GradcheckError && options.raiseException === false) return false;
    throw error;
  }
}

/**
 * {@link gradcheck} of the gradients themselves, as functions of the inputs and of `gradOutputs`: whether second
 * derivatives are right.
 * @param gradOutputs one per output; random where not given
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
 */
export function gradgradcheck(
  f: CheckedFunction,
  inputs: Tensor | readonly Tensor[],
  gradOutputs: Tensor | readonly Tensor[] | null = null,
  options: GradcheckOptions = {},
): boolean {
  const args = listOf("gradgradcheck", inputs);
  const cotangents =
    gradOutputs === null
      ? floating(f(...args)).map(y => randn(shapeOf(y), { dtype: y.dtype }))
      : listOf("gradgradcheck", gradOutputs, "gradOutputs");
  const gradients = (...all: Tensor[]): Tensor[] => {
    const xs = all.slice(0, args.length);
    const outputs = floating(f(...xs));
    const used = outputs.flatMap((y, o) => (y.requiresGrad ? [o] : []));
    return grad(
      used.map(o => outputs[o]!),
      xs.filter(x => x.requiresGrad),
      { gradOutputs: used.map(o => all[args.length + o]!), createGraph: true, allowUnused: true },
    ).filter(isTensor);
  };
  return gradcheck(gradients, [...args, ...cotangents.map(g => g.detach().clone().requiresGrad_())], options);
}

/** One comparison: the function at copies of the inputs, of which one element at a time is moved. */
class Check {
  readonly #f: CheckedFunction;
  readonly #leaves: readonly Tensor[];
  /** Positions of the inputs that require gradients. */
  readonly #wanted: readonly number[];
  readonly #outputs: readonly Tensor[];
  /** Number of entries of all outputs together. */
  readonly #total: number;
  readonly #roundoff: number;
  readonly #atol: number;
  readonly #rtol: number;

  constructor(f: CheckedFunction, inputs: readonly Tensor[], { atol, rtol }: GradcheckOptions) {
    this.#f = f;
    this.#wanted = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []));
    if (this.#wanted.length === 0) {
      throw new TypeError(
        "gradcheck() expected at least one input that requires gradients: call requiresGrad_() on it.",
      );
    }
    this.#leaves = inputs.map(x => (x.requiresGrad ? rowMajor(x).requiresGrad_() : x));
    this.#outputs = floating(f(...this.#leaves));
    this.#total = this.#outputs.reduce((n, y) => n + y.numel(), 0);
    const dtypes: DType[] = [...this.#wanted.map(i => inputs[i]!.dtype), ...this.#outputs.map(y => y.dtype)];
    const single = dtypes.includes("float32");
    this.#roundoff = single ? UNIT_ROUNDOFF.float32 : UNIT_ROUNDOFF.float64;
    this.#atol = atol ?? (single ? 1e-4 : 1e-8);
    this.#rtol = rtol ?? (single ? 1e-3 : 1e-6);
  }

  run(): void {
    const jacobians = this.#jacobians();
    this.#wanted.forEach((input, w) => {
      this.#compare(input, jacobians[w]!);
    });
  }

  /** For each input that is asked for: gradients of all output entries, row by row. */
  #jacobians(): Float64Array[] {
    const leaves = this.#wanted.map(i => this.#leaves[i]!);
    const jacobians = leaves.map(leaf => new Float64Array(this.#total * leaf.numel()));
    let row = 0;
    for (const output of this.#outputs) {
      const entries = output.numel();
      for (let k = 0; k < entries && output.requiresGrad; k++) {
        const gradOutputs = empty(shapeOf(output), output.dtype);
        dataOf(gradOutputs)[offsetOf(gradOutputs) + k] = 1;
        const grads = grad(output, leaves, { gradOutputs, retainGraph: true, allowUnused: true });
        for (let w = 0; w < leaves.length; w++) {
          const g = grads[w]!;
          if (g !== null) copyElements(g, jacobians[w]!, (row + k) * g.numel());
        }
      }
      row += entries;
    }
    return jacobians;
  }

  /** Moves every element of one input and holds what the outputs do against the Jacobian's column. */
  #compare(input: number, jacobian: Float64Array): void {
    const leaf = this.#leaves[input]!;
    const data = dataOf(leaf);
    const n = leaf.numel();
    const center = new Float64Array(this.#total);
    const right = new Float64Array(this.#total);
    const left = new Float64Array(this.#total);
    this.#outputsInto(center);
    for (let j = 0; j < n; j++) {
      const at = offsetOf(leaf) + j;
      const x = data[at]!;
      const moved = (offset: number, into: Float64Array): boolean => {
        data[at] = x + offset;
        try {
          return this.#outputsInto(into);
        } finally {
          data[at] = x;
        }
      };
      const step = Math.cbrt(this.#roundoff) * Math.max(Math.abs(x), 0.1);
      if (moved(step, right) && moved(-step, left) && this.#follows(jacobian, j, n, right, left, step))
        continue;
      const measured = derivative(
        offset => {
          const values = new Float64Array(this.#total);
          return moved(offset, values) ? values : null;
        },
        center,
        Math.abs(x),
        this.#roundoff,
      );
      for (let k = 0; k < this.#total; k++) {
        const numerical = measured?.values[k] ?? Number.NaN;
        const analytical = jacobian[k * n + j]!;
        if (this.#agree(analytical, numerical, 10 * (measured?.errors[k] ?? 0))) continue;
        throw this.#mismatch(input, j, k, numerical, analytical);
      }
    }
  }

  /** Whether plain central differences already agree with column j. */
  #follows(
    jacobian: Float64Array,
    j: number,
    n: number,
    right: Float64Array,
    left: Float64Array,
    step: number,
  ): boolean {
    for (let k = 0; k < right.length; k++) {
      if (!this.#agree(jacobian[k * n + j]!, (right[k]! - left[k]!) / (2 * step), 0)) return false;
    }
    return true;
  }

  #agree(analytical: number, numerical: number, error: number): boolean {
    return Math.abs(analytical - numerical) <= this.#atol + this.#rtol * Math.abs(numerical) + error;
  }

  /** Evaluates the function where its inputs stand; false where it has other outputs there. */
  #outputsInto(values: Float64Array): boolean {
    const outputs = floating(this.#f(...this.#leaves));
    let start = 0;
    for (let o = 0; o < outputs.length; o++) {
      const output = outputs[o]!;
      if (start + output.numel() > values.length) return false;
      copyElements(output, values, start);
      start += output.numel();
    }
    return start === values.length;
  }

  #mismatch(input: number, j: number, k: number, numerical: number, analytical: number): GradcheckError {
    let output = 0;
    let entry = k;
    while (entry >= this.#outputs[output]!.numel()) entry -= this.#outputs[output++]!.numel();
    return new GradcheckError(
      `Jacobian mismatch for output ${output} at [${indexOf(entry, shapeOf(this.#outputs[output]!))}] with respect to input ` +
        `${input} at [${indexOf(j, shapeOf(this.#leaves[input]!))}]: numerical ${numerical}, analytical ${analytical}.`,
    );
  }
}

function listOf(by: string, tensors: Tensor | readonly Tensor[], what = "inputs"): readonly Tensor[] {
  if (isTensor(tensors)) return [tensors];
  if (Array.isArray(tensors) && tensors.every(isTensor)) return tensors;
  throw new TypeError(`${by}() expected a tensor or an array of tensors as ${what}.`);
}

/** The outputs that can have derivatives. */
function floating(returned: Tensor | readonly Tensor[]): Tensor[] {
  return (isTensor(returned) ? [returned] : [...returned]).filter(y => y.isFloatingPoint());
}

/** A copy on elements of its own, row-major, without history. */
function rowMajor(x: Tensor): Tensor {
  return ofValues(toFlatArray(x.detach()), shapeOf(x), x.dtype);
}

/** Writes all elements, row-major, from `start` on. */
function copyElements(t: Tensor, values: Float64Array, start: number): void {
  const contiguous = t.contiguous();
  const data = dataOf(contiguous);
  const offset = offsetOf(contiguous);
  for (let i = 0; i < t.numel(); i++) values[start + i] = data[offset + i]!;
}
