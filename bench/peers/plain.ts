/** @file What plain JavaScript loops on typed arrays do: no library, no graph, nothing that is not the arithmetic. */

import { contestant } from "../contestant.ts";
import type { Peer } from "../peer.ts";

export const PLAIN_LOOPS = "plain loops";

export const plain: Peer = {
  version: process.version,

  gradcheck({ n, x }) {
    return [contestant(PLAIN_LOOPS, () => jacobiansOfSquareAgree(n, x), Number)];
  },

  matmul({ n, a, b }) {
    const run = (): Float64Array => {
      const c = new Float64Array(n * n);
      product(n, a, b, c);
      return c;
    };
    return [contestant(PLAIN_LOOPS, run, c => c[0]!)];
  },

  elementwise({ op, x, y }) {
    const result = new Float64Array(x.length);
    const runs = {
      exp: () => {
        for (let i = 0; i < x.length; i++) result[i] = Math.exp(x[i]!);
        return result[0]!;
      },
      add: () => {
        for (let i = 0; i < x.length; i++) result[i] = x[i]! + y[i]!;
        return result[0]!;
      },
      mul: () => {
        for (let i = 0; i < x.length; i++) result[i] = x[i]! * y[i]!;
        return result[0]!;
      },
      sum: () => {
        let total = 0;
        for (let i = 0; i < x.length; i++) total += x[i]!;
        return total;
      },
    };
    return [contestant(PLAIN_LOOPS, runs[op], Number)];
  },
};

/** c ← a·b, the three loops in the order in which the innermost goes through neighbours. */
function product(n: number, a: Float64Array, b: Float64Array, c: Float64Array): void {
  c.fill(0);
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < n; p++) {
      const x = a[i * n + p]!;
      for (let j = 0; j < n; j++) c[i * n + j]! += x * b[p * n + j]!;
    }
  }
}

/**
 * Full Jacobian of X², twice: by columns from central differences, by rows from G·Xᵀ + Xᵀ·G at every unit G; and
 * whether they agree.
 */
function jacobiansOfSquareAgree(n: number, input: Float64Array): boolean {
  const size = n * n;
  const step = 1e-6;
  const x = input.slice();
  const transposed = x.map((_, i) => x[(i % n) * n + Math.floor(i / n)]!);
  const analytical = new Float64Array(size * size);
  const [unit, left, right] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (let k = 0; k < size; k++) {
    unit[k] = 1;
    product(n, unit, transposed, left);
    product(n, transposed, unit, right);
    unit[k] = 0;
    for (let j = 0; j < size; j++) analytical[k * size + j] = left[j]! + right[j]!;
  }
  for (let j = 0; j < size; j++) {
    const value = x[j]!;
    x[j] = value + step;
    product(n, x, x, left);
    x[j] = value - step;
    product(n, x, x, right);
    x[j] = value;
    for (let k = 0; k < size; k++) {
      const numerical = (left[k]! - right[k]!) / (2 * step);
      if (Math.abs(numerical - analytical[k * size + j]!) > 1e-5 + 1e-3 * Math.abs(numerical)) return false;
    }
  }
  return true;
}
