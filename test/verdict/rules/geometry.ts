/** @file Vectors that stand for something else: half a symmetric matrix, a place in an image, a rotation. */

import {
  type Context,
  diagEmbed,
  eye,
  Function,
  onceDifferentiable,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "@gradient-lens/engine";

/** Places of the lower triangle in a flattened n × n matrix, row by row; and those of their mirror images. */
function trianglePlaces(n: number): { lower: Tensor; mirrored: Tensor } {
  const [lower, mirrored]: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      lower.push(i * n + j);
      mirrored.push(j * n + i);
    }
  }
  return { lower: tensor(lower, { dtype: "int64" }), mirrored: tensor(mirrored, { dtype: "int64" }) };
}

/** The symmetric matrix whose lower triangle a vector lists: entries off the diagonal get two gradients. Magnus & Neudecker (1980). */
export class Unvech extends Function {
  static forward(ctx: Context<{ n: number }>, v: Tensor) {
    const length = v.ndim === 0 ? 0 : v.size(-1);
    const n = Math.round((Math.sqrt(8 * length + 1) - 1) / 2);
    if (length === 0 || (n * (n + 1)) / 2 !== length) {
      throw new RangeError(`Unvech expected n (n + 1) / 2 entries, got shape [${v.shape}].`);
    }
    ctx.n = n;
    const { lower } = trianglePlaces(n);
    const batch = v.shape.slice(0, -1);
    const flat = zeros([...batch, n * n]).indexAdd(-1, lower, v);
    const L = flat.reshape([...batch, n, n]);
    return L.add(L.tril(-1).mT);
  }

  static backward(ctx: Context<{ n: number }>, gradOutput: Tensor) {
    const { lower, mirrored } = trianglePlaces(ctx.n);
    const flat = gradOutput.flatten(-2);
    const both = flat.indexSelect(-1, lower).add(flat.indexSelect(-1, mirrored));
    const diagonal = diagEmbed(gradOutput.diagonal(0, -2, -1))
      .flatten(-2)
      .indexSelect(-1, lower);
    return both.sub(diagonal);
  }
}

interface Corners {
  height: number;
  width: number;
}

/** The four pixels around each point: their places, whether they are in the image, their weights and the weights' slopes. */
function corners(points: Tensor, { height, width }: Corners) {
  const [x, y] = [points.select(-1, 0), points.select(-1, 1)];
  const [left, top] = [x.detach().floor(), y.detach().floor()];
  return [0, 1].flatMap(dy =>
    [0, 1].map(dx => {
      const [column, row] = [left.add(dx), top.add(dy)];
      const inside = column
        .ge(0)
        .logicalAnd(column.lt(width))
        .logicalAnd(row.ge(0))
        .logicalAnd(row.lt(height));
      const place = row
        .clamp(0, height - 1)
        .mul(width)
        .add(column.clamp(0, width - 1))
        .to("int64");
      const kept = inside.to(points.dtype);
      const alongX = dx === 1 ? x.sub(left) : left.add(1).sub(x);
      const alongY = dy === 1 ? y.sub(top) : top.add(1).sub(y);
      return {
        place,
        weight: alongX.mul(alongY).mul(kept),
        slopeX: alongY.mul(dx === 1 ? 1 : -1).mul(kept),
        slopeY: alongX.mul(dy === 1 ? 1 : -1).mul(kept),
      };
    }),
  );
}

/** An image (C, H, W) at points (n, 2) of x and y in pixels, zeros outside. Jaderberg et al., spatial transformers, arXiv:1506.02025. */
export class BilinearSampling extends Function {
  static forward(ctx: Context, image: Tensor, points: Tensor) {
    if (image.ndim !== 3 || points.ndim !== 2 || points.size(1) !== 2) {
      throw new RangeError(
        `BilinearSampling expected (C, H, W) and (n, 2), got [${image.shape}] and [${points.shape}].`,
      );
    }
    ctx.saveForBackward(image, points);
    const flat = image.flatten(1);
    return corners(points, { height: image.size(1), width: image.size(2) })
      .map(({ place, weight }) => flat.indexSelect(1, place).mul(weight))
      .reduce((a, b) => a.add(b));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [image, points] = ctx.savedTensors;
    const flat = image.flatten(1);
    let gradImage = zeros(flat.shape);
    let gradX = zeros(points.size(0));
    let gradY = zeros(points.size(0));
    for (const corner of corners(points, { height: image.size(1), width: image.size(2) })) {
      gradImage = gradImage.indexAdd(1, corner.place, gradOutput.mul(corner.weight));
      const inner = flat.indexSelect(1, corner.place).mul(gradOutput).sum(0);
      gradX = gradX.add(inner.mul(corner.slopeX));
      gradY = gradY.add(inner.mul(corner.slopeY));
    }
    return [gradImage.reshape(image.shape), stack([gradX, gradY], -1)];
  }
}

/** w, x, y, z of any length but 0: R = I + s (…), s = 2 / |q|². PyTorch3D's quaternion_to_matrix. */
export class QuaternionToRotation extends Function {
  static #quadratic(w: Tensor, x: Tensor, y: Tensor, z: Tensor): Tensor[] {
    return [
      y.mul(y).add(z.mul(z)).neg(),
      x.mul(y).sub(z.mul(w)),
      x.mul(z).add(y.mul(w)),
      x.mul(y).add(z.mul(w)),
      x.mul(x).add(z.mul(z)).neg(),
      y.mul(z).sub(x.mul(w)),
      x.mul(z).sub(y.mul(w)),
      y.mul(z).add(x.mul(w)),
      x.mul(x).add(y.mul(y)).neg(),
    ]; // row by row
  }

  static forward(ctx: Context, q: Tensor) {
    if (q.ndim === 0 || q.size(-1) !== 4)
      throw new RangeError(`QuaternionToRotation expected (…, 4), got [${q.shape}].`);
    ctx.saveForBackward(q);
    const [w, x, y, z] = q.unbind(-1) as [Tensor, Tensor, Tensor, Tensor];
    const s = q.square().sum(-1, true).reciprocal().mul(2);
    const entries = stack(QuaternionToRotation.#quadratic(w, x, y, z), -1).mul(s);
    return entries.unflatten(-1, [3, 3]).add(eye(3));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [q] = ctx.savedTensors;
    const [w, x, y, z] = q.unbind(-1) as [Tensor, Tensor, Tensor, Tensor];
    const g = (i: number, j: number): Tensor => gradOutput.select(-2, i).select(-1, j);
    const [sumXY, sumXZ, sumYZ] = [g(0, 1).add(g(1, 0)), g(0, 2).add(g(2, 0)), g(1, 2).add(g(2, 1))];
    const [turnX, turnY, turnZ] = [g(2, 1).sub(g(1, 2)), g(0, 2).sub(g(2, 0)), g(1, 0).sub(g(0, 1))];
    const gradW = x.mul(turnX).add(y.mul(turnY)).add(z.mul(turnZ));
    const gradX = y
      .mul(sumXY)
      .add(z.mul(sumXZ))
      .add(w.mul(turnX))
      .sub(x.mul(g(1, 1).add(g(2, 2))).mul(2));
    const gradY = x
      .mul(sumXY)
      .add(z.mul(sumYZ))
      .add(w.mul(turnY))
      .sub(y.mul(g(0, 0).add(g(2, 2))).mul(2));
    const gradZ = x
      .mul(sumXZ)
      .add(y.mul(sumYZ))
      .add(w.mul(turnZ))
      .sub(z.mul(g(0, 0).add(g(1, 1))).mul(2));
    const s = q.square().sum(-1, true).reciprocal().mul(2);
    const M = stack(QuaternionToRotation.#quadratic(w, x, y, z), -1);
    // s = 2 / |q|² has the gradient −s² q.
    const radial = M.mul(gradOutput.flatten(-2)).sum(-1, true).mul(s.square()).mul(q);
    return stack([gradW, gradX, gradY, gradZ], -1).mul(s).sub(radial);
  }
}

/** The matrix K of the cross product, K v = w × v. */
function hat(w: Tensor): Tensor {
  const [x, y, z] = w.unbind(-1) as [Tensor, Tensor, Tensor];
  const o = zeros(x.shape);
  return stack([o, z.neg(), y, z, o, x.neg(), y.neg(), x, o], -1).unflatten(-1, [3, 3]);
}

/** Axis times angle to rotation: I + sin θ/θ K + (1 − cos θ)/θ² K². Rodrigues (1840). */
export class AxisAngleToRotation extends Function {
  static forward(ctx: Context, w: Tensor) {
    if (w.ndim === 0 || w.size(-1) !== 3)
      throw new RangeError(`AxisAngleToRotation expected (…, 3), got [${w.shape}].`);
    const theta = w.square().sum(-1, true).sqrt().unsqueeze(-1);
    const a = theta.sin().div(theta);
    const b = theta.cos().neg().add(1).div(theta.square());
    const K = hat(w);
    ctx.saveForBackward(w, theta, a, b, K);
    return eye(3).add(K.mul(a)).add(K.matmul(K).mul(b));
  }

  static backward = onceDifferentiable((ctx: Context, G: Tensor) => {
    const [w, theta, a, b, K] = ctx.savedTensors;
    const gradK = G.mul(a).add(G.matmul(K.mT).add(K.mT.matmul(G)).mul(b));
    const inner = (M: Tensor): Tensor => G.mul(M).sum([-2, -1], true);
    const slopeA = theta.cos().sub(a).div(theta);
    const slopeB = a.sub(b.mul(2)).div(theta);
    const onTheta = inner(K)
      .mul(slopeA)
      .add(inner(K.matmul(K)).mul(slopeB))
      .div(theta)
      .squeeze(-1);
    const k = (i: number, j: number): Tensor => gradK.select(-2, i).select(-1, j);
    const onAxis = stack([k(2, 1).sub(k(1, 2)), k(0, 2).sub(k(2, 0)), k(1, 0).sub(k(0, 1))], -1);
    return onAxis.add(onTheta.mul(w));
  });
}
