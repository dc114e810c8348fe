/** @file Losses of predicted answers to yes-or-no questions: of probabilities, or of their logits. */

import { binary, checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { logsigmoid } from "./activation.ts";
import { type LossOptions, type LossReduction, lossReduction, reduced } from "./loss-reduction.ts";

/** How close to 0 torch lets a denominator come. */
const EPSILON = 1e-12;

/** The derivative in p. Its own derivative keeps away from p = 0 and 1 by {@link EPSILON} in torch's way, not to differ from it. */
const slope = binary(
  "binaryCrossEntropyBackward",
  (p, t) => (p - t) / Math.max((1 - p) * p, EPSILON),
  [
    (g, p, t) => {
      const both = p
        .add(EPSILON)
        .square()
        .mul(
          p
            .neg()
            .add(1 + EPSILON)
            .square(),
        );
      return g.mul(p.square().sub(p.mul(t).mul(2)).add(t)).div(both);
    },
    (g, p) => g.neg().div(p.neg().add(1).mul(p).clampMin(EPSILON)),
  ],
  "floating",
);

const crossEntropyOfTwo = binary(
  "binaryCrossEntropy",
  (p, t) => {
    if (!(p >= 0 && p <= 1)) {
      throw new RangeError(`binaryCrossEntropy() expected probabilities from 0 to 1, got ${p}.`);
    }
    return (t - 1) * Math.max(Math.log1p(-p), -100) - t * Math.max(Math.log(p), -100);
  },
  [(g, p, t) => g.mul(slope(p, t)), (g, p) => g.mul(p.neg().log1p().sub(p.log()))],
  "floating",
);

export interface BinaryCrossEntropy {
  (
    input: Tensor,
    target: Tensor,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LossOptions & { weight?: Tensor | null }): Tensor;
}

/** −(t log p + (1 − t) log(1 − p)) of probabilities p; logarithms count as −100 at least, as in torch. */
export const binaryCrossEntropy: BinaryCrossEntropy = keywords(
  "binaryCrossEntropy",
  ["input", "target", "weight", "sizeAverage", "reduce", "reduction"],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
  ) => {
    sameAsInput("binaryCrossEntropy", input, target);
    const losses = crossEntropyOfTwo(input, target);
    const each = weight === null ? losses : losses.mul(checked("binaryCrossEntropy", weight));
    return reduced(each, lossReduction("binaryCrossEntropy", reduction, sizeAverage, reduce));
  },
);

function sameAsInput(name: string, input: Tensor, target: Tensor): void {
  if (!sameShape(shapeOf(checked(name, input, true)), shapeOf(checked(name, target)))) {
    throw new RangeError(
      `${name}() expected a target of the input's shape ${formatShape(shapeOf(input))}, got ${formatShape(shapeOf(target))}.`,
    );
  }
}

interface LogitsOptions extends LossOptions {
  weight?: Tensor | null;
  posWeight?: Tensor | null;
}

export interface BinaryCrossEntropyWithLogits {
  (
    input: Tensor,
    target: Tensor,
    weight?: Tensor | null,
    sizeAverage?: boolean | null,
    reduce?: boolean | null,
    reduction?: LossReduction,
    posWeight?: Tensor | null,
  ): Tensor;
  (input: Tensor, target: Tensor, options: LogitsOptions): Tensor;
}

/** {@link binaryCrossEntropy} of sigmoid(input), without overflow; `posWeight` multiplies the losses of positive targets. */
export const binaryCrossEntropyWithLogits: BinaryCrossEntropyWithLogits = keywords(
  "binaryCrossEntropyWithLogits",
  ["input", "target", "weight", "sizeAverage", "reduce", "reduction", "posWeight"],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage: boolean | null = null,
    reduce: boolean | null = null,
    reduction: string = "mean",
    posWeight: Tensor | null = null,
  ) => {
    const name = "binaryCrossEntropyWithLogits";
    sameAsInput(name, input, target);
    // −t w log σ(x) − (1 − t) log σ(−x), by log σ(−x) = log σ(x) − x.
    const positive = posWeight === null ? null : checked(name, posWeight).sub(1).mul(target).add(1);
    const logs = logsigmoid(input);
    const losses = target
      .neg()
      .add(1)
      .mul(input)
      .sub(positive === null ? logs : positive.mul(logs));
    const each = weight === null ? losses : losses.mul(checked(name, weight));
    return reduced(each, lossReduction(name, reduction, sizeAverage, reduce));
  },
);
