/**
 * @file Convolution by matrix products: the image is laid out as a matrix with a column for each window.
 *
 * The three loops are the three readings of one trilinear form ⟨y, w ∗ x⟩: each computes one factor's
 * coefficient from the other two. Source: K. Chellapilla, S. Puri, P. Simard, "High Performance
 * Convolutional Neural Networks for Document Processing" (2006).
 */

import type { NumericArray } from "../tensor/dtype.ts";
import { matmulInto } from "./matmul.ts";
import { gatherColumns, scatterColumns, sizeOfGrid, type Windows } from "./windows.ts";

/** Images x (batch, groups · inputs, …), kernels w (groups · outputs, inputs, …), results y (batch, groups · outputs, …). */
export interface Convolution {
  readonly batch: number;
  readonly groups: number;
  /** Channels of a group. */
  readonly inputs: number;
  readonly outputs: number;
  readonly windows: Windows;
}

/** A row-major array within a larger one. */
export interface Block {
  readonly data: NumericArray;
  readonly offset: number;
}

/** For each image and group: where its parts of x, w and y begin; and room for the windows as columns. */
function forEachImage(
  { batch, groups, inputs, outputs, windows }: Convolution,
  visit: (x: number, w: number, y: number, columns: Float64Array) => void,
): void {
  const taps = inputs * sizeOfGrid(windows.kernel);
  const places = sizeOfGrid(windows.output);
  const columns = new Float64Array(taps * places);
  for (let n = 0; n < batch; n++) {
    for (let g = 0; g < groups; g++) {
      const at = n * groups + g;
      visit(at * inputs * sizeOfGrid(windows.input), g * outputs * taps, at * outputs * places, columns);
    }
  }
}

/** The columns of every channel of one image. */
function gatherChannels({ inputs, windows }: Convolution, x: Block, at: number, columns: Float64Array): void {
  const [pixels, entries] = [
    sizeOfGrid(windows.input),
    sizeOfGrid(windows.kernel) * sizeOfGrid(windows.output),
  ];
  for (let c = 0; c < inputs; c++)
    gatherColumns(windows, x.data, x.offset + at + c * pixels, columns, c * entries);
}

/** y += w ∗ x. */
export function convolveInto(shape: Convolution, x: Block, w: Block, y: Block): void {
  const taps = shape.inputs * sizeOfGrid(shape.windows.kernel);
  const places = sizeOfGrid(shape.windows.output);
  forEachImage(shape, (xAt, wAt, yAt, columns) => {
    gatherChannels(shape, x, xAt, columns);
    const [a, c] = [w.offset + wAt, y.offset + yAt];
    matmulInto(shape.outputs, taps, places, w.data, a, taps, 1, columns, 0, places, 1, y.data, c);
  });
}

/** x += the image on which y acts through w: y convolved back. */
export function convolveBackInto(shape: Convolution, y: Block, w: Block, x: Block): void {
  const { inputs, outputs, windows } = shape;
  const places = sizeOfGrid(windows.output);
  const taps = inputs * sizeOfGrid(windows.kernel);
  const pixels = sizeOfGrid(windows.input);
  forEachImage(shape, (xAt, wAt, yAt, columns) => {
    columns.fill(0);
    const [a, b] = [w.offset + wAt, y.offset + yAt];
    matmulInto(taps, outputs, places, w.data, a, 1, taps, y.data, b, places, 1, columns, 0);
    for (let c = 0; c < inputs; c++) {
      scatterColumns(windows, columns, (c * taps * places) / inputs, x.data, x.offset + xAt + c * pixels);
    }
  });
}

/** w += the kernel through which y acts on x: their correlation. */
export function correlateInto(shape: Convolution, x: Block, y: Block, w: Block): void {
  const taps = shape.inputs * sizeOfGrid(shape.windows.kernel);
  const places = sizeOfGrid(shape.windows.output);
  forEachImage(shape, (xAt, wAt, yAt, columns) => {
    gatherChannels(shape, x, xAt, columns);
    const [a, c] = [y.offset + yAt, w.offset + wAt];
    matmulInto(shape.outputs, places, taps, y.data, a, places, 1, columns, 0, 1, places, w.data, c);
  });
}
