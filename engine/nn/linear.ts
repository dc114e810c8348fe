/** @file Maps that are linear in each argument, plus a bias. */

import { checked } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

export interface Linear {
  (input: Tensor, weight: Tensor, bias?: Tensor | null): Tensor;
  (input: Tensor, weight: Tensor, options: { bias?: Tensor | null }): Tensor;
}

/** x Wᵀ + b: (…, in) and (out, in) to (…, out); a weight (in,) gives (…). */
export const linear: Linear = keywords(
  "linear",
  ["input", "weight", "bias"],
  (input: Tensor, weight: Tensor, bias: Tensor | null = null) => {
    const x = checked("linear", input);
    const W = checked("linear", weight);
    if (W.ndim < 1 || W.ndim > 2 || x.ndim < 1 || x.size(-1) !== W.size(-1)) {
      throw new RangeError(
        `linear() expected an input (…, in) and a weight (out, in), got ${formatShape(shapeOf(x))} and ${formatShape(shapeOf(W))}.`,
      );
    }
    const y = matmul(x, W.t());
    return bias === null ? y : y.add(checked("linear", bias));
  },
);

export interface Bilinear {
  (input1: Tensor, input2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor;
  (input1: Tensor, input2: Tensor, weight: Tensor, options: { bias?: Tensor | null }): Tensor;
}

/** yₖ = xᵀ Wₖ z + bₖ: (…, m), (…, n) and (out, m, n) to (…, out). */
export const bilinear: Bilinear = keywords(
  "bilinear",
  ["input1", "input2", "weight", "bias"],
  (input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null = null) => {
    const [x, z, W] = [input1, input2, weight].map(t => checked("bilinear", t)) as [Tensor, Tensor, Tensor];
    const [out, m, n] = shapeOf(W);
    const batch = shapeOf(x).slice(0, -1);
    if (
      W.ndim !== 3 ||
      x.ndim < 1 ||
      z.ndim < 1 ||
      !sameShape(batch, shapeOf(z).slice(0, -1)) ||
      x.size(-1) !== m ||
      z.size(-1) !== n
    ) {
      throw new RangeError(
        "bilinear() expected inputs (…, m) and (…, n) and a weight (out, m, n), got " +
          `${[x, z, W].map(t => formatShape(shapeOf(t))).join(", ")}.`,
      );
    }
    // xᵀ Wₖ for all k at once, then its product with z for each entry of the batch.
    const xW = matmul(x, W.permute(1, 0, 2).reshape([m!, out! * n!])).reshape([...batch, out!, n!]);
    const y = matmul(xW, z.unsqueeze(-1)).squeeze(-1);
    return bias === null ? y : y.add(checked("bilinear", bias));
  },
);
