/** @file `nn.functional`: torch's torch.nn.functional, under its names in camelCase. */

export * from "./activation.ts";
export { scaledDotProductAttention } from "./attention.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
} from "./avg-pool.ts";
export { batchNorm, instanceNorm } from "./batch-norm.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./binary-cross-entropy.ts";
export * from "./conv.ts";
export { crossEntropy, nllLoss } from "./cross-entropy.ts";
export { cosineSimilarity, normalize, pairwiseDistance, pdist } from "./distance.ts";
export * from "./dropout.ts";
export { embedding, oneHot } from "./embedding.ts";
export { interpolate } from "./interpolate.ts";
export { gaussianNllLoss, klDiv, poissonNllLoss } from "./likelihood-loss.ts";
export * from "./linear.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
} from "./margin-loss.ts";
export * from "./max-pool.ts";
export * from "./norm.ts";
export { pad } from "./pad.ts";
export { pixelShuffle, pixelUnshuffle } from "./pixel-shuffle.ts";
export * from "./rectifier.ts";
export { huberLoss, l1Loss, mseLoss, smoothL1Loss } from "./regression-loss.ts";
export { multilabelSoftMarginLoss, multiMarginLoss, softMarginLoss } from "./score-loss.ts";
export { fold, unfold } from "./unfold.ts";
