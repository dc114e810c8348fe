/** @file The largest within windows. Which it is, is worked out once; the value, and its gradient, go by that index. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { largestPixels, largestWithin, type Ranges, sizeOfGrid, type Windows } from "../kernels/windows.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Extents, spatial } from "./extents.ts";
import { adaptiveRanges, type SizeOrSame, targetSize, windowGrid } from "./pooling.ts";

/** Windows on a regular grid, or ranges along each dimension. */
type Looking = { readonly windows: Windows } | { readonly ranges: Ranges };

/** For each window the position of its largest pixel in the row-major image: without derivative. */
const largestOp: Primitive<[images: Tensor], Looking> = {
  name: "maxPoolIndices",
  forward([images], looking) {
    const shape = shapeOf(images);
    const output =
      "windows" in looking ? looking.windows.output : looking.ranges.map(ranges => ranges.length);
    const size = shape.slice(-output.length);
    const [pixels, places] = [sizeOfGrid(size), sizeOfGrid(output)];
    const found = empty([...shape.slice(0, -output.length), ...output], "int64");
    const x = images.detach().contiguous();
    for (let c = 0; c * pixels < x.numel(); c++) {
      const [from, to] = [offsetOf(x) + c * pixels, offsetOf(found) + c * places];
      if ("windows" in looking) largestPixels(looking.windows, dataOf(x), from, dataOf(found), to);
      else largestWithin(size, looking.ranges, dataOf(x), from, dataOf(found), to);
    }
    return found;
  },
  vjp: [],
  jvp: "linear",
  batch: (values, _batched, looking) => call(largestOp, values, looking),
};

export interface Pooled {
  output: Tensor;
  /** Of each result in its image, row-major. */
  indices: Tensor;
}

function pooled(images: Tensor, looking: Looking, restore: (result: Tensor) => Tensor): Pooled {
  const indices = call(largestOp, [images.detach()], looking);
  const rows = (t: Tensor): Tensor => {
    const [batch, channels, ...size] = shapeOf(t);
    return t.reshape([batch!, channels!, sizeOfGrid(size)]);
  };
  const values = rows(images).gather(2, rows(indices));
  return { output: restore(values.reshape(shapeOf(indices))), indices: restore(indices) };
}

interface MaxPoolOptions {
  stride?: Extents | null;
  padding?: Extents;
  dilation?: Extents;
  ceilMode?: boolean;
  returnIndices?: boolean;
}

export interface MaxPool {
  (
    input: Tensor,
    kernelSize: Extents,
    stride: Extents | null,
    padding: Extents,
    dilation: Extents,
    ceilMode: boolean,
    returnIndices: true,
  ): Pooled;
  (input: Tensor, kernelSize: Extents, options: MaxPoolOptions & { returnIndices: true }): Pooled;
  (input: Tensor, options: MaxPoolOptions & { kernelSize: Extents; returnIndices: true }): Pooled;
  (
    input: Tensor,
    kernelSize: Extents,
    stride?: Extents | null,
    padding?: Extents,
    dilation?: Extents,
    ceilMode?: boolean,
    returnIndices?: false,
  ): Tensor;
  (input: Tensor, kernelSize: Extents, options: MaxPoolOptions & { returnIndices?: false }): Tensor;
  (input: Tensor, options: MaxPoolOptions & { kernelSize: Extents; returnIndices?: false }): Tensor;
}

function maxPool(name: string, rank: number): MaxPool {
  return keywords(
    name,
    ["input", "kernelSize", "stride", "padding", "dilation", "ceilMode", "returnIndices"],
    (
      input: Tensor,
      kernelSize: Extents,
      stride: Extents | null = null,
      padding: Extents = 0,
      dilation: Extents = 1,
      ceilMode = false,
      returnIndices = false,
    ) => {
      const { images, size, restore } = spatial(name, checked(name, input), rank);
      const windows = windowGrid(name, size, kernelSize, stride, padding, dilation, ceilMode);
      const result = pooled(images, { windows }, restore);
      return returnIndices ? result : result.output;
    },
  ) as unknown as MaxPool;
}

/**
 * The largest within windows of a signal (N, C, L) or (C, L), `kernelSize` apart unless `stride` says otherwise; the first
 * of equal ones, which gets the gradient.
 */
export const maxPool1d: MaxPool = maxPool("maxPool1d", 1);
/** {@link maxPool1d} of images. */
export const maxPool2d: MaxPool = maxPool("maxPool2d", 2);
/** {@link maxPool1d} of volumes. */
export const maxPool3d: MaxPool = maxPool("maxPool3d", 3);

export interface AdaptiveMaxPool {
  (input: Tensor, outputSize: SizeOrSame, returnIndices: true): Pooled;
  (input: Tensor, outputSize: SizeOrSame, options: { returnIndices: true }): Pooled;
  (input: Tensor, outputSize: SizeOrSame, returnIndices?: false): Tensor;
  (input: Tensor, options: { outputSize: SizeOrSame }): Tensor;
}

function adaptiveMaxPool(name: string, rank: number): AdaptiveMaxPool {
  return keywords(
    name,
    ["input", "outputSize", "returnIndices"],
    (input: Tensor, outputSize: SizeOrSame, returnIndices = false) => {
      const { images, size, restore } = spatial(name, checked(name, input), rank);
      const target = targetSize(name, outputSize, size);
      const ranges = size.map((n, d) => adaptiveRanges(n, target[d]!));
      const result = pooled(images, { ranges }, restore);
      return returnIndices ? result : result.output;
    },
  ) as unknown as AdaptiveMaxPool;
}

/** The largest within windows that cover a signal (N, C, L) or (C, L) evenly, `outputSize` of them. */
export const adaptiveMaxPool1d: AdaptiveMaxPool = adaptiveMaxPool("adaptiveMaxPool1d", 1);
/** {@link adaptiveMaxPool1d} of images; `null` keeps a dimension's size. */
export const adaptiveMaxPool2d: AdaptiveMaxPool = adaptiveMaxPool("adaptiveMaxPool2d", 2);
/** {@link adaptiveMaxPool2d} of volumes. */
export const adaptiveMaxPool3d: AdaptiveMaxPool = adaptiveMaxPool("adaptiveMaxPool3d", 3);
