/** @file Dimensions of size 1 repeated without a copy: views, whose VJP sums over the repetitions. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { defineMethods, keywords, type Methods, spreadable, variadic } from "../tensor/methods.ts";
import {
  broadcastShapes,
  broadcastStrides,
  expandsTo,
  formatShape,
  type Shape,
  type SizeList,
  sameShape,
  sizeOf,
} from "../tensor/shape.ts";
import { offsetOf, shapeOf, stridesOf, type Tensor, viewOf } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";

const expandOp: Primitive<[x: Tensor], Shape> = {
  name: "expand",
  forward: ([x], shape) => viewOf(x, offsetOf(x), shape, broadcastStrides(shapeOf(x), stridesOf(x), shape)),
  vjp: [(g, [x]) => g.sumToSize(shapeOf(x))],
  jvp: "linear",
};

export interface Expand {
  (input: Tensor, ...size: SizeList): Tensor;
  (input: Tensor, options: { size: Shape }): Tensor;
}

function expansion(name: string): Expand {
  return spreadable(
    keywords(name, ["input", "size"], (input: Tensor, size: Shape) => {
      const from = shapeOf(checked(name, input));
      const asked = sizeOf([size]);
      const shape = asked.map((n, i) => (n === -1 ? (from[i - asked.length + from.length] ?? -1) : n));
      if (!expandsTo(from, shape) || shape.some(n => n < 0)) {
        throw new RangeError(
          `${name}() cannot make ${formatShape(asked)} of ${formatShape(from)}: expected sizes that differ only where ` +
            "the tensor's is 1, or new ones in front.",
        );
      }
      return sameShape(from, shape) ? input : call(expandOp, [input], shape);
    }),
  );
}

/** Repeats dimensions of size 1 without copying; −1 keeps a size. */
export const expand: Expand = expansion("expand");

/** Another name of {@link expand}. */
export const broadcastTo: Expand = expansion("broadcastTo");

export interface BroadcastTensors {
  (...tensors: readonly Tensor[]): Tensor[];
  (tensors: readonly Tensor[]): Tensor[];
}

/** All tensors expanded to their common shape. */
export const broadcastTensors: BroadcastTensors = variadic(
  keywords("broadcastTensors", ["tensors"], (tensors: readonly Tensor[] = []) => {
    const shape = tensors.map(x => shapeOf(checked("broadcastTensors", x))).reduce(broadcastShapes, []);
    return tensors.map(x => expand(x, shape));
  }),
);

const methods = {
  expand,
  broadcastTo,
  expandAs: (input: Tensor, other: Tensor): Tensor => expand(input, shapeOf(checked("expandAs", other))),
};
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
