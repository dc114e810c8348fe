/** @file Channels traded for resolution, and back. */

import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";

export interface PixelShuffle {
  (input: Tensor, upscaleFactor: number): Tensor;
  (input: Tensor, options: { upscaleFactor: number }): Tensor;
}

/** (…, C · r², H, W) to (…, C, H · r, W · r): each group of r² channels becomes squares of r × r pixels. */
export const pixelShuffle: PixelShuffle = keywords(
  "pixelShuffle",
  ["input", "upscaleFactor"],
  (input: Tensor, upscaleFactor: number) => {
    const { batch, channels, height, width } = imageOf("pixelShuffle", input, upscaleFactor);
    const r = upscaleFactor;
    if (channels % (r * r) !== 0) {
      throw new RangeError(`pixelShuffle() expected a multiple of ${r * r} channels, got ${channels}.`);
    }
    const squares = input.reshape([...batch, channels / (r * r), r, r, height, width]);
    const n = batch.length;
    const order = [...batch.map((_, i) => i), n, n + 3, n + 1, n + 4, n + 2];
    return squares.permute(order).reshape([...batch, channels / (r * r), height * r, width * r]);
  },
);

export interface PixelUnshuffle {
  (input: Tensor, downscaleFactor: number): Tensor;
  (input: Tensor, options: { downscaleFactor: number }): Tensor;
}

/** (…, C, H · r, W · r) to (…, C · r², H, W): the inverse of {@link pixelShuffle}. */
export const pixelUnshuffle: PixelUnshuffle = keywords(
  "pixelUnshuffle",
  ["input", "downscaleFactor"],
  (input: Tensor, downscaleFactor: number) => {
    const { batch, channels, height, width } = imageOf("pixelUnshuffle", input, downscaleFactor);
    const r = downscaleFactor;
    if (height % r !== 0 || width % r !== 0) {
      throw new RangeError(
        `pixelUnshuffle() expected a height and width that ${r} divides, got ${height} and ${width}.`,
      );
    }
    const squares = input.reshape([...batch, channels, height / r, r, width / r, r]);
    const n = batch.length;
    const order = [...batch.map((_, i) => i), n, n + 2, n + 4, n + 1, n + 3];
    return squares.permute(order).reshape([...batch, channels * r * r, height / r, width / r]);
  },
);

function imageOf(name: string, input: Tensor, factor: number) {
  const shape = shapeOf(checked(name, input));
  if (shape.length < 3) {
    throw new RangeError(`${name}() expected (…, channels, height, width), got ${formatShape(shape)}.`);
  }
  if (!Number.isSafeInteger(factor) || factor < 1) {
    throw new RangeError(`${name}() expected an integer factor of 1 or more, got ${String(factor)}.`);
  }
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return { batch: shape.slice(0, -3), channels, height, width };
}
