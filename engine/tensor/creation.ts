/**
 * @file Tensors made from nothing but numbers.
 *
 * Source of names and defaults: https://docs.pytorch.org/docs/stable/torch.html#creation-ops, except
 * that the default dtype is float64, which a gradient checker needs.
 */

import { DEFAULT_DTYPE, type DType, isDType, isFloatingPoint } from "./dtype.ts";
import type { Shape } from "./shape.ts";
import { dataOf, empty, isTensor, type NestedNumbers, offsetOf, shapeOf, type Tensor } from "./tensor.ts";

export interface TensorOptions {
  dtype?: DType;
  requiresGrad?: boolean;
}

/** A shape as torch takes it, `zeros(2, 3)` or `zeros([2, 3])`, and options. */
export type SizeArguments =
  | [...size: number[]]
  | [...size: number[], options: TensorOptions]
  | [size: Shape, options?: TensorOptions];

/** Numbers or booleans nested to any depth; typed arrays count as lists. */
export type TensorData = number | boolean | ArrayLike<number> | readonly TensorData[] | NestedNumbers;

/** Takes `(2, 3, { dtype })` or `([2, 3], { dtype })` apart. */
export function parseSize(
  name: string,
  args: readonly unknown[],
): { size: number[]; options: TensorOptions } {
  const last = args.at(-1);
  const hasOptions = typeof last === "object" && last !== null && !Array.isArray(last);
  const sizes = hasOptions ? args.slice(0, -1) : args;
  const size = (Array.isArray(sizes[0]) ? sizes[0] : sizes).slice() as number[];
  if (!size.every(extent => Number.isSafeInteger(extent) && extent >= 0)) {
    throw new TypeError(
      `${name}() expected sizes that are integers ≥ 0, got (${size.map(String).join(", ")}).`,
    );
  }
  return { size, options: hasOptions ? (last as TensorOptions) : {} };
}

/** Applies what every creation function takes besides the values. */
export function withOptions(t: Tensor, options: TensorOptions): Tensor {
  return options.requiresGrad === true ? t.requiresGrad_() : t;
}

/**
 * A tensor of the given values.
 *
 * The dtype, where none is given, is `bool` for booleans and float64 for numbers: JavaScript does not
 * tell 1.0 from 1. (Torch would make int64 of integers; ask for it with `{ dtype: "int64" }`.)
 * @throws where lists that should be equally long are not.
 */
export function tensor(data: TensorData | Tensor, options: TensorOptions = {}): Tensor {
  if (isTensor(data))
    return withOptions(
      data
        .detach()
        .clone()
        .to(options.dtype ?? data.dtype),
      options,
    );
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = level[0]) shape.push(level.length);
  const values: number[] = [];
  let booleans = true;
  const read = (value: unknown, depth: number): void => {
    if (typeof value !== "number" && isList(value)) {
      if (value.length !== shape[depth]) {
        throw new RangeError(
          `tensor() expected lists of length ${shape[depth] ?? "0 (a number)"} at depth ${depth}, got one of length ${value.length}.`,
        );
      }
      for (let i = 0; i < value.length; i++) read(value[i], depth + 1);
      return;
    }
    if (depth !== shape.length || (typeof value !== "number" && typeof value !== "boolean")) {
      const got = isTensor(value) ? "a tensor (use stack)" : typeof value;
      throw new TypeError(`tensor() expected a number at depth ${depth} of its data, got ${got}.`);
    }
    booleans &&= typeof value === "boolean";
    values.push(Number(value));
  };
  read(data, 0);
  const dtype = options.dtype ?? (booleans && values.length > 0 ? "bool" : DEFAULT_DTYPE);
  return withOptions(ofValues(values, shape, dtype), options);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A tensor of these row-major values, converted as torch converts: toward zero for integers, to 0 and 1 for bool. */
export function ofValues(values: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  const t = empty(shape, dtype);
  const data = dataOf(t);
  const offset = offsetOf(t);
  if (isFloatingPoint(dtype)) for (let i = 0; i < values.length; i++) data[offset + i] = values[i]!;
  else {
    const convert = conversionTo(dtype);
    for (let i = 0; i < values.length; i++) data[offset + i] = convert(values[i]!);
  }
  return t;
}

/** How a number becomes an element of `dtype`. */
export function conversionTo(dtype: DType): (value: number) => number {
  if (dtype === "bool") return value => (value !== 0 ? 1 : 0);
  return dtype === "int64" ? Math.trunc : value => value;
}

/** @throws for a dtype that there is none of. */
export function full(size: Shape, fillValue: number | boolean, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype ?? (typeof fillValue === "boolean" ? "bool" : DEFAULT_DTYPE);
  if (!isDType(dtype)) throw new TypeError(`Expected a dtype such as "float64", got ${String(dtype)}.`);
  const t = empty(parseSize("full", [size]).size, dtype);
  const offset = offsetOf(t);
  dataOf(t).fill(conversionTo(dtype)(Number(fillValue)), offset, offset + t.numel());
  return withOptions(t, options);
}

export function zeros(...args: SizeArguments): Tensor {
  const { size, options } = parseSize("zeros", args);
  return full(size, 0, { dtype: DEFAULT_DTYPE, ...options });
}

export function ones(...args: SizeArguments): Tensor {
  const { size, options } = parseSize("ones", args);
  return full(size, 1, { dtype: DEFAULT_DTYPE, ...options });
}

export function fullLike(input: Tensor, fillValue: number | boolean, options: TensorOptions = {}): Tensor {
  return full(shapeOf(input), fillValue, { dtype: input.dtype, ...options });
}

export function zerosLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return fullLike(input, 0, options);
}

export function onesLike(input: Tensor, options: TensorOptions = {}): Tensor {
  return fullLike(input, 1, options);
}

/** Ones on the diagonal of an n × m matrix; n × n without m. */
export function eye(n: number, m: number | TensorOptions = n, options: TensorOptions = {}): Tensor {
  if (typeof m === "object") return eye(n, n, m);
  const t = zeros([n, m], options.dtype ? { dtype: options.dtype } : {});
  for (let i = 0; i < Math.min(n, m); i++) dataOf(t)[offsetOf(t) + i * (m + 1)] = 1;
  return withOptions(t, options);
}

/** From `start` by `step` up to but not including `end`; `arange(end)` starts at 0. int64 where all three are integers. */
export function arange(end: number, options?: TensorOptions): Tensor;
export function arange(start: number, end: number, step?: number, options?: TensorOptions): Tensor;
export function arange(...args: (number | TensorOptions | undefined)[]): Tensor {
  const last = args.at(-1);
  const options = typeof last === "object" ? last : {};
  const numbers = args.filter(arg => typeof arg === "number");
  const [start, end, step] =
    numbers.length === 1 ? [0, numbers[0]!, 1] : [numbers[0]!, numbers[1]!, numbers[2] ?? 1];
  const length = Math.ceil((end - start) / step);
  if (!(step !== 0 && length >= 0 && Number.isFinite(length))) {
    throw new RangeError(
      `arange() cannot step from ${start} to ${end} by ${step}: expected a step toward the end.`,
    );
  }
  const integers = [start, end, step].every(Number.isInteger);
  const values = Float64Array.from({ length }, (_, i) => start + i * step);
  return withOptions(
    ofValues(values, [length], options.dtype ?? (integers ? "int64" : DEFAULT_DTYPE)),
    options,
  );
}

/** `steps` evenly spaced values from `start` to `end`, both included. */
export function linspace(start: number, end: number, steps: number, options: TensorOptions = {}): Tensor {
  // From both ends, as torch does, so that the result is symmetric and ends exactly at `end`.
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const values = Float64Array.from({ length: steps }, (_, i) =>
    i < steps / 2 ? start + step * i : end - step * (steps - 1 - i),
  );
  return withOptions(ofValues(values, [steps], options.dtype ?? DEFAULT_DTYPE), options);
}

/** A copy of fewer elements is made sooner one by one. */
const FEW = 64;

/** Copies values into a fresh array in row-major order, whatever the strides. */
export function toFlatArray(input: Tensor): Float64Array {
  const contiguous = input.isContiguous() ? input : input.contiguous();
  const offset = offsetOf(contiguous);
  const values = new Float64Array(input.numel());
  const data = dataOf(contiguous);
  if (values.length > FEW) values.set(data.subarray(offset, offset + values.length));
  else for (let i = 0; i < values.length; i++) values[i] = data[offset + i]!;
  return values;
}
