/** @file Isotonic regression, and the soft ranks that are a projection by way of it. */

import { type Context, Function, onceDifferentiable, type Tensor, tensor } from "@gradient-lens/engine";

/** A run of entries that isotonic regression gives their mean. */
interface Block {
  readonly start: number;
  readonly size: number;
  readonly mean: number;
}

/** The blocks of the nearest non-increasing sequence, by pooling adjacent violators. */
function pooled(y: readonly number[]): Block[] {
  const blocks: Block[] = [];
  y.forEach((value, start) => {
    let block: Block = { start, size: 1, mean: value };
    while (blocks.length > 0 && blocks.at(-1)!.mean <= block.mean) {
      const last = blocks.pop()!;
      const size = last.size + block.size;
      block = { start: last.start, size, mean: (last.mean * last.size + block.mean * block.size) / size };
    }
    blocks.push(block);
  });
  return blocks;
}

/** Every entry replaced by its block's mean. */
function blockMeans(values: readonly number[], blocks: readonly Block[]): number[] {
  return blocks.flatMap(({ start, size }) => {
    const mean = values.slice(start, start + size).reduce((a, b) => a + b, 0) / size;
    return new Array<number>(size).fill(mean);
  });
}

/** The nearest non-increasing vector (Best & Chakravarti 1990); backward averages over the same blocks. */
export class IsotonicL2 extends Function {
  static forward(ctx: Context<{ blocks: Block[] }>, y: Tensor) {
    if (y.ndim !== 1) throw new Error(`IsotonicL2 expected a vector, got shape (${y.shape})`);
    const values = y.tolist() as number[];
    ctx.blocks = pooled(values);
    return tensor(blockMeans(values, ctx.blocks));
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    return tensor(blockMeans(gradOutput.tolist() as number[], ctx.blocks));
  });
}

/** Soft ranks (1 for the smallest) along the last dimension (Blondel et al. 2020, fast-soft-sort's soft_rank with "l2"). */
export class SoftRank extends Function {
  static forward(ctx: Context, values: Tensor, regularizationStrength = 1) {
    const n = values.shape.at(-1);
    if (n === undefined || n === 0) throw new Error(`SoftRank expected (…, n), got shape (${values.shape})`);
    if (!(regularizationStrength > 0)) {
      throw new RangeError(`SoftRank expected a strength > 0, got ${regularizationStrength}`);
    }
    const rows = values.reshape(-1, n).tolist() as number[][];
    const solutions = rows.map(row => {
      const z = row.map(value => value / regularizationStrength);
      const order = z.map((_, i) => i).sort((i, j) => z[j]! - z[i]!);
      const gaps = order.map((place, k) => z[place]! - (n - k));
      const blocks = pooled(gaps);
      return { z, order, blocks, dual: blockMeans(gaps, blocks) };
    });
    ctx.solutions = solutions;
    ctx.strength = regularizationStrength;
    const ranks = solutions.map(({ z, order, dual }) => {
      const row = z.slice();
      order.forEach((place, k) => {
        row[place]! -= dual[k]!;
      });
      return row;
    });
    return tensor(ranks).reshape(values.shape);
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const n = gradOutput.size(-1);
    const rows = gradOutput.reshape(-1, n).tolist() as number[][];
    const grads = rows.map((row, r) => {
      const { order, blocks } = ctx.solutions[r] as { order: number[]; blocks: Block[] };
      const means = blockMeans(
        order.map(place => row[place]!),
        blocks,
      );
      const grad = row.slice();
      order.forEach((place, k) => {
        grad[place]! -= means[k]!;
      });
      return grad;
    });
    return [tensor(grads).reshape(gradOutput.shape).div(ctx.strength), null];
  });
}
