/**
 * @file Any function at given inputs: autograd's Jacobian against plain central differences. Takes microseconds for small inputs;
 * what it objects to need not be wrong (a kink, a steep slope), what it lets pass is right.
 */

import { grad } from "../autograd/backward.ts";
import { pushforward } from "../autograd/dual.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import type { DType } from "../tensor/dtype.ts";
import { Generator } from "../tensor/random.ts";
import { dataOf, empty, isTensor, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { drawn, signed } from "./cotangents.ts";
import { derivative, UNIT_ROUNDOFF } from "./finite-differences.ts";
import { indexOf } from "./flat.ts";
import type { CheckedFunction, GradcheckOptions } from "./gradcheck.ts";
import { partsOf } from "./outputs.ts";
import { entryOfOutput } from "./point.ts";

/** Autograd's gradients and finite differences disagree. */
export class GradcheckError extends Error {
  override readonly name = "GradcheckError";
}

/** Sizes of the steps along a direction: a jump or a kink that one of them meets, another does not. */
const STEPS = [1, 0.73, 1e-3];

export class QuickCheck {
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
  readonly #options: GradcheckOptions;
  readonly #random = new Generator(0);

  constructor(f: CheckedFunction, inputs: readonly Tensor[], options: GradcheckOptions) {
    this.#f = f;
    this.#options = options;
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
    this.#atol = options.atol ?? (single ? 1e-4 : 1e-8);
    this.#rtol = options.rtol ?? (single ? 1e-3 : 1e-6);
  }

  /** The first entry that differs, as the error about it; null where all agree. */
  disagreement(): GradcheckError | null {
    const rows = this.#rows();
    const jacobians = this.#jacobians(rows);
    for (let w = 0; w < this.#wanted.length; w++) {
      const found =
        this.#addsUp(w, rows, jacobians[w]!) ?? this.#compare(this.#wanted[w]!, rows, jacobians[w]!);
      if (found !== null) return found;
    }
    return null;
  }

  /**
   * Forward mode along one random direction, against differences along it.
   * @throws GradcheckError
   */
  forwardMode(): void {
    const steps = this.#leaves.map(leaf => (leaf.requiresGrad ? drawn(leaf.numel(), this.#random) : null));
    const tangents = this.#leaves.map((leaf, i) =>
      steps[i] === null ? null : ofValues(steps[i]!, shapeOf(leaf), leaf.dtype),
    );
    const pushed = [pushforward(this.#f, this.#leaves, tangents).tangent].flat() as (Tensor | null)[];
    const values = pushed.map((t, o) =>
      t === null ? null : toFlatArray(t.detach().expand(shapeOf(this.#outputs[o]!))),
    );
    const at = this.#leaves.map(leaf => (leaf.requiresGrad ? toFlatArray(leaf.detach()) : null));
    const center = new Float64Array(this.#total);
    this.#outputsInto(center);
    const along = (offset: number): Float64Array | null => {
      const moved = new Float64Array(this.#total);
      const shift = (t: number): void =>
        this.#leaves.forEach((leaf, i) => {
          const data = dataOf(leaf);
          for (let j = 0; steps[i] !== null && j < leaf.numel(); j++)
            data[offsetOf(leaf) + j] = at[i]![j]! + t * steps[i]![j]!;
        });
      shift(offset);
      try {
        return this.#outputsInto(moved) ? moved : null;
      } finally {
        shift(0);
      }
    };
    const slopes = STEPS.map(size => derivative(along, center, size, this.#roundoff));
    let k = 0;
    this.#outputs.forEach((output, o) => {
      for (let entry = 0; entry < output.numel(); entry++, k++) {
        const analytical = values[o]?.[entry] ?? 0;
        const agrees = slopes.some(
          slope => slope !== null && this.#agree(analytical, slope.values[k]!, 10 * slope.errors[k]!),
        );
        if (agrees) continue;
        throw new GradcheckError(
          `Forward mode: mismatch for output ${o} at [${indexOf(entry, shapeOf(output))}] along a random direction: ` +
            `numerical ${slopes[0]?.values[k]}, analytical ${analytical}. The jvp of something in the function is not its derivative.`,
        );
      }
    });
  }

  /**
   * Two cotangents at once, under vmap, against one after the other.
   * @throws GradcheckError
   */
  batched(): void {
    const leaves = this.#wanted.map(i => this.#leaves[i]!);
    this.#outputs.forEach((output, o) => {
      if (!output.requiresGrad) return;
      const n = output.numel();
      const both = drawn(2 * n, this.#random);
      const batch = ofValues(both, [2, ...shapeOf(output)], output.dtype);
      const options = { retainGraph: true, allowUnused: true } as const;
      const together = grad(output, leaves, { ...options, gradOutputs: batch, isGradsBatched: true });
      for (const b of [0, 1]) {
        const gradOutputs = ofValues(both.slice(b * n, (b + 1) * n), shapeOf(output), output.dtype);
        const alone = grad(output, leaves, { ...options, gradOutputs });
        leaves.forEach((leaf, w) => {
          const [x, y] = [together[w], alone[w]];
          const [xs, ys] = [x ? toFlatArray(x.select(0, b)) : null, y ? toFlatArray(y) : null];
          for (let j = 0; j < leaf.numel(); j++) {
            if (this.#agree(xs?.[j] ?? 0, ys?.[j] ?? 0, 0)) continue;
            throw new GradcheckError(
              `Batched gradients: mismatch for output ${o} with respect to input ${this.#wanted[w]} at ` +
                `[${indexOf(j, shapeOf(leaf))}]: under vmap ${xs?.[j] ?? 0}, alone ${ys?.[j] ?? 0}.`,
            );
          }
        });
      }
    });
  }

  /** Which entries of the outputs are asked for: all of them, or one of each output. */
  #rows(): number[] {
    const rows: number[] = [];
    let start = 0;
    for (const output of this.#outputs) {
      const n = output.numel();
      if (this.#options.fastMode === true && n > 0) rows.push(start + (this.#random.uint32() % n));
      else for (let k = 0; k < n; k++) rows.push(start + k);
      start += n;
    }
    return rows;
  }

  /** For each input that is asked for: the Jacobian's rows, each from a seed of its own size and sign. */
  #jacobians(rows: readonly number[]): Float64Array[] {
    const leaves = this.#wanted.map(i => this.#leaves[i]!);
    const jacobians = leaves.map(leaf => new Float64Array(rows.length * leaf.numel()));
    let start = 0;
    let r = 0;
    for (const output of this.#outputs) {
      const end = start + output.numel();
      for (; r < rows.length && rows[r]! < end; r++) {
        if (!output.requiresGrad) continue;
        const seed = signed(this.#random);
        const gradOutputs = empty(shapeOf(output), output.dtype);
        dataOf(gradOutputs)[offsetOf(gradOutputs) + rows[r]! - start] = seed;
        const grads = grad(output, leaves, { gradOutputs, retainGraph: true, allowUnused: true });
        for (let w = 0; w < leaves.length; w++) {
          const g = grads[w]!;
          if (g !== null) copyElements(g, jacobians[w]!, r * g.numel(), 1 / seed);
        }
      }
      start = end;
    }
    return jacobians;
  }

  /** One cotangent for all rows together must give the sum of their gradients, and the same twice. */
  #addsUp(w: number, rows: readonly number[], jacobian: Float64Array): GradcheckError | null {
    const used = this.#outputs.filter(output => output.requiresGrad);
    if (used.length === 0) return null;
    const leaf = this.#leaves[this.#wanted[w]!]!;
    const n = leaf.numel();
    const cotangent = new Float64Array(this.#total);
    for (const k of rows) cotangent[k] = signed(this.#random);
    const parts = partsOf(cotangent, this.#outputs);
    const gradOutputs = this.#outputs.flatMap((output, o) =>
      output.requiresGrad ? [ofValues(parts[o]!, shapeOf(output), output.dtype)] : [],
    );
    const pulled = (): Float64Array => {
      const values = new Float64Array(n);
      const [g] = grad(used, leaf, { gradOutputs, retainGraph: true, allowUnused: true });
      if (g) copyElements(g, values, 0, 1);
      return values;
    };
    const [once, again] = [pulled(), pulled()];
    for (let j = 0; j < n; j++) {
      const at = `with respect to input ${this.#wanted[w]} at [${indexOf(j, shapeOf(leaf))}]`;
      if (Math.abs(once[j]! - again[j]!) > (this.#options.nondetTol ?? 0)) {
        return new GradcheckError(`Backward is not deterministic ${at}: ${once[j]}, then ${again[j]}.`);
      }
      let sum = 0;
      let size = 0;
      for (let r = 0; r < rows.length; r++) {
        const term = cotangent[rows[r]!]! * jacobian[r * n + j]!;
        sum += term;
        size += Math.abs(term);
      }
      if (Math.abs(once[j]! - sum) <= this.#atol + this.#rtol * size) continue;
      return new GradcheckError(
        `Backward is not linear in its cotangent ${at}: ${once[j]} for all entries at once, ${sum} for them one by one.`,
      );
    }
    return null;
  }

  /** Moves every element of one input and holds what the outputs do against the Jacobian's column. */
  #compare(input: number, rows: readonly number[], jacobian: Float64Array): GradcheckError | null {
    const leaf = this.#leaves[input]!;
    const data = dataOf(leaf);
    const n = leaf.numel();
    const right = new Float64Array(this.#total);
    const left = new Float64Array(this.#total);
    for (let j = 0; j < n; j++) {
      const at = offsetOf(leaf) + j;
      const x = data[at]!;
      const step = (this.#options.eps ?? Math.cbrt(this.#roundoff)) * Math.max(Math.abs(x), 0.1);
      let defined = false;
      try {
        data[at] = x + step;
        defined = this.#outputsInto(right);
        data[at] = x - step;
        defined = this.#outputsInto(left) && defined;
      } finally {
        data[at] = x;
      }
      for (let r = 0; r < rows.length; r++) {
        const k = rows[r]!;
        const numerical = defined ? (right[k]! - left[k]!) / (2 * step) : Number.NaN;
        const analytical = jacobian[r * n + j]!;
        if (!this.#agree(analytical, numerical, 0)) return this.#mismatch(input, j, k, numerical, analytical);
      }
    }
    return null;
  }

  #agree(analytical: number, numerical: number, error: number): boolean {
    return Math.abs(analytical - numerical) <= this.#atol + this.#rtol * Math.abs(numerical) + error;
  }

  /** Evaluates the function where its inputs stand; false where it throws, or has other outputs there. */
  #outputsInto(values: Float64Array): boolean {
    let outputs: Tensor[];
    try {
      outputs = floating(this.#f(...this.#leaves));
    } catch {
      return false;
    }
    let start = 0;
    for (let o = 0; o < outputs.length; o++) {
      const output = outputs[o]!;
      if (start + output.numel() > values.length) return false;
      copyElements(output, values, start, 1);
      start += output.numel();
    }
    return start === values.length;
  }

  #mismatch(input: number, j: number, k: number, numerical: number, analytical: number): GradcheckError {
    const { output, outputAt } = entryOfOutput(k, this.#outputs);
    return new GradcheckError(
      `Jacobian mismatch for output ${output} at [${outputAt}] with respect to input ` +
        `${input} at [${indexOf(j, shapeOf(this.#leaves[input]!))}]: numerical ${numerical}, analytical ${analytical}.`,
    );
  }
}

/** The outputs that can have derivatives. */
export function floating(returned: Tensor | readonly Tensor[]): Tensor[] {
  return (isTensor(returned) ? [returned] : [...returned]).filter(y => y.isFloatingPoint());
}

/** A copy on elements of its own, row-major, without history. */
function rowMajor(x: Tensor): Tensor {
  return ofValues(toFlatArray(x.detach()), shapeOf(x), x.dtype);
}

/** Writes all elements, row-major and multiplied by `factor`, from `start` on. */
function copyElements(t: Tensor, values: Float64Array, start: number, factor: number): void {
  const contiguous = t.contiguous();
  const data = dataOf(contiguous);
  const offset = offsetOf(contiguous);
  for (let i = 0; i < t.numel(); i++) values[start + i] = data[offset + i]! * factor;
}
