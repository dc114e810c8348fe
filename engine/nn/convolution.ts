/**
 * @file Convolution, by which images meet kernels. It is one trilinear form ⟨y, w ∗ x⟩ of images x, kernels w
 * and results y; each of its three partial readings is a primitive here, and the rules of each are the other two.
 * So derivatives of any order are convolutions again, and the transposed convolution is the second reading.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import {
  type Block,
  type Convolution,
  convolveBackInto,
  convolveInto,
  correlateInto,
} from "../kernels/convolution.ts";
import type { Windows } from "../kernels/windows.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";

/** How kernels slide over images, and into how many groups channels are split that do not meet. */
interface Params {
  readonly windows: Windows;
  readonly groups: number;
}

type Reading = Primitive<[a: Tensor, b: Tensor], Params>;

/** The sizes of the form, from the batch, all channels of x and those of y. */
function formOf(batch: number, inputs: number, outputs: number, { windows, groups }: Params): Convolution {
  return { batch, groups, inputs: inputs / groups, outputs: outputs / groups, windows };
}

function blockOf(t: Tensor): Block {
  const rows = t.detach().contiguous();
  return { data: dataOf(rows), offset: offsetOf(rows) };
}

/** y = w ∗ x: (N, C, …) and (O, C / groups, …) to (N, O, …). */
export const convolution: Reading = {
  name: "convolution",
  forward([x, w], params) {
    const y = empty([x.size(0), w.size(0), ...params.windows.output], x.dtype);
    convolveInto(formOf(x.size(0), x.size(1), w.size(0), params), blockOf(x), blockOf(w), blockOf(y));
    return y;
  },
  vjp: [
    (g, [, w], _y, params) => call(convolutionBack, [g, w], params),
    (g, [x], _y, params) => call(correlation, [x, g], params),
  ],
  jvp: "multilinear",
  batch: (values, batched, params) => moreGroups(convolution, ["images", "kernels"], values, batched, params),
};

/** x = wᵀ ∗ y, the transposed convolution: (N, O, …) and (O, C / groups, …) to (N, C, …). */
export const convolutionBack: Reading = {
  name: "convolutionTransposed",
  forward([y, w], params) {
    const x = empty([y.size(0), w.size(1) * params.groups, ...params.windows.input], y.dtype);
    convolveBackInto(formOf(x.size(0), x.size(1), w.size(0), params), blockOf(y), blockOf(w), blockOf(x));
    return x;
  },
  vjp: [
    (g, [, w], _x, params) => call(convolution, [g, w], params),
    (g, [y], _x, params) => call(correlation, [g, y], params),
  ],
  jvp: "multilinear",
  batch: (values, batched, params) =>
    moreGroups(convolutionBack, ["images", "kernels"], values, batched, params),
};

/** w, the correlation of x and y: (N, C, …) and (N, O, …) to (O, C / groups, …). */
const correlation: Reading = {
  name: "convolutionWeight",
  forward([x, y], params) {
    const w = empty([y.size(1), x.size(1) / params.groups, ...params.windows.kernel], x.dtype);
    correlateInto(formOf(x.size(0), x.size(1), y.size(1), params), blockOf(x), blockOf(y), blockOf(w));
    return w;
  },
  vjp: [
    (g, [, y], _w, params) => call(convolutionBack, [y, g], params),
    (g, [x], _w, params) => call(convolution, [x, g], params),
  ],
  jvp: "multilinear",
  batch: (values, batched, params) => moreGroups(correlation, ["images", "images"], values, batched, params),
};

/** For `vmap`: a batch of forms is one form with as many times the groups; of images only, it is one with more images. */
function moreGroups(
  op: Reading,
  kinds: readonly ["images", "images" | "kernels"],
  [a, b]: [a: Tensor, b: Tensor],
  batched: readonly boolean[],
  params: Params,
): Tensor {
  const size = (batched[0] ? a : b).size(0);
  if (!batched[1] && kinds[1] === "kernels") {
    return split(call(op, [merged(a, 0), b], params), 0, size);
  }
  const [first, second] = [a, b].map((t, i) => {
    const whole = batched[i] ? t : t.unsqueeze(0).expand([size, ...shapeOf(t)]);
    return kinds[i] === "images" ? merged(whole.transpose(0, 1), 1) : merged(whole, 0);
  });
  const result = call(op, [first!, second!], { ...params, groups: params.groups * size });
  return op === correlation ? split(result, 0, size) : split(result, 1, size).transpose(0, 1);
}

/** Dimension `dim` and the next as one. */
function merged(t: Tensor, dim: number): Tensor {
  const shape = shapeOf(t);
  return t.reshape(shape.toSpliced(dim, 2, shape[dim]! * shape[dim + 1]!));
}

/** Dimension `dim` as two, the first of the given size. */
function split(t: Tensor, dim: number, size: number): Tensor {
  const shape = shapeOf(t);
  return t.reshape(shape.toSpliced(dim, 1, size, shape[dim]! / size));
}
