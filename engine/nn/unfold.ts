/** @file Images as the columns that a window sees, and back. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { gatherColumns, scatterColumns, sizeOfGrid, type Windows } from "../kernels/windows.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape, numelOf, type Shape } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Extents, extentsOf, spatial } from "./extents.ts";

/** (…, C, H, W) to (…, C · taps, places). */
const unfoldOp: Primitive<[images: Tensor], Windows> = {
  name: "im2col",
  forward([images], windows) {
    const [pixels, taps, places] = sizesOf(windows);
    const lead = shapeOf(images).slice(0, -windows.input.length);
    const columns = empty([...lead.slice(0, -1), lead.at(-1)! * taps, places], images.dtype);
    const x = images.detach().contiguous();
    for (let c = 0; c < numelOf(lead); c++) {
      const to = offsetOf(columns) + c * taps * places;
      gatherColumns(windows, dataOf(x), offsetOf(x) + c * pixels, dataOf(columns), to);
    }
    return columns;
  },
  vjp: [(g, _inputs, _columns, windows) => call(foldOp, [g], windows)],
  jvp: "linear",
  batch: (values, _batched, windows) => call(unfoldOp, values, windows),
};

/** The transpose of {@link unfoldOp}: what several windows see adds up. */
const foldOp: Primitive<[columns: Tensor], Windows> = {
  name: "col2im",
  forward([columns], windows) {
    const [pixels, taps, places] = sizesOf(windows);
    const lead = shapeOf(columns).slice(0, -1);
    const channels = [...lead.slice(0, -1), lead.at(-1)! / taps];
    const images = empty([...channels, ...windows.input], columns.dtype);
    const x = columns.detach().contiguous();
    for (let c = 0; c < numelOf(channels); c++) {
      const from = offsetOf(x) + c * taps * places;
      scatterColumns(windows, dataOf(x), from, dataOf(images), offsetOf(images) + c * pixels);
    }
    return images;
  },
  vjp: [(g, _inputs, _images, windows) => call(unfoldOp, [g], windows)],
  jvp: "linear",
  batch: (values, _batched, windows) => call(foldOp, values, windows),
};

function sizesOf({ input, kernel, output }: Windows): [pixels: number, taps: number, places: number] {
  return [sizeOfGrid(input), sizeOfGrid(kernel), sizeOfGrid(output)];
}

interface Sliding {
  dilation?: Extents;
  padding?: Extents;
  stride?: Extents;
}

/** @throws where not one window fits */
function windowsOver(name: string, size: Shape, kernelSize: Extents, how: Required<Sliding>): Windows {
  const kernel = extentsOf(name, "kernelSize", kernelSize, 2);
  const dilation = extentsOf(name, "dilation", how.dilation, 2);
  const padding = extentsOf(name, "padding", how.padding, 2, 0);
  const stride = extentsOf(name, "stride", how.stride, 2);
  const output = size.map((n, i) =>
    Math.floor((n + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]! + 1),
  );
  if (output.some(n => n < 1)) {
    throw new RangeError(
      `${name}() expected a window that fits into the padded image, got one of ${formatShape(kernel)} with dilation ` +
        `[${dilation}] for an image of ${formatShape(size)} with padding [${padding}].`,
    );
  }
  return { input: size, kernel, stride, padding, dilation, output };
}

export interface Unfold {
  (input: Tensor, kernelSize: Extents, dilation?: Extents, padding?: Extents, stride?: Extents): Tensor;
  (input: Tensor, kernelSize: Extents, options: Sliding): Tensor;
  (input: Tensor, options: Sliding & { kernelSize: Extents }): Tensor;
}

/** What a sliding window sees, as columns: (N, C, H, W) to (N, C · kernel elements, windows); N may be missing. */
export const unfold: Unfold = keywords(
  "unfold",
  ["input", "kernelSize", "dilation", "padding", "stride"],
  (input: Tensor, kernelSize: Extents, dilation: Extents = 1, padding: Extents = 0, stride: Extents = 1) => {
    const { images, size, restore } = spatial("unfold", checked("unfold", input), 2);
    const windows = windowsOver("unfold", size, kernelSize, { dilation, padding, stride });
    return restore(call(unfoldOp, [images], windows));
  },
);

export interface Fold {
  (
    input: Tensor,
    outputSize: Extents,
    kernelSize: Extents,
    dilation?: Extents,
    padding?: Extents,
    stride?: Extents,
  ): Tensor;
  (input: Tensor, outputSize: Extents, kernelSize: Extents, options: Sliding): Tensor;
  (input: Tensor, options: Sliding & { outputSize: Extents; kernelSize: Extents }): Tensor;
}

/** The transpose of {@link unfold}: images of `outputSize`, in which overlapping windows add up. */
export const fold: Fold = keywords(
  "fold",
  ["input", "outputSize", "kernelSize", "dilation", "padding", "stride"],
  (
    input: Tensor,
    outputSize: Extents,
    kernelSize: Extents,
    dilation: Extents = 1,
    padding: Extents = 0,
    stride: Extents = 1,
  ) => {
    const { images: columns, restore } = spatial("fold", checked("fold", input), 1);
    const size = extentsOf("fold", "outputSize", outputSize, 2);
    const windows = windowsOver("fold", size, kernelSize, { dilation, padding, stride });
    const [, taps, places] = sizesOf(windows);
    if (columns.size(1) % taps !== 0 || columns.size(2) !== places) {
      throw new RangeError(
        `fold() expected (…, a multiple of ${taps} kernel elements, ${places} windows), got ${formatShape(shapeOf(input))}.`,
      );
    }
    return restore(call(foldOp, [columns], windows));
  },
);
