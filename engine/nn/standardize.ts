/** @file Entries brought to mean 0 and variance 1 over some dimensions, and scaled and shifted by channel. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { checked } from "../ops/elementwise.ts";
import { variance } from "../ops/statistics.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

interface Standard {
  /** Which dimensions share a mean and a variance. */
  readonly dims: readonly number[];
  /** Added to the variance. */
  readonly eps: number;
}

/**
 * y = (x − mean) / √(var + eps), with the biased variance. The Jacobian is symmetric, (I − 𝟙𝟙ᵀ/n − yyᵀ/n) / √(var + eps).
 * Source: S. Ioffe, C. Szegedy, "Batch normalization" (2015).
 */
const standardizeOp: Primitive<[x: Tensor], Standard> = {
  name: "standardize",
  forward([x], { dims, eps }) {
    const values = x.detach();
    const deviation = values.sub(values.mean(dims, true));
    return deviation.mul(deviation.square().mean(dims, true).add(eps).rsqrt());
  },
  vjp: [(g, [x], y, standard) => timesJacobian(g, x, y, standard)],
  jvp: ([t], [x], y, standard) => timesJacobian(t!, x, y, standard),
  batch: (values, _batched, { dims, eps }) =>
    call(standardizeOp, values, { dims: dims.map(d => d + 1), eps }),
};

function timesJacobian(g: Tensor, x: Tensor, y: Tensor, { dims, eps }: Standard): Tensor {
  const inverseDeviation = variance(x, dims, { correction: 0, keepdim: true }).add(eps).rsqrt();
  const alongY = y.mul(g.mul(y).mean(dims, true));
  return g.sub(g.mean(dims, true)).sub(alongY).mul(inverseDeviation);
}

export function standardize(x: Tensor, dims: readonly number[], eps: number): Tensor {
  return call(standardizeOp, [x], { dims, eps });
}

/** A weight or bias, or none. */
export type Parameter = Tensor | null;

/** Scaled and shifted by channel: dimension 1. */
export function affine(name: string, y: Tensor, weight: Parameter, bias: Parameter): Tensor {
  const scaled = weight === null ? y : y.mul(asChannels(name, "weight", weight, y));
  return bias === null ? scaled : scaled.add(asChannels(name, "bias", bias, y));
}

/** One value for each channel, to be broadcast. @throws where there is another number of them */
export function asChannels(name: string, what: string, values: Tensor, x: Tensor): Tensor {
  if (!sameShape(shapeOf(checked(name, values)), [x.size(1)])) {
    throw new RangeError(
      `${name}() expected ${what} of shape (${x.size(1)},), one for each channel of ${formatShape(shapeOf(x))}, ` +
        `got ${formatShape(shapeOf(values))}.`,
    );
  }
  return values.reshape([x.size(1), ...new Array<number>(x.ndim - 2).fill(1)]);
}
