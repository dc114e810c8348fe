/** @file Convolutions as people call them: signals, images and volumes, with or without a batch, with a bias. */

import { call } from "../autograd/primitive.ts";
import { checked } from "../ops/elementwise.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { convolution, convolutionBack } from "./convolution.ts";
import { type Extents, extentsOf, spatial } from "./extents.ts";

/** How far beyond the image's edges windows go, or "valid" for not at all, or "same" for a result of the image's size. */
export type Padding = Extents | "valid" | "same";

export interface ConvOptions {
  bias?: Tensor | null;
  stride?: Extents;
  padding?: Padding;
  dilation?: Extents;
  groups?: number;
}

export interface Conv {
  (
    input: Tensor,
    weight: Tensor,
    bias?: Tensor | null,
    stride?: Extents,
    padding?: Padding,
    dilation?: Extents,
    groups?: number,
  ): Tensor;
  (input: Tensor, weight: Tensor, options: ConvOptions): Tensor;
  (input: Tensor, weight: Tensor, bias: Tensor | null, options: ConvOptions): Tensor;
}

function conv(name: string, rank: number): Conv {
  return keywords(
    name,
    ["input", "weight", "bias", "stride", "padding", "dilation", "groups"],
    (
      input: Tensor,
      weight: Tensor,
      bias: Tensor | null = null,
      stride: Extents = 1,
      padding: Padding = 0,
      dilation: Extents = 1,
      groups = 1,
    ) => {
      const operands = operandsOf(name, input, weight, rank, groups);
      const { x, w, size, restore } = operands;
      if (x.size(1) !== w.size(1) * groups) {
        throw new RangeError(
          `${name}() expected ${w.size(1) * groups} channels for a weight of shape ${formatShape(shapeOf(w))} with ` +
            `groups = ${groups}, got an input of shape ${formatShape(shapeOf(input))}.`,
        );
      }
      const kernel = shapeOf(w).slice(2);
      const steps = extentsOf(name, "stride", stride, rank);
      const spread = extentsOf(name, "dilation", dilation, rank);
      const reach = kernel.map((k, i) => spread[i]! * (k - 1));
      const { before, after } = paddingOf(name, padding, reach, steps, rank);
      const output = size.map((n, i) =>
        Math.floor((n + before[i]! + after[i]! - reach[i]! - 1) / steps[i]! + 1),
      );
      if (output.some(n => n < 1)) {
        throw new RangeError(
          `${name}() expected a kernel no larger than the padded image, got a kernel of ${formatShape(kernel)} with ` +
            `dilation [${spread}] for an image of ${formatShape(size)} with padding [${before}].`,
        );
      }
      const windows = { input: size, kernel, stride: steps, padding: before, dilation: spread, output };
      return restore(withBias(name, call(convolution, [x, w], { windows, groups }), bias));
    },
  );
}

/** Pixels before and after the image; "same" puts the odd one after, as torch does. */
function paddingOf(
  name: string,
  padding: Padding,
  reach: readonly number[],
  stride: readonly number[],
  rank: number,
) {
  if (padding === "same") {
    if (stride.some(s => s !== 1)) {
      throw new RangeError(`${name}() expected stride 1 for padding "same", got [${stride}].`);
    }
    return { before: reach.map(r => Math.floor(r / 2)), after: reach.map(r => Math.ceil(r / 2)) };
  }
  if (typeof padding === "string" && padding !== "valid") {
    throw new TypeError(`${name}() expected padding "valid", "same" or numbers, got "${String(padding)}".`);
  }
  const both = extentsOf(name, "padding", padding === "valid" ? 0 : padding, rank, 0);
  return { before: both, after: both };
}

/** Images and kernels of one dtype. @throws where their dimensions or groups do not fit */
function operandsOf(name: string, input: Tensor, weight: Tensor, rank: number, groups: number) {
  const { images, size, restore } = spatial(name, checked(name, input), rank);
  if (checked(name, weight).ndim !== rank + 2 || weight.numel() === 0) {
    throw new RangeError(
      `${name}() expected a weight of ${rank + 2} dimensions, none of them empty, got ${formatShape(shapeOf(weight))}.`,
    );
  }
  if (!Number.isSafeInteger(groups) || groups < 1 || weight.size(0) % groups !== 0) {
    throw new RangeError(
      `${name}() expected groups to divide the ${weight.size(0)} kernels of the weight, got ${String(groups)}.`,
    );
  }
  const dtype = promoteTypes(input.dtype, weight.dtype);
  return { x: images.to(dtype), w: weight.to(dtype), size, restore };
}

function withBias(name: string, y: Tensor, bias: Tensor | null): Tensor {
  if (bias === null) return y;
  const channels = y.size(1);
  if (checked(name, bias).ndim !== 1 || bias.size(0) !== channels) {
    throw new RangeError(
      `${name}() expected a bias of shape (${channels},), one for each output channel, got ${formatShape(shapeOf(bias))}.`,
    );
  }
  return y.add(bias.reshape([-1, ...new Array<number>(y.ndim - 2).fill(1)]));
}

export interface ConvTransposeOptions {
  bias?: Tensor | null;
  stride?: Extents;
  padding?: Extents;
  outputPadding?: Extents;
  groups?: number;
  dilation?: Extents;
}

export interface ConvTranspose {
  (
    input: Tensor,
    weight: Tensor,
    bias?: Tensor | null,
    stride?: Extents,
    padding?: Extents,
    outputPadding?: Extents,
    groups?: number,
    dilation?: Extents,
  ): Tensor;
  (input: Tensor, weight: Tensor, options: ConvTransposeOptions): Tensor;
  (input: Tensor, weight: Tensor, bias: Tensor | null, options: ConvTransposeOptions): Tensor;
}

function convTranspose(name: string, rank: number): ConvTranspose {
  return keywords(
    name,
    ["input", "weight", "bias", "stride", "padding", "outputPadding", "groups", "dilation"],
    (
      input: Tensor,
      weight: Tensor,
      bias: Tensor | null = null,
      stride: Extents = 1,
      padding: Extents = 0,
      outputPadding: Extents = 0,
      groups = 1,
      dilation: Extents = 1,
    ) => {
      const { x, w, size, restore } = operandsOf(name, input, weight, rank, groups);
      if (x.size(1) !== w.size(0)) {
        throw new RangeError(
          `${name}() expected ${w.size(0)} channels for a weight of shape ${formatShape(shapeOf(w))}, ` +
            `got an input of shape ${formatShape(shapeOf(input))}.`,
        );
      }
      const kernel = shapeOf(w).slice(2);
      const steps = extentsOf(name, "stride", stride, rank);
      const around = extentsOf(name, "padding", padding, rank, 0);
      const extra = extentsOf(name, "outputPadding", outputPadding, rank, 0);
      const spread = extentsOf(name, "dilation", dilation, rank);
      if (extra.some((e, i) => e >= Math.max(steps[i]!, spread[i]!))) {
        throw new RangeError(
          `${name}() expected outputPadding smaller than stride or dilation, got [${extra}] with stride [${steps}] ` +
            `and dilation [${spread}].`,
        );
      }
      // What a convolution of these windows would make an image of the input's size of.
      const image = size.map(
        (n, i) => (n - 1) * steps[i]! - 2 * around[i]! + spread[i]! * (kernel[i]! - 1) + extra[i]! + 1,
      );
      if (image.some(n => n < 1)) {
        throw new RangeError(
          `${name}() would give an image of ${formatShape(image)}: the padding is too large.`,
        );
      }
      const windows = {
        input: image,
        kernel,
        stride: steps,
        padding: around,
        dilation: spread,
        output: size,
      };
      return restore(withBias(name, call(convolutionBack, [x, w], { windows, groups }), bias));
    },
  );
}

/** Cross-correlation of a signal (N, C, L) or (C, L) with kernels (O, C / groups, K), plus a bias for each kernel. */
export const conv1d: Conv = conv("conv1d", 1);
/** {@link conv1d} of images (N, C, H, W). */
export const conv2d: Conv = conv("conv2d", 2);
/** {@link conv1d} of volumes (N, C, D, H, W). */
export const conv3d: Conv = conv("conv3d", 3);

/** The transpose of {@link conv1d}, with kernels (C, O / groups, K): what conv1d's gradient does to the input. */
export const convTranspose1d: ConvTranspose = convTranspose("convTranspose1d", 1);
/** {@link convTranspose1d} of images (N, C, H, W). */
export const convTranspose2d: ConvTranspose = convTranspose("convTranspose2d", 2);
/** {@link convTranspose1d} of volumes (N, C, D, H, W). */
export const convTranspose3d: ConvTranspose = convTranspose("convTranspose3d", 3);
