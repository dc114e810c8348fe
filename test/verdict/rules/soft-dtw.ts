/** @file Differentiable dynamic time warping. */

import { type Context, Function, onceDifferentiable, type Tensor, tensor } from "@gradient-lens/engine";

type Matrix = number[][];

/** −γ log(e^{−a/γ} + e^{−b/γ} + e^{−c/γ}). */
function softMin(a: number, b: number, c: number, gamma: number): number {
  const least = Math.min(a, b, c);
  const sum = Math.exp((least - a) / gamma) + Math.exp((least - b) / gamma) + Math.exp((least - c) / gamma);
  return least - gamma * Math.log(sum);
}

/** Costs of the best alignments up to (i, j), with a border of ∞ before them. */
function accumulated(costs: Matrix, gamma: number): Matrix {
  const n = costs.length;
  const m = costs[0]!.length;
  const R = Array.from({ length: n + 2 }, () => new Array<number>(m + 2).fill(Infinity));
  R[0]![0] = 0;
  for (let j = 1; j <= m; j++) {
    for (let i = 1; i <= n; i++) {
      const before = softMin(R[i - 1]![j - 1]!, R[i - 1]![j]!, R[i]![j - 1]!, gamma);
      R[i]![j] = costs[i - 1]![j - 1]! + before;
    }
  }
  return R;
}

/** How much every cost counts in the last entry of R. */
function alignment(costs: Matrix, R: Matrix, gamma: number): Matrix {
  const n = costs.length;
  const m = costs[0]!.length;
  const E = Array.from({ length: n + 2 }, () => new Array<number>(m + 2).fill(0));
  E[n]![m] = 1;
  const flow = (i: number, j: number, nextI: number, nextJ: number): number => {
    if (nextI > n || nextJ > m) return 0;
    const before = R[nextI]![nextJ]! - costs[nextI - 1]![nextJ - 1]!;
    return E[nextI]![nextJ]! * Math.exp((before - R[i]![j]!) / gamma);
  };
  for (let j = m; j >= 1; j--) {
    for (let i = n; i >= 1; i--) {
      if (i === n && j === m) continue;
      E[i]![j] = flow(i, j, i + 1, j) + flow(i, j, i, j + 1) + flow(i, j, i + 1, j + 1);
    }
  }
  return E.slice(1, n + 1).map(row => row.slice(1, m + 1));
}

/** Soft-DTW of a batch of cost matrices (Cuturi & Blondel 2017; Maghoumi's pytorch-softdtw). */
export class SoftDTW extends Function {
  static forward(ctx: Context, D: Tensor, gamma: number) {
    if (D.ndim !== 3) throw new Error(`SoftDTW expected costs (batch, n, m), got (${D.shape})`);
    if (!(gamma > 0)) throw new RangeError(`SoftDTW expected gamma > 0, got ${gamma}`);
    const batch = D.tolist() as Matrix[];
    const R = batch.map(costs => accumulated(costs, gamma));
    ctx.saveForBackward(D);
    ctx.R = R;
    ctx.gamma = gamma;
    return tensor(R.map(r => r.at(-2)!.at(-2)!));
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [D] = ctx.savedTensors;
    const batch = D.tolist() as Matrix[];
    const E = batch.map((costs, b) => alignment(costs, ctx.R[b], ctx.gamma));
    return [gradOutput.reshape(-1, 1, 1).mul(tensor(E)), null];
  });
}
