/**
 * @file A window that slides over an image of any number of dimensions, as in convolution and pooling. The
 * image is one channel, row-major; beyond its edges there is padding.
 *
 * Windows stand in a grid; a place is a window's number in that grid, a tap an element's number within the
 * window. For each tap, windows beside each other see pixels a stride apart: such runs are what all loops
 * here go through.
 */

import type { NumericArray } from "../tensor/dtype.ts";

/** Sizes and steps, one number for each dimension, outermost first. */
export interface Windows {
  /** Of the image. */
  readonly input: readonly number[];
  /** Taps of the window. */
  readonly kernel: readonly number[];
  /** From window to window, in pixels. */
  readonly stride: readonly number[];
  /** Pixels by which the first window begins before the image; how far the last goes beyond it follows. */
  readonly padding: readonly number[];
  /** From tap to tap, in pixels. */
  readonly dilation: readonly number[];
  /** Of the grid of windows. */
  readonly output: readonly number[];
}

export function sizeOfGrid(extents: readonly number[]): number {
  return extents.reduce((n, extent) => n * extent, 1);
}

/**
 * For each tap, the runs of windows within a row of the grid whose pixel at that tap is within the image: taps in order,
 * and places in order for each.
 * @param visit gets the tap, the first window's place and pixel, how many windows there are, and the step between pixels
 */
export function forEachRun(
  { input, kernel, stride, padding, dilation, output }: Windows,
  visit: (tap: number, place: number, pixel: number, length: number, step: number) => void,
): void {
  const last = input.length - 1;
  const step = stride[last]!;
  const rows = sizeOfGrid(output.slice(0, last));
  const taps = sizeOfGrid(kernel);
  for (let tap = 0; tap < taps; tap++) {
    const shift = (tap % kernel[last]!) * dilation[last]! - padding[last]!;
    const first = Math.max(0, Math.ceil(-shift / step));
    const end = Math.min(output[last]!, Math.floor((input[last]! - 1 - shift) / step) + 1);
    if (end <= first) continue;
    for (let row = 0; row < rows; row++) {
      let [r, t] = [row, Math.floor(tap / kernel[last]!)];
      let [pixelRow, size] = [0, 1];
      let inside = true;
      for (let d = last - 1; d >= 0 && inside; d--) {
        const at = (r % output[d]!) * stride[d]! - padding[d]! + (t % kernel[d]!) * dilation[d]!;
        inside = at >= 0 && at < input[d]!;
        pixelRow += at * size;
        size *= input[d]!;
        r = Math.floor(r / output[d]!);
        t = Math.floor(t / kernel[d]!);
      }
      if (!inside) continue;
      visit(
        tap,
        row * output[last]! + first,
        pixelRow * input[last]! + first * step + shift,
        end - first,
        step,
      );
    }
  }
}

/** Fills a matrix with a row for each tap and a column for each window (im2col); padding reads 0. */
export function gatherColumns(
  windows: Windows,
  image: NumericArray,
  imageOffset: number,
  columns: NumericArray,
  columnsOffset: number,
): void {
  const places = sizeOfGrid(windows.output);
  columns.fill(0, columnsOffset, columnsOffset + sizeOfGrid(windows.kernel) * places);
  forEachRun(windows, (tap, place, pixel, length, step) => {
    let from = imageOffset + pixel;
    const to = columnsOffset + tap * places + place;
    for (let i = to; i < to + length; i++, from += step) columns[i] = image[from]!;
  });
}

/** Adds such a matrix to the pixels that it would be read from (col2im): the transpose of {@link gatherColumns}. */
export function scatterColumns(
  windows: Windows,
  columns: NumericArray,
  columnsOffset: number,
  image: NumericArray,
  imageOffset: number,
): void {
  const places = sizeOfGrid(windows.output);
  forEachRun(windows, (tap, place, pixel, length, step) => {
    let to = imageOffset + pixel;
    const from = columnsOffset + tap * places + place;
    for (let i = from; i < from + length; i++, to += step) image[to]! += columns[i]!;
  });
}

/**
 * For each window, which pixel is its largest: the first of equals, the last NaN if there is one, as in torch.
 * @throws for a window that sees no pixel at all
 */
export function largestPixels(
  windows: Windows,
  image: NumericArray,
  imageOffset: number,
  pixels: NumericArray,
  pixelsOffset: number,
): void {
  const end = pixelsOffset + sizeOfGrid(windows.output);
  pixels.fill(-1, pixelsOffset, end);
  forEachRun(windows, (_tap, place, pixel, length, step) => {
    let candidate = pixel;
    const from = pixelsOffset + place;
    for (let i = from; i < from + length; i++, candidate += step) {
      const value = image[imageOffset + candidate]!;
      if (pixels[i] === -1 || value > image[imageOffset + pixels[i]!]! || Number.isNaN(value)) {
        pixels[i] = candidate;
      }
    }
  });
  for (let i = pixelsOffset; i < end; i++) {
    if (pixels[i] === -1) throw new RangeError("A window of the dilated kernel lies wholly in the padding.");
  }
}

/** Along each dimension, the ranges of pixels that the results look at, as [start, end). */
export type Ranges = readonly (readonly (readonly [start: number, end: number])[])[];

/** {@link largestPixels} within every combination of ranges. */
export function largestWithin(
  input: readonly number[],
  ranges: Ranges,
  image: NumericArray,
  imageOffset: number,
  pixels: NumericArray,
  pixelsOffset: number,
): void {
  let best = -1;
  const search = (box: readonly (readonly [number, number])[], d: number, pixel: number): void => {
    for (let i = box[d]![0]; i < box[d]![1]; i++) {
      const at = pixel * input[d]! + i;
      if (d + 1 < input.length) search(box, d + 1, at);
      else {
        const value = image[imageOffset + at]!;
        if (best === -1 || value > image[imageOffset + best]! || Number.isNaN(value)) best = at;
      }
    }
  };
  let place = pixelsOffset;
  const visit = (box: readonly (readonly [number, number])[]): void => {
    const d = box.length;
    if (d < input.length) for (const range of ranges[d]!) visit([...box, range]);
    else {
      best = -1;
      search(box, 0, 0);
      pixels[place++] = best;
    }
  };
  visit([]);
}
