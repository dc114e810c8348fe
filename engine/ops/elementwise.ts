/**
 * @file What an elementwise operation is: one function of numbers, applied over broadcast tensors, and
 * its partial derivatives.
 *
 * The derivative of such an operation is diagonal, so it is its own transpose: the same rule,
 * `partials[i](g, x, …, y) = g ⊙ ∂y/∂xᵢ`, pulls a cotangent back and pushes a tangent forward.
 */

import { alignedForBroadcast } from "../autograd/batch.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { mapStrided } from "../kernels/elementwise.ts";
import { type Kernel, kernel1, kernel2, kernel3, type Loop } from "../kernels/loops.ts";
import type { Source } from "../kernels/strided.ts";
import { noteComparison } from "../tensor/comparisons.ts";
import { conversionTo, zerosLike } from "../tensor/creation.ts";
import {
  DEFAULT_DTYPE,
  type DType,
  isFloatingPoint,
  type NumericArray,
  resultType,
  toFloating,
} from "../tensor/dtype.ts";
import { broadcastShapes, broadcastStrides, formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import {
  dataOf,
  empty,
  emptyLike,
  isTensor,
  isWrappedNumber,
  markWrappedNumber,
  offsetOf,
  shapeOf,
  stridesOf,
  type Tensor,
} from "../tensor/tensor.ts";
import { Fused } from "./fused.ts";

/** Where an operation takes a tensor, a plain number (or boolean) does too. */
export type TensorLike = Tensor | number | boolean;

/**
 * The dtype of the result, from that of the promoted inputs: "same" for arithmetic, "floating" for
 * functions whose values are no integers, "bool" for comparisons.
 */
export type ResultKind = "same" | "floating" | "bool";

/** A plain number as a 0-d tensor that does not promote dtypes beyond its category. */
export function asTensor(value: TensorLike, name: string): Tensor {
  if (isTensor(value)) return value;
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new TypeError(`${name}() expected a tensor or a number, got ${describe(value)}.`);
  }
  const dtype = typeof value === "boolean" ? "bool" : Number.isInteger(value) ? "int64" : DEFAULT_DTYPE;
  const t = empty([], dtype);
  dataOf(t)[offsetOf(t)] = Number(value);
  return markWrappedNumber(t);
}

/** What came instead of a tensor, for an error. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array (make it a tensor: tensor([...]))";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Reads `t` as if it had shape `to`. */
export function sourceOf(t: Tensor, to: Shape): Source {
  const shape = shapeOf(t);
  const strides = stridesOf(t);
  return {
    data: dataOf(t),
    offset: offsetOf(t),
    strides: sameShape(shape, to) ? strides : broadcastStrides(shape, strides, to),
  };
}

function dtypeOf(inputs: readonly Tensor[], kind: ResultKind): DType {
  if (kind === "bool") return "bool";
  const dtype = resultType(
    inputs.map(t => ({ dtype: t.dtype, ndim: t.ndim, wrappedNumber: isWrappedNumber(t) })),
  );
  return kind === "floating" ? toFloating(dtype) : dtype;
}

/** Every input decides the result's dtype. */
const all = (inputs: readonly Tensor[]): readonly Tensor[] => inputs;

/** The function at every element of the inputs, broadcast to the output's shape. */
function evaluate({ doubles, any }: Kernel, inputs: readonly Tensor[], output: Tensor): void {
  const shape = shapeOf(output);
  const out = dataOf(output);
  const at = offsetOf(output);
  const sources = inputs.map(t => sourceOf(t, shape));
  const ofDoubles = out instanceof Float64Array && sources.every(({ data }) => data instanceof Float64Array);
  if (ofDoubles) mapStrided(doubles, shape, out, at, sources);
  else mapStrided(any, shape, out, at, sources);
  if (output.dtype === "int64" || output.dtype === "bool") {
    const round = conversionTo(output.dtype);
    for (let i = at; i < at + output.numel(); i++) out[i] = round(out[i]!);
  }
}

/** Whether all are float64 tensors, or plain numbers beside them. */
function areFloat64(inputs: readonly Tensor[]): boolean {
  let some = false;
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i]!;
    if (isWrappedNumber(t)) continue;
    if (t.dtype !== "float64") return false;
    some = true;
  }
  return some;
}

/**
 * The input whose shape the others have too, all of them row-major, or 0-d beside it: no general walk is needed then.
 * Most tensors that a gradient check meets are of this kind and tiny.
 * @returns null for all others
 */
function commonShape(inputs: readonly Tensor[]): Tensor | null {
  let like: Tensor | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const t = inputs[i]!;
    if (t.ndim === 0) continue;
    if (!t.isContiguous() || (like !== null && !sameShape(shapeOf(like), shapeOf(t)))) return null;
    like ??= t;
  }
  return like ?? inputs[0]!;
}

/** The loop over doubles that fills an array. */
function loopInto(out: NumericArray, { doubles, truths, any }: Kernel): unknown {
  if (out instanceof Float64Array) return doubles;
  return out instanceof Uint8Array && truths !== undefined ? truths : any;
}

/** The function at every element of inputs that have a {@link commonShape}. */
function evaluateFlat(kernel: Kernel, inputs: readonly Tensor[], output: Tensor): void {
  const x = inputs[0]!;
  const y = inputs.length > 1 ? inputs[1]! : x;
  const z = inputs.length > 2 ? inputs[2]! : y;
  const out = dataOf(output);
  const xs = dataOf(x);
  const ys = dataOf(y);
  const zs = dataOf(z);
  const ofDoubles = xs instanceof Float64Array && ys instanceof Float64Array && zs instanceof Float64Array;
  const loop = (ofDoubles ? loopInto(out, kernel) : kernel.any) as Loop<NumericArray>;
  const at = offsetOf(output);
  loop(
    output.numel(),
    out,
    at,
    xs,
    offsetOf(x),
    x.ndim === 0 ? 0 : 1,
    ys,
    offsetOf(y),
    y.ndim === 0 ? 0 : 1,
    zs,
    offsetOf(z),
    z.ndim === 0 ? 0 : 1,
  );
}

function flat(kernel: Kernel, inputs: readonly Tensor[], like: Tensor, kind: ResultKind): Tensor {
  const dtype = kind === "bool" ? "bool" : "float64";
  const output = like.dtype === dtype ? emptyLike(like) : empty(shapeOf(like), dtype);
  evaluateFlat(kernel, inputs, output);
  return output;
}

function general(kernel: Kernel, inputs: readonly Tensor[], dtype: DType): Tensor {
  const output = empty(inputs.map(shapeOf).reduce(broadcastShapes), dtype);
  evaluate(kernel, inputs, output);
  return output;
}

/** The function at every element, as a fresh tensor. */
function compute<X extends readonly Tensor[]>(
  kernel: Kernel,
  inputs: X,
  kind: ResultKind,
  promoted: (inputs: X) => readonly Tensor[],
): Tensor {
  const deciding = promoted(inputs);
  const like = areFloat64(deciding) ? commonShape(inputs) : null;
  const output =
    like === null ? general(kernel, inputs, dtypeOf(deciding, kind)) : flat(kernel, inputs, like, kind);
  if (kind === "bool") noteComparison(dataOf(output), offsetOf(output), output.numel());
  return output;
}

/** A gradient in the shape and dtype of the input it belongs to: summed over what was broadcast. */
function asGradOf(input: Tensor, grad: Tensor): Tensor {
  const summed = sameShape(shapeOf(grad), shapeOf(input)) ? grad : grad.sumToSize(shapeOf(input));
  return summed.dtype === input.dtype ? summed : summed.to(input.dtype);
}

type Partial<X extends readonly Tensor[]> = (g: Tensor, ...xy: [...X, y: Tensor]) => Tensor;

/**
 * The primitive of an elementwise operation.
 * @param kernel the function of numbers, one for each input
 * @param partials g ⊙ ∂f/∂xᵢ for each input; may use y = f(x, …)
 * @param promoted the inputs that decide the result's dtype
 */
function elementwise<X extends readonly Tensor[]>(
  name: string,
  kernel: Kernel,
  partials: readonly Partial<X>[],
  kind: ResultKind,
  promoted: (inputs: X) => readonly Tensor[] = all,
): Primitive<X> {
  const op: Primitive<X> = {
    name,
    kernel,
    forward: inputs => compute(kernel, inputs, kind, promoted),
    vjp: partials.map((partial, i) => {
      const fused = new Fused(partial as (...gxy: Tensor[]) => Tensor);
      return (g: Tensor, inputs: X, y: Tensor) =>
        fused.run(g, inputs, y, inputs[i]!) ?? asGradOf(inputs[i]!, partial(g, ...inputs, y));
    }),
    jvp(tangents, inputs, y) {
      const terms: Tensor[] = [];
      partials.forEach((partial, i) => {
        const tangent = tangents[i] ?? null;
        if (tangent !== null) terms.push(partial(tangent, ...inputs, y));
      });
      const sum = terms.reduce((a, b) => a.add(b));
      // A tangent narrower than the result (the other input is broadcast against it) repeats.
      return sameShape(shapeOf(sum), shapeOf(y)) ? sum : sum.expand(shapeOf(y));
    },
    batch: (values, batched) => call(op, alignedForBroadcast(values, batched) as unknown as X, undefined),
  };
  return op;
}

export type Unary = (input: Tensor) => Tensor;

/** An operation of one tensor. */
export function unary(
  name: string,
  f: (x: number) => number,
  partial: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
  kind: ResultKind = "floating",
): Unary {
  const op = elementwise<[x: Tensor]>(name, kernel1(f), [partial], kind);
  return (input: Tensor, excess?: unknown, next?: unknown) => {
    if (excess !== undefined) refuseExcess(name, 1, excess, next);
    return call(op, [checked(name, input)], undefined);
  };
}

export type UnaryWith<P> = (input: Tensor, settings: P) => Tensor;

/**
 * An operation of one tensor with settings: a slope, a threshold, a number of decimals.
 * @param f the function of a number, for these settings
 */
export function unaryWith<P>(
  name: string,
  f: (settings: P) => (x: number) => number,
  partial: (g: Tensor, x: Tensor, y: Tensor, settings: P) => Tensor,
  kind: ResultKind = "floating",
): UnaryWith<P> {
  const op: Primitive<[x: Tensor], P> = {
    name,
    forward: (inputs, settings) => compute(kernel1(f(settings)), inputs, kind, all),
    vjp: [(g, [x], y, settings) => asGradOf(x, partial(g, x, y, settings))],
    jvp: ([tangent], [x], y, settings) => partial(tangent!, x, y, settings),
    batch: (values, _batched, settings) => call(op, values, settings),
  };
  return (input, settings) => call(op, [checked(name, input)], settings);
}

export type Binary = (input: TensorLike, other: TensorLike) => Tensor;

/** An operation of two tensors (or numbers), broadcast against each other. */
export function binary(
  name: string,
  f: (x: number, y: number) => number,
  partials: readonly Partial<[x: Tensor, y: Tensor]>[],
  kind: ResultKind = "same",
): Binary {
  const op = elementwise<[x: Tensor, y: Tensor]>(name, kernel2(f), partials, kind);
  return (input: TensorLike, other: TensorLike, excess?: unknown, next?: unknown) => {
    if (excess !== undefined) refuseExcess(name, 2, excess, next);
    return call(op, [asTensor(input, name), asTensor(other, name)], undefined);
  };
}

/** A comparison: bool, without derivative. `f` gives 1 for true, else 0. */
export function comparison(name: string, f: (x: number, y: number) => number): Binary {
  return binary(name, f, [], "bool");
}

export type Ternary = (a: TensorLike, b: TensorLike, c: TensorLike) => Tensor;

/** An operation of three tensors (or numbers), broadcast against each other. */
export function ternary(
  name: string,
  f: (a: number, b: number, c: number) => number,
  partials: readonly Partial<[a: Tensor, b: Tensor, c: Tensor]>[],
  promoted?: (inputs: [a: Tensor, b: Tensor, c: Tensor]) => readonly Tensor[],
): Ternary {
  const op = elementwise<[a: Tensor, b: Tensor, c: Tensor]>(name, kernel3(f), partials, "same", promoted);
  return (a: TensorLike, b: TensorLike, c: TensorLike, excess?: unknown, next?: unknown) => {
    if (excess !== undefined) refuseExcess(name, 3, excess, next);
    return call(op, [asTensor(a, name), asTensor(b, name), asTensor(c, name)], undefined);
  };
}

/**
 * No argument is ignored, except for those that `xs.map(exp)` and `xs.reduce(mul)` add: an index and the array.
 * @throws for all others
 */
function refuseExcess(name: string, expected: number, excess: unknown, next: unknown): void {
  if (typeof excess === "number" && Array.isArray(next)) return;
  const got = isTensor(excess) ? "a tensor" : describe(excess);
  throw new TypeError(`${name}() takes ${expected} argument${expected === 1 ? "" : "s"}, got ${got} beside.`);
}

/** The partial derivative of what is constant almost everywhere: floor, sign, a condition. */
export const zeroPartial = (g: Tensor): Tensor => zerosLike(g);

/** @throws where `input` is no tensor; names the operation and the dtype it needs. */
export function checked(name: string, input: unknown, floating = false): Tensor {
  if (!isTensor(input)) throw new TypeError(`${name}() expected a tensor, got ${describe(input)}.`);
  if (floating && !isFloatingPoint(input.dtype)) {
    throw new TypeError(
      `${name}() expected a floating-point tensor, got ${input.dtype} ${formatShape(shapeOf(input))}.`,
    );
  }
  return input;
}
