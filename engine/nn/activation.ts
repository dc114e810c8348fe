/** @file Smooth activations: sigmoids, exponential and Gaussian units, gates, normalised exponentials. */

import { ndtr as normalCdf } from "../kernels/special-normal.ts";
import { where } from "../ops/arithmetic.ts";
import { checked, type Unary, unary, unaryWith } from "../ops/elementwise.ts";
import * as softmaxes from "../ops/softmax.ts";
import { ndtr } from "../ops/special-erf.ts";
import type { DType } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, wrapDim } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Activation, activation, overwriting, type PlainActivation } from "./signature.ts";

export { sigmoid, tanh } from "../ops/pointwise.ts";

interface ExponentialUnit {
  readonly alpha: number;
  readonly scale: number;
  readonly inputScale: number;
}

const exponential = unaryWith<ExponentialUnit>(
  "elu",
  ({ alpha, scale, inputScale }) =>
    x =>
      x < 0 ? Math.expm1(x * inputScale) * alpha * scale : x * scale,
  (g, x, _y, { alpha, scale, inputScale }) => {
    const slope = x
      .clampMax(0)
      .mul(inputScale)
      .exp()
      .mul(alpha * scale * inputScale);
    return where(x.le(0), g.mul(slope), g.mul(scale));
  },
);

type AlphaActivation = Activation<[alpha?: number, inplace?: boolean], { alpha?: number; inplace?: boolean }>;

/** x, and alpha · (eˣ − 1) below 0; derivative alpha at 0. */
export const elu: AlphaActivation = activation("elu", ["alpha"], (x, alpha = 1) =>
  exponential(x, { alpha, scale: 1, inputScale: 1 }),
);
export const elu_ = overwriting("elu", elu);

/** x, and alpha · (e^(x/alpha) − 1) below 0: {@link elu} with a continuous derivative. */
export const celu: AlphaActivation = activation("celu", ["alpha"], (x, alpha = 1) => {
  if (alpha === 0) throw new RangeError("celu() expected an alpha other than 0.");
  return exponential(x, { alpha, scale: 1, inputScale: 1 / alpha });
});
export const celu_ = overwriting("celu", celu);

/**
 * Scaled {@link elu}, whose constants keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks",
 * 2017).
 */
export const selu: PlainActivation = activation("selu", [], x =>
  exponential(x, { alpha: 1.6732632423543772, scale: 1.0507009873554805, inputScale: 1 }),
);
export const selu_ = overwriting("selu", selu);

const softPlus = unaryWith<{ beta: number; threshold: number }>(
  "softplus",
  ({ beta, threshold }) =>
    x =>
      x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta,
  (g, x, _y, { beta, threshold }) => {
    const scaled = x.mul(beta);
    return where(scaled.gt(threshold), g, g.mul(scaled.sigmoid()));
  },
);

/** log(1 + e^(beta x)) / beta, and x itself where beta x is above `threshold`. */
export const softplus: Activation<
  [beta?: number, threshold?: number],
  { beta?: number; threshold?: number }
> = keywords("softplus", ["input", "beta", "threshold"], (input: Tensor, beta = 1, threshold = 20) =>
  softPlus(checked("softplus", input, true), { beta, threshold }),
);

/** log sigmoid(x), without underflow. */
export const logsigmoid: Unary = unary(
  "logsigmoid",
  x => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  (g, x) => g.mul(x.neg().sigmoid()),
);

const swish = unary(
  "silu",
  x => x / (1 + Math.exp(-x)),
  (g, x) => {
    const s = x.sigmoid();
    return g.mul(s.mul(x.mul(s.neg().add(1)).add(1)));
  },
);

/** x · sigmoid(x), also called swish. */
export const silu: PlainActivation = activation("silu", [], swish);

const mishUnit = unary(
  "mish",
  x => x * Math.tanh(Math.log1p(Math.exp(x))),
  (g, x) => {
    const t = softplus(x).tanh();
    return g.mul(t.add(x.mul(x.sigmoid()).mul(t.square().neg().add(1))));
  },
);

/** x · tanh(softplus(x)). */
export const mish: PlainActivation = activation("mish", [], mishUnit);

const gaussianUnit = unary(
  "gelu",
  x => x * normalCdf(x),
  (g, x) => {
    const density = x
      .square()
      .mul(-0.5)
      .exp()
      .div(Math.sqrt(2 * Math.PI));
    return g.mul(ndtr(x).add(x.mul(density)));
  },
);

/** The cubic within the tanh that approximates 2Φ(x) − 1. */
const CUBIC = 0.044715;
const SQRT_TWO_OVER_PI = Math.sqrt(2 / Math.PI);

const gaussianUnitByTanh = unary(
  "gelu",
  x => 0.5 * x * (1 + Math.tanh(SQRT_TWO_OVER_PI * (x + CUBIC * x * x * x))),
  (g, x) => {
    const square = x.square();
    const t = x.mul(square.mul(CUBIC).add(1)).mul(SQRT_TWO_OVER_PI).tanh();
    const inner = square
      .mul(3 * CUBIC)
      .add(1)
      .mul(SQRT_TWO_OVER_PI);
    const slope = t.add(1).add(x.mul(t.square().neg().add(1)).mul(inner));
    return g.mul(slope.mul(0.5));
  },
);

type Approximation = "none" | "tanh";

/** x Φ(x), with the normal distribution function Φ or its approximation by "tanh". */
export const gelu: Activation<[approximate?: Approximation], { approximate?: Approximation }> = keywords(
  "gelu",
  ["input", "approximate"],
  (input: Tensor, approximate: Approximation = "none") => {
    if (approximate !== "none" && approximate !== "tanh") {
      throw new TypeError(`gelu() expected approximate "none" or "tanh", got ${String(approximate)}.`);
    }
    return (approximate === "none" ? gaussianUnit : gaussianUnitByTanh)(checked("gelu", input, true));
  },
);

/** x / (1 + |x|). */
export function softsign(input: Tensor): Tensor {
  return checked("softsign", input, true).div(input.abs().add(1));
}

/** x − tanh(x). */
export function tanhshrink(input: Tensor): Tensor {
  return checked("tanhshrink", input, true).sub(input.tanh());
}

/** The first half along `dim`, gated by the sigmoid of the second. */
export const glu: Activation<[dim?: number], { dim?: number }> = keywords(
  "glu",
  ["input", "dim"],
  (input: Tensor, dim = -1) => {
    const x = checked("glu", input, true);
    if (x.ndim === 0)
      throw new RangeError("glu() expected a tensor with dimensions to halve, got a 0-d one.");
    const d = wrapDim(dim, x.ndim);
    const extent = x.size(d);
    if (extent % 2 !== 0) {
      throw new RangeError(
        `glu() expected an even size to halve along dimension ${d}, got ${extent} of ${formatShape(shapeOf(x))}.`,
      );
    }
    const [values, gates] = [x.slice(d, 0, extent / 2), x.slice(d, extent / 2, extent)];
    return values.mul(gates.sigmoid());
  },
);

export type Normalisation = Activation<
  [dim?: number | null, dtype?: DType | null],
  { dim?: number | null; dtype?: DType | null }
>;

function normalisation(
  name: string,
  f: (input: Tensor, dim: number, dtype: DType | null) => Tensor,
): Normalisation {
  return keywords(
    name,
    ["input", "dim", "dtype"],
    (input: Tensor, dim: number | null = null, dtype: DType | null = null) => {
      const x = checked(name, input);
      // Torch's choice for those who make none, which it has deprecated.
      const implied = x.ndim === 0 || x.ndim === 1 || x.ndim === 3 ? 0 : 1;
      return f(x, dim ?? implied, dtype);
    },
  );
}

/** exp(x) / Σ exp(x) along `dim`. */
export const softmax: Normalisation = normalisation("softmax", softmaxes.softmax);
/** log softmax(x) along `dim`, without the overflow of computing it so. */
export const logSoftmax: Normalisation = normalisation("logSoftmax", softmaxes.logSoftmax);
/** softmax(−x) along `dim`. */
export const softmin: Normalisation = normalisation("softmin", (x, dim, dtype) =>
  softmaxes.softmax(x.neg(), dim, dtype),
);
