/**
 * @file Torch's random numbers, bit for bit: its CPU generator (Mersenne twister MT19937) and the ways in
 * which `rand`, `randn`, `randint` and `randperm` draw from it.
 *
 * Source: Matsumoto & Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); torch's
 * aten/src/ATen/core/{MT19937RNGEngine,DistributionsHelper}.h and native/cpu/DistributionTemplates.h.
 */

import { parseSize, type SizeArguments, type TensorOptions, withOptions } from "./creation.ts";
import { DEFAULT_DTYPE, type DType } from "./dtype.ts";
import { numelOf, type Shape } from "./shape.ts";
import { dataOf, empty, offsetOf, type Tensor } from "./tensor.ts";

const N = 624;
const M = 397;

export class Generator {
  readonly #state = new Uint32Array(N);
  #index = N;
  /** The second normal number of the last pair that was drawn, as torch keeps it. */
  #spare: number | null = null;

  constructor(seed: number) {
    this.manualSeed(seed);
  }

  /** Starts over. Only the low 32 bits of the seed count, as in torch. */
  manualSeed(seed: number): this {
    if (!Number.isSafeInteger(seed)) throw new TypeError(`A seed is a safe integer, got ${seed}.`);
    const state = this.#state;
    state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
    for (let i = 1; i < N; i++) {
      const s = state[i - 1]! ^ (state[i - 1]! >>> 30);
      state[i] = Math.imul(1812433253, s) + i;
    }
    this.#index = N;
    this.#spare = null;
    return this;
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#index === N) this.#twist();
    let y = this.#state[this.#index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let k = 0, next = 1, far = M; k < N; k++, next++, far++) {
      if (next === N) next = 0;
      if (far === N) far = 0;
      const y = (state[k]! & 0x80000000) | (state[next]! & 0x7fffffff);
      state[k] = state[far]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }

  /** An integer from 0 to `range` − 1: the remainder of 32 bits, of 64 where `range` is 2²⁸ or more. */
  below(range: number): number {
    if (range < 2 ** 28) return this.uint32() % range;
    const high = BigInt(this.uint32());
    return Number(((high << 32n) | BigInt(this.uint32())) % BigInt(range));
  }

  /** Uniform in [0, 1), with as many random bits as the dtype's mantissa holds. */
  uniform(dtype: DType): number {
    if (dtype === "float32") return (this.uint32() & 0xffffff) * 2 ** -24;
    const high = this.uint32() & 0x1fffff;
    return (high * 2 ** 32 + this.uint32()) * 2 ** -53;
  }

  /** Standard normal, by Box and Muller's transform of two uniforms. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const u1 = this.uniform("float64");
    const u2 = this.uniform("float64");
    const radius = Math.sqrt(-2 * Math.log1p(-u2));
    const angle = 2 * Math.PI * u1;
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Standard normals for a whole array of 16 or more, which torch draws in blocks of 16. */
  fillNormal(data: Float64Array | Float32Array, dtype: DType): void {
    const uniforms = (from: number): void => {
      for (let i = from; i < data.length; i++) data[i] = this.uniform(dtype);
    };
    uniforms(0);
    for (let start = 0; start + 16 <= data.length; start += 16) transformBlock(data, start);
    if (data.length % 16 !== 0) {
      uniforms(data.length - 16);
      transformBlock(data, data.length - 16);
    }
  }
}

/** Sixteen uniforms become sixteen normals, rounded to the array's precision at each step. */
function transformBlock(data: Float64Array | Float32Array, start: number): void {
  const round = data instanceof Float32Array ? Math.fround : (x: number) => x;
  for (let j = start; j < start + 8; j++) {
    const u1 = round(1 - data[j]!);
    const u2 = data[j + 8]!;
    const radius = round(Math.sqrt(round(-2 * round(Math.log(u1)))));
    const angle = round(round(2 * Math.PI) * u2);
    data[j] = radius * round(Math.cos(angle));
    data[j + 8] = radius * round(Math.sin(angle));
  }
}

/** Torch's default seed before anyone calls {@link manualSeed} (its own is 67280421310721, fixed likewise). */
const defaultGenerator = new Generator(67280421310721);

/** Seeds `rand`, `randn`, `randint` and `randperm`: what follows equals torch's numbers after `torch.manual_seed`. */
export function manualSeed(seed: number): Generator {
  return defaultGenerator.manualSeed(seed);
}

function drawn(shape: Shape, options: TensorOptions, dtype: DType, draw: () => number): Tensor {
  const t = empty(shape, dtype);
  const data = dataOf(t);
  const offset = offsetOf(t);
  for (let i = 0; i < t.numel(); i++) data[offset + i] = draw();
  return withOptions(t, options);
}

/** Uniform in [0, 1). */
export function rand(...args: SizeArguments): Tensor {
  const { size, options } = parseSize("rand", args);
  const dtype = options.dtype ?? DEFAULT_DTYPE;
  return drawn(size, options, dtype, () => defaultGenerator.uniform(dtype));
}

/** Standard normal. */
export function randn(...args: SizeArguments): Tensor {
  const { size, options } = parseSize("randn", args);
  const dtype = options.dtype ?? DEFAULT_DTYPE;
  const length = numelOf(size);
  if (length < 16) return drawn(size, options, dtype, () => defaultGenerator.normal());
  const values = dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
  defaultGenerator.fillNormal(values, dtype);
  let next = 0;
  return drawn(size, options, dtype, () => values[next++]!);
}

/** Integers from `low` to `high` − 1; `randint(high, size)` starts at 0. int64 unless asked otherwise. */
export function randint(high: number, size: Shape, options?: TensorOptions): Tensor;
export function randint(low: number, high: number, size: Shape, options?: TensorOptions): Tensor;
export function randint(...args: (number | Shape | TensorOptions | undefined)[]): Tensor {
  const at = args.findIndex(Array.isArray);
  const [low, high] = at === 1 ? [0, args[0] as number] : (args as [number, number]);
  if (at < 1 || !(high > low)) {
    throw new RangeError(
      "randint() expected ([low,] high, size) with low < high, as in randint(0, 5, [2, 3]).",
    );
  }
  const { size, options } = parseSize(
    "randint",
    args.slice(at).filter(arg => arg !== undefined),
  );
  return drawn(size, options, options.dtype ?? "int64", () => low + defaultGenerator.below(high - low));
}

/** A random order of 0 … n − 1. */
export function randperm(n: number, options: TensorOptions = {}): Tensor {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < n - 1; i++) {
    const z = i + (defaultGenerator.uint32() % (n - i));
    [order[i], order[z]] = [order[z]!, order[i]!];
  }
  let next = 0;
  return drawn([n], options, options.dtype ?? "int64", () => order[next++]!);
}
