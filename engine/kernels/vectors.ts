/**
 * @file What is done with long rows of doubles in WebAssembly: chunk by chunk, in a piece of memory that the first-level
 * cache holds. Additions and the like are not: the copy in and out takes longer than a plain loop.
 */

import { CHUNK, createVectorKernels, STEP } from "./vector-wasm.ts";

/** From so many elements on the copy pays. */
const LONG = { sum: 256, exp: 64 } as const;

const kernels = createVectorKernels();

/** Σ of some neighbouring elements; null where a plain loop is to do it, as there are too few or too many. */
export function sumOfChunk(data: Float64Array, start: number, length: number): number | null {
  if (kernels === null || length < LONG.sum || length > CHUNK) return null;
  const { memory, sum } = kernels;
  sum(load(memory, data, start, length));
  return memory[0]! + memory[1]!;
}

/** `out[o + m] = exp(x[i + m])` for m < n; false where a plain loop is to do it, as there are too few. */
export function expOfVector(n: number, out: Float64Array, o: number, x: Float64Array, i: number): boolean {
  if (kernels === null || n < LONG.exp) return false;
  const { memory, exp } = kernels;
  for (let done = 0; done < n; done += CHUNK) {
    const length = Math.min(CHUNK, n - done);
    exp(load(memory, x, i + done, length));
    out.set(memory.subarray(0, length), o + done);
  }
  return true;
}

/** Copies elements into the memory, and zeros behind them. Returns how many steps they make. */
function load(memory: Float64Array, data: Float64Array, start: number, length: number): number {
  const steps = Math.ceil(length / STEP);
  memory.set(data.subarray(start, start + length));
  if (length < steps * STEP) memory.fill(0, length, steps * STEP);
  return steps;
}
