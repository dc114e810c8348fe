/**
 * @file A copy of a tensor in which one of its views shows another's values: slices, entries and diagonals without writing in place.
 * Linear in both: what was overwritten gets no gradient, and what was written gets the gradient under the view.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { assignStrided } from "../kernels/strided.ts";
import { conversionTo, zerosLike } from "../tensor/creation.ts";
import { defineMethods, keywords, type Methods } from "../tensor/methods.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type DiagonalOptions, diagonal } from "./diagonal.ts";
import { checked, sourceOf } from "./elementwise.ts";
import { select, slice } from "./slicing.ts";

/** Part of a tensor, as a view. */
type View = (x: Tensor) => Tensor;

function scatterOp(name: string): Primitive<[x: Tensor, source: Tensor], View> {
  const op: Primitive<[x: Tensor, source: Tensor], View> = {
    name,
    forward([x, source], view) {
      const y = x.detach().clone();
      const shape = shapeOf(source);
      assignStrided(shape, sourceOf(view(y), shape), sourceOf(source, shape), conversionTo(y.dtype));
      return y;
    },
    vjp: [
      (g, [, source], _y, view) => call(op, [g, zerosLike(source)], view),
      (g, _inputs, _y, view) => view(g),
    ],
    jvp: "linear",
  };
  return op;
}

/** @throws where the source has not the view's shape */
function scatter(
  op: Primitive<[x: Tensor, source: Tensor], View>,
  x: Tensor,
  source: Tensor,
  view: View,
): Tensor {
  const shape = shapeOf(view(checked(op.name, x).detach()));
  if (!sameShape(shape, shapeOf(checked(op.name, source)))) {
    throw new RangeError(
      `${op.name}() expected a source of shape ${formatShape(shape)}, got ${formatShape(shapeOf(source))}.`,
    );
  }
  return call(op, [x, source.to(x.dtype)], view);
}

const sliceScatterOp = scatterOp("sliceScatter");

interface Range {
  dim?: number;
  start?: number | null;
  end?: number | null;
  step?: number;
}

export interface SliceScatter {
  (
    input: Tensor,
    src: Tensor,
    dim?: number,
    start?: number | null,
    end?: number | null,
    step?: number,
  ): Tensor;
  (input: Tensor, src: Tensor, options: Range): Tensor;
}

/** `input` with `src` in place of a {@link slice}. */
export const sliceScatter: SliceScatter = keywords(
  "sliceScatter",
  ["input", "src", "dim", "start", "end", "step"],
  (input: Tensor, src: Tensor, dim = 0, start: number | null = null, end: number | null = null, step = 1) =>
    scatter(sliceScatterOp, input, src, x => slice(x, dim, start, end, step)),
);

const selectScatterOp = scatterOp("selectScatter");

export interface SelectScatter {
  (input: Tensor, src: Tensor, dim: number, index: number): Tensor;
  (input: Tensor, src: Tensor, options: { dim: number; index: number }): Tensor;
}

/** `input` with `src` in place of the entry `index` along `dim`. */
export const selectScatter: SelectScatter = keywords(
  "selectScatter",
  ["input", "src", "dim", "index"],
  (input: Tensor, src: Tensor, dim: number, index: number) =>
    scatter(selectScatterOp, input, src, x => select(x, dim, index)),
);

const diagonalScatterOp = scatterOp("diagonalScatter");

export interface DiagonalScatter {
  (input: Tensor, src: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor;
  (input: Tensor, src: Tensor, options: DiagonalOptions): Tensor;
}

/** `input` with `src` in place of a {@link diagonal}. */
export const diagonalScatter: DiagonalScatter = keywords(
  "diagonalScatter",
  ["input", "src", "offset", "dim1", "dim2"],
  (input: Tensor, src: Tensor, offset = 0, dim1 = 0, dim2 = 1) =>
    scatter(diagonalScatterOp, input, src, x => diagonal(x, offset, dim1, dim2)),
);

const methods = { sliceScatter, selectScatter, diagonalScatter };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
