/**
 * @file A quick look at many versions of one Function at the same arguments, to sort out those that are not worth judging: what the
 * right gradients are is found once, and each version is asked for a few.
 */

import { Generator } from "../tensor/random.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { cotangentsFor } from "./cotangents.ts";
import { COARSEST } from "./finite-differences.ts";
import { concatenated, largest } from "./flat.ts";
import { Line, tapedGradients } from "./line.ts";
import { Measured } from "./measured.ts";
import { outputsOf } from "./outputs.ts";
import type { JudgedFunction } from "./ruling.ts";
import { type Gradients, Subject } from "./subject.ts";

/** Relative difference, to an argument's largest gradient, that a version may have and still be worth judging. */
const SLACK = 1e-5;
/** Of what backward is asked with: gradients that cancel are no larger than this, and no two versions round them alike. */
const ROUNDING = 1e-12;
/** Elements of all arguments that are measured one by one where there is no tape. */
const MOST_MEASURED = 64;

/** How one version fared: which arguments' gradients are right; or that it cannot be called so. */
export type Sifted = { readonly right: readonly boolean[] } | "throws" | "wrong";

export class Screen {
  readonly #args: readonly unknown[];
  readonly #outputs: Float64Array;
  readonly #dense: readonly Float64Array[];
  /** For each of the dense cotangents; NaN where it is not known. */
  readonly #expected: readonly Gradients[];
  readonly #constant: ReadonlySet<number>;

  private constructor(
    args: readonly unknown[],
    outputs: Float64Array,
    dense: readonly Float64Array[],
    expected: readonly Gradients[],
    constant: ReadonlySet<number>,
  ) {
    this.#args = args;
    this.#outputs = outputs;
    this.#dense = dense;
    this.#expected = expected;
    this.#constant = constant;
  }

  /**
   * Null where nothing can be told of the right gradients.
   * @param definition as it is: what forward returns now, every version must return
   * @param constant positions of arguments for which null is right
   */
  static at(
    definition: JudgedFunction,
    args: readonly unknown[],
    seed: number,
    constant: ReadonlySet<number> = new Set(),
  ): Screen | null {
    const wanted = wantedOutputs(definition, args);
    if (wanted === null) return null;
    const measured = new Measured(definition, args, wanted);
    const outputs = measured.center;
    if (outputs === null || outputs.length === 0) return null;
    const random = new Generator(seed);
    const { dense } = cotangentsFor(outputs.length, random);
    const line = new Line(measured, random);
    const expected =
      tapedGradients(definition, measured, line, dense) ?? measuredPulls(measured, args, dense);
    return expected === null ? null : new Screen(args, outputs, dense, expected, constant);
  }

  /** The version that `definition` is now. */
  sift(definition: JudgedFunction): Sifted {
    const subject = Subject.at(definition, this.#args);
    if (!(subject instanceof Subject)) return subject.kind === "forward-throws" ? "throws" : "wrong";
    const outputs = concatenated(outputsOf(subject.call.result).filter(y => y?.requiresGrad) as Tensor[]);
    if (definition.surrogate === undefined && !isClose(outputs, this.#outputs)) return "wrong";
    const right = this.#args.map(() => true);
    for (const [c, cotangent] of this.#dense.entries()) {
      if (cotangent.length !== subject.total) return "wrong";
      const gradients = subject.pull(cotangent);
      if ("kind" in gradients)
        return gradients.kind === "backward-throws" || gradients.kind === "grad-shape" ? "throws" : "wrong";
      gradients.forEach((gradient, i) => {
        right[i] &&= this.#isRight(gradient, this.#expected[c]![i] ?? null, i, ROUNDING * largest(cotangent));
      });
      if (!right.includes(true)) break;
    }
    return { right };
  }

  #isRight(
    gradient: Float64Array | null,
    expected: Float64Array | null,
    i: number,
    rounding: number,
  ): boolean {
    if (expected === null) return true;
    if (gradient === null) return this.#constant.has(i) || expected.every(value => !(Math.abs(value) > 0));
    return isClose(gradient, expected, rounding);
  }
}

/** Which outputs count: those that are differentiable, or all tensors where the Function cannot be called as autograd calls it. */
function wantedOutputs(definition: JudgedFunction, args: readonly unknown[]): readonly boolean[] | null {
  const subject = Subject.at(definition, args);
  if (subject instanceof Subject) return subject.outputs.map(isTensor);
  if (subject.kind !== "input-mutated") return null;
  // One output, or as many as there may be: what is no output does not count.
  return args.concat(null, null, null, null).map(() => true);
}

/** NaN is close to everything: it is not known. */
function isClose(values: Float64Array, expected: Float64Array, rounding = Number.MIN_VALUE): boolean {
  const scale = largest(expected.filter(value => Number.isFinite(value)));
  return (
    values.length === expected.length &&
    values.every((value, j) => {
      const difference = Math.abs(value - expected[j]!);
      return difference <= Math.max(SLACK * scale, rounding) || Number.isNaN(expected[j]);
    })
  );
}

function measuredPulls(
  measured: Measured,
  args: readonly unknown[],
  dense: readonly Float64Array[],
): Gradients[] | null {
  const sizes = args.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? arg.numel() : null));
  if (sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) > MOST_MEASURED) return null;
  const expected = dense.map(() => sizes.map(size => (size === null ? null : new Float64Array(size))));
  for (const [i, size] of sizes.entries()) {
    for (let j = 0; j < (size ?? 0); j++) {
      const column = measured.column(i, j);
      const scale = column === null ? 0 : largest(column.values);
      dense.forEach((cotangent, c) => {
        let sum = 0;
        cotangent.forEach((g, k) => {
          const known = column !== null && column.errors[k]! <= COARSEST * scale + 1e-12;
          sum += g === 0 ? 0 : known ? g * column.values[k]! : Number.NaN;
        });
        expected[c]![i]![j] = sum;
      });
    }
  }
  return expected;
}
