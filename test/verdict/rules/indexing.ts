/** @file Elements taken from places and put to places: what is read twice gets the sum of both gradients. */

import { type Context, Function, onceDifferentiable, ones, type Tensor, zeros } from "@gradient-lens/engine";

/** Rows by number, duplicates allowed. torch's index_select. */
export class IndexSelect extends Function {
  static forward(
    ctx: Context<{ shape: readonly number[]; dim: number }>,
    input: Tensor,
    dim: number,
    index: Tensor,
  ) {
    ctx.saveForBackward(index);
    ctx.shape = input.shape;
    ctx.dim = dim;
    return input.indexSelect(dim, index);
  }

  static backward(ctx: Context<{ shape: readonly number[]; dim: number }>, gradOutput: Tensor) {
    const [index] = ctx.savedTensors;
    return [zeros(ctx.shape).indexAdd(ctx.dim, index, gradOutput), null, null];
  }
}

/** torch's gather: out[i][j] = input[i][index[i][j]]. */
export class Gather extends Function {
  static forward(ctx: Context, input: Tensor, index: Tensor, dim = -1) {
    ctx.saveForBackward(input, index);
    ctx.dim = dim;
    return input.gather(dim, index);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, index] = ctx.savedTensors;
    return [zeros(input.shape).scatterAdd(ctx.dim, index, gradOutput), null, null];
  }
}

/** torch's scatter_add along the last dimension. */
export class ScatterAdd extends Function {
  static forward(ctx: Context, input: Tensor, index: Tensor, src: Tensor) {
    if (String(index.shape) !== String(src.shape)) {
      throw new RangeError(
        `ScatterAdd expected an index of src's shape [${src.shape}], got [${index.shape}].`,
      );
    }
    ctx.saveForBackward(index);
    return input.scatterAdd(-1, index, src);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [index] = ctx.savedTensors;
    const gradSrc = ctx.needsInputGrad[2] ? gradOutput.gather(-1, index) : null;
    return [gradOutput, null, gradSrc];
  }
}

/** Rows of a table for an index of any shape. torch's embedding, without padding. */
export class Embedding extends Function {
  static forward(ctx: Context<{ rows: number }>, indices: Tensor, weight: Tensor) {
    if (weight.ndim !== 2)
      throw new RangeError(`Embedding expected a table (rows, features), got [${weight.shape}].`);
    ctx.saveForBackward(indices);
    ctx.rows = weight.size(0);
    return weight.indexSelect(0, indices.reshape([-1])).reshape([...indices.shape, weight.size(1)]);
  }

  static backward = onceDifferentiable((ctx: Context<{ rows: number }>, gradOutput: Tensor) => {
    const [indices] = ctx.savedTensors;
    const d = gradOutput.size(-1);
    const gradWeight = zeros(ctx.rows, d).indexAdd(0, indices.reshape([-1]), gradOutput.reshape([-1, d]));
    return [null, gradWeight];
  });
}

/** Means of rows with the same number; segments without rows are 0. PyTorch Scatter's scatter_mean. */
export class SegmentMean extends Function {
  static forward(ctx: Context, input: Tensor, segmentIds: Tensor) {
    if (input.ndim < 1 || segmentIds.ndim !== 1 || segmentIds.size(0) !== input.size(0)) {
      throw new RangeError(
        `SegmentMean expected a number for each row of [${input.shape}], got [${segmentIds.shape}].`,
      );
    }
    const segments = Math.max(...(segmentIds.tolist() as number[])) + 1;
    const counts = zeros(segments)
      .indexAdd(0, segmentIds, ones(input.size(0)))
      .clampMin(1);
    const perRow = counts.reshape([segments, ...input.shape.slice(1).fill(1)]);
    ctx.saveForBackward(segmentIds, perRow);
    return zeros([segments, ...input.shape.slice(1)])
      .indexAdd(0, segmentIds, input)
      .div(perRow);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [segmentIds, perRow] = ctx.savedTensors;
    return [gradOutput.div(perRow).indexSelect(0, segmentIds), null];
  }
}

/** A number where the mask is true. torch's masked_fill. */
export class MaskedFill extends Function {
  static forward(ctx: Context, input: Tensor, mask: Tensor, value: number) {
    if (String(mask.shape) !== String(input.shape)) {
      throw new RangeError(`MaskedFill expected a mask of shape [${input.shape}], got [${mask.shape}].`);
    }
    ctx.saveForBackward(mask);
    return input.maskedFill(mask, value);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [mask] = ctx.savedTensors;
    return [gradOutput.maskedFill(mask, 0), null, null];
  }
}
