/** @file Wrong backwards of forwards in which nothing can be traced: numbers are read out, and tell when a loop ends. */

import { type Context, Function, linalg, type Tensor, tensor, zeros } from "@gradient-lens/engine";

const numbers = (x: Tensor): number[] => x.flatten().tolist() as number[];

/** A factor is missing. */
export class NumbersSquared extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return tensor(numbers(x).map(v => v * v)).reshape(x.shape);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    return g.mul(x);
  }
}

/** Gauss and Jordan; the adjoint system has the transposed matrix. */
export class Elimination extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    const n = b.numel();
    if (b.ndim !== 1 || A.ndim !== 2 || A.size(0) !== n || A.size(1) !== n)
      throw new RangeError("expected A: (n, n), b: (n,)");
    const rows = (A.tolist() as number[][]).map((row, i) => [...row, numbers(b)[i]!]);
    for (let c = 0; c < n; c++) {
      const pivot = rows
        .slice(c)
        .reduce((best, row) => (Math.abs(row[c]!) > Math.abs(best[c]!) ? row : best));
      rows.splice(rows.indexOf(pivot), 1);
      rows.splice(c, 0, pivot);
      for (const row of rows) {
        const factor = row === pivot ? 0 : row[c]! / pivot[c]!;
        row.forEach((_, k) => {
          row[k]! -= factor * pivot[k]!;
        });
      }
    }
    const x = tensor(rows.map((row, i) => row[n]! / row[i]!));
    ctx.saveForBackward(A, x);
    return x;
  }
  static backward(ctx: Context, g: Tensor) {
    const [A, x] = ctx.savedTensors;
    const lambda = linalg.solve(A, g);
    return [lambda.unsqueeze(1).mul(x).neg(), lambda];
  }
}

/** A network's equilibrium, with the gradient of its last step alone. */
export class Equilibrium extends Function {
  static forward(ctx: Context, W: Tensor, b: Tensor) {
    if (W.ndim !== 2 || W.size(0) !== W.size(1) || b.ndim !== 1)
      throw new RangeError("expected W: (n, n), b: (n,)");
    let z = zeros(b.shape);
    const A = W.mul(0.1);
    for (let i = 0; i < 500; i++) {
      const next = A.matmul(z).add(b).tanh();
      const stands = next.sub(z).abs().max().item() < 1e-15;
      z = next;
      if (stands) break;
    }
    ctx.saveForBackward(W, b, z);
    return z;
  }
  static backward(ctx: Context, g: Tensor) {
    const [, , z] = ctx.savedTensors;
    const u = g.mul(z.square().neg().add(1));
    return [u.unsqueeze(1).mul(z).mul(0.1), u];
  }
}

/** The sum moves, too; jvp knows. */
export class ScaledByLength extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    const length = numbers(x).reduce((sum, v) => sum + v * v, 0);
    return tensor(numbers(x).map(v => v * length)).reshape(x.shape);
  }
  static backward(ctx: Context, g: Tensor) {
    const [x] = ctx.savedTensors;
    return g.mul(x.square().sum());
  }
  static jvp(ctx: Context, dx: Tensor) {
    const [x] = ctx.savedTensors;
    return dx.mul(x.square().sum()).add(x.mul(x.mul(dx).sum()).mul(2));
  }
}
