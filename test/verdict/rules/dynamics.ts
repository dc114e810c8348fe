/** @file Ordinary differential equations, solved on plain numbers: the continuous adjoint and the discrete one. */

import { type Context, Function, onceDifferentiable, type Tensor, tensor } from "@gradient-lens/engine";

type Slope = (state: readonly number[]) => number[];

const plus = (x: readonly number[], h: number, k: readonly number[]): number[] =>
  x.map((xi, i) => xi + h * k[i]!);

/** The classical Runge–Kutta method, from time 0 to `time`. */
function rungeKutta(slope: Slope, start: readonly number[], time: number, steps: number): number[] {
  const h = time / steps;
  let x = [...start];
  for (let n = 0; n < steps; n++) {
    const k1 = slope(x);
    const k2 = slope(plus(x, h / 2, k1));
    const k3 = slope(plus(x, h / 2, k2));
    const k4 = slope(plus(x, h, k3));
    x = x.map((xi, i) => xi + (h / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
  }
  return x;
}

function activations(W: readonly number[][], z: readonly number[]): number[] {
  return W.map(row => Math.tanh(row.reduce((sum, w, j) => sum + w * z[j]!, 0)));
}

function refuseMismatch(by: string, z: Tensor, W: Tensor): void {
  if (z.ndim !== 1 || W.ndim !== 2 || W.size(0) !== z.size(0) || W.size(1) !== z.size(0)) {
    throw new RangeError(`${by} expected (n) and (n, n), got [${z.shape}] and [${W.shape}].`);
  }
}

const STEPS = 200;

/** z(1) of z′ = tanh(W z); the adjoint a′ = −(∂f/∂z)ᵀ a and the state run back together. Chen et al., neural ODEs, arXiv:1806.07366. */
export class OdeAdjoint extends Function {
  static forward(ctx: Context, z0: Tensor, W: Tensor) {
    refuseMismatch("OdeAdjoint", z0, W);
    const weights = W.tolist() as number[][];
    const end = tensor(rungeKutta(z => activations(weights, z), z0.tolist() as number[], 1, STEPS));
    ctx.saveForBackward(W, end);
    return end;
  }

  static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => {
    const [W, end] = ctx.savedTensors;
    const n = end.size(0);
    const weights = W.tolist() as number[][];
    // State, adjoint and gradient of W in one vector, in reversed time.
    const slope: Slope = all => {
      const [z, a] = [all.slice(0, n), all.slice(n, 2 * n)];
      const f = activations(weights, z);
      const v = a.map((ai, i) => ai * (1 - f[i]! ** 2));
      const onState = z.map((_, j) => v.reduce((sum, vi, i) => sum + vi * weights[i]![j]!, 0));
      return [...f.map(fi => -fi), ...onState, ...v.flatMap(vi => z.map(zj => vi * zj))];
    };
    const start = [
      ...(end.tolist() as number[]),
      ...(gradOutput.tolist() as number[]),
      ...new Array<number>(n * n).fill(0),
    ];
    const result = rungeKutta(slope, start, 1, STEPS);
    return [tensor(result.slice(n, 2 * n)), tensor(result.slice(2 * n)).reshape([n, n])];
  });
}

/** The same field by the midpoint rule in few steps, differentiated step by step: exact for the steps taken. Gholami et al., ANODE, arXiv:1902.10298. */
export class MidpointOde extends Function {
  static forward(ctx: Context<{ states: Tensor[]; h: number }>, z0: Tensor, W: Tensor, steps = 4) {
    refuseMismatch("MidpointOde", z0, W);
    ctx.saveForBackward(W);
    ctx.h = 1 / Math.max(1, Math.round(steps));
    ctx.states = [];
    let z = z0;
    for (let n = 0; n < Math.round(1 / ctx.h); n++) {
      ctx.states.push(z);
      const middle = z.add(
        W.mv(z)
          .tanh()
          .mul(ctx.h / 2),
      );
      z = z.add(W.mv(middle).tanh().mul(ctx.h));
    }
    return z;
  }

  static backward(ctx: Context<{ states: Tensor[]; h: number }>, gradOutput: Tensor) {
    const [W] = ctx.savedTensors;
    let a = gradOutput;
    let gradW = W.mul(0);
    for (const z of ctx.states.toReversed()) {
      const f = W.mv(z).tanh();
      const middle = z.add(f.mul(ctx.h / 2));
      const f2 = W.mv(middle).tanh();
      const v2 = a.mul(ctx.h).mul(f2.square().neg().add(1));
      const onMiddle = W.t().mv(v2);
      const v1 = onMiddle.mul(ctx.h / 2).mul(f.square().neg().add(1));
      gradW = gradW.add(v2.outer(middle)).add(v1.outer(z));
      a = a.add(onMiddle).add(W.t().mv(v1));
    }
    return [a, gradW, null];
  }
}
