/** @file How a Function's outputs change with its inputs, measured from its values alone: the oracle that needs nothing of forward but to run. */

import { noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import type { Generator } from "../tensor/random.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { drawn } from "./cotangents.ts";
import { TOLERANCE } from "./expected.ts";
import {
  confirms,
  derivative,
  type Estimates,
  oneSidedDerivatives,
  UNIT_ROUNDOFF,
} from "./finite-differences.ts";
import { concatenated, largest } from "./flat.ts";
import { outputsOf, resultOf } from "./outputs.ts";
import type { JudgedFunction } from "./ruling.ts";
import { Tape } from "./tape.ts";

/** For each argument, how far each of its elements moves; null for one that stays. */
export type Direction = readonly (Float64Array | null)[];

/** Of an element's size: a neighbour, but not so near that rounding makes it the same. */
const NEARBY = 1e-3;

export class Measured {
  readonly #definition: JudgedFunction;
  readonly #args: readonly unknown[];
  /** The elements of each argument that can move. */
  readonly #at: readonly (Float64Array | null)[];
  /** Which outputs count. */
  readonly #wanted: readonly boolean[];
  /** All outputs' entries at the arguments, one after the other; null where forward fails there. */
  readonly center: Float64Array | null;
  /** What forward threw first, if it did. */
  failure: unknown;
  readonly #single: boolean;
  /** Whether the matrix that begins at an element of an argument is symmetric: asked for each of its elements. */
  readonly #symmetric = new Map<string, boolean>();

  constructor(definition: JudgedFunction, args: readonly unknown[], wanted: readonly boolean[]) {
    this.#definition = definition;
    this.#args = args;
    this.#at = args.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? toFlatArray(arg.detach()) : null));
    this.#wanted = wanted;
    this.#single = args.some(arg => isTensor(arg) && arg.dtype === "float32");
    this.center = this.valuesAt(args);
  }

  /** The elements of a floating-point argument. */
  at(i: number): Float64Array {
    return this.#at[i]!;
  }

  /** The derivative of forward as it was recorded; null where it was not, or where forward returned something else then. */
  tape(): Tape | null {
    const tape = Tape.of(this.#definition, this.#args, this.#wanted);
    const { center, tolerance } = this;
    if (tape === null || center === null) return null;
    const { values } = tape;
    const slack = tolerance * largest(center);
    const isClose = (value: number, j: number): boolean =>
      Object.is(value, center[j]) || Math.abs(value - center[j]!) <= slack;
    return values.length === center.length && values.every(isClose) ? tape : null;
  }

  /** Relative difference that is beyond rounding, for the precision of the arguments. */
  get tolerance(): number {
    return this.#single ? TOLERANCE.float32 : TOLERANCE.float64;
  }

  get #roundoff(): number {
    return this.#single ? UNIT_ROUNDOFF.float32 : UNIT_ROUNDOFF.float64;
  }

  /** The outputs' entries at any arguments; null where forward throws. */
  valuesAt(args: readonly unknown[]): Float64Array | null {
    // On copies, as forward may change its inputs; and asked for gradients, as it is otherwise.
    const fresh = args.map(arg => {
      if (!isTensor(arg)) return arg;
      const copy = arg.detach().clone();
      return copy.isFloatingPoint() ? copy.requiresGrad_() : copy;
    });
    try {
      const result = noGrad(() => resultOf(this.#definition, fresh));
      const outputs = outputsOf(result).filter((_, o) => this.#wanted[o]);
      return outputs.every(isTensor) ? concatenated(outputs) : null;
    } catch (error) {
      this.failure ??= error;
      return null;
    }
  }

  /**
   * ∂ outputs / ∂ element `j` of argument `i`.
   * @param stretch factor on the steps: an estimate that is no accident comes out the same with other steps
   */
  column(i: number, j: number, stretch = 1): Estimates | null {
    return this.along(this.#unit(i, [j]), stretch);
  }

  /** The slopes on either side of element `j` of argument `i`. */
  sides(i: number, j: number, stretch = 1): ReturnType<typeof oneSidedDerivatives> {
    if (this.center === null) return { left: null, right: null };
    const direction = this.#unit(i, [j]);
    return oneSidedDerivatives(
      t => this.#moved(direction, t),
      this.center,
      stretch * Math.max(Math.abs(this.#at[i]![j]!), 0.1),
    );
  }

  /** Where argument `i` is a batch of symmetric matrices: the element that mirrors element `j` off the diagonal; else null. */
  mirrored(i: number, j: number): number | null {
    const at = this.#at[i]!;
    const shape = shapeOf(this.#args[i] as Tensor);
    const n = shape.at(-1) ?? 0;
    if (shape.length < 2 || shape.at(-2) !== n) return null;
    const start = j - (j % (n * n));
    const mirror = (e: number): number => start + ((e - start) % n) * n + Math.floor((e - start) / n);
    const key = `${i} ${start}`;
    let symmetric = this.#symmetric.get(key);
    if (symmetric === undefined) {
      symmetric = at.subarray(start, start + n * n).every((value, e) => value === at[mirror(start + e)]);
      this.#symmetric.set(key, symmetric);
    }
    return symmetric && mirror(j) !== j ? mirror(j) : null;
  }

  /** The derivative where two elements of argument `i` move as one. */
  pair(i: number, j: number, k: number): Estimates | null {
    return this.along(this.#unit(i, [j, k]));
  }

  /** The derivative along a direction. The step is relative to the arguments' typical size. */
  along(direction: Direction, stretch = 1): Estimates | null {
    if (this.center === null) return null;
    const size = this.#sizeAlong(direction);
    return derivative(t => this.#moved(direction, t), this.center, stretch * size, this.#roundoff);
  }

  /**
   * Whether some measurement of the slopes along a direction agrees with what is expected of them.
   * @returns null where forward has none
   */
  shows(direction: Direction, agrees: (slopes: Estimates) => boolean): boolean | null {
    if (this.center === null) return null;
    const size = this.#sizeAlong(direction);
    return confirms(t => this.#moved(direction, t), this.center, size, agrees, this.#roundoff);
  }

  /** The same, where what cannot be measured speaks against nothing. */
  allows(direction: Direction, agrees: (slopes: Estimates) => boolean): boolean {
    return this.shows(direction, agrees) ?? !this.#isDisguisedAlong(direction);
  }

  /** Whether forward refuses some neighbours when it is measured and takes them when it is recorded: it tells one from the other. */
  #isDisguisedAlong(direction: Direction): boolean {
    return [NEARBY, -NEARBY].some(t => {
      const there = this.#argumentsAt(direction, t * this.#sizeAlong(direction));
      return this.valuesAt(there) === null && Tape.of(this.#definition, there, this.#wanted) !== null;
    });
  }

  #sizeAlong(direction: Direction): number {
    let size = Number.POSITIVE_INFINITY;
    direction.forEach((step, i) => {
      step?.forEach((s, j) => {
        if (s !== 0) size = Math.min(size, Math.abs(this.#at[i]![j]! / s));
      });
    });
    return Number.isFinite(size) ? size : 1;
  }

  /** A random direction, relative to the size of each element; a symmetric matrix stays one. */
  drawn(moves: (i: number) => boolean, random: Generator): Direction {
    return this.#at.map((at, i) => {
      if (at === null || !moves(i)) return null;
      const step = drawn(at.length, random);
      for (let j = 0; j < step.length; j++) {
        step[j]! *= Math.max(Math.abs(at[j]!), 1e-3);
        const mirror = this.mirrored(i, j);
        if (mirror !== null && mirror < j) step[j] = step[mirror]!;
      }
      return step;
    });
  }

  #unit(i: number, elements: readonly number[]): Direction {
    return this.#at.map((at, a) => {
      if (a !== i || at === null) return null;
      const step = new Float64Array(at.length);
      for (const j of elements) step[j] = 1;
      return step;
    });
  }

  #moved(direction: Direction, t: number): Float64Array | null {
    return this.valuesAt(this.#argumentsAt(direction, t));
  }

  #argumentsAt(direction: Direction, t: number): unknown[] {
    return this.#args.map((arg, i) => {
      const step = direction[i] ?? null;
      return step === null ? arg : moved(arg as Tensor, this.#at[i]!, step, t);
    });
  }
}

/** `arg` + t · step. */
export function moved(arg: Tensor, at: Float64Array, step: Float64Array, t: number): Tensor {
  const values = new Float64Array(at.length);
  for (let j = 0; j < at.length; j++) values[j] = at[j]! + t * step[j]!;
  return ofValues(values, shapeOf(arg), arg.dtype);
}
