/** @file Entries in another order along dimensions: reversed, rolled round, turned. Copies, as in torch; linear. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { copyStrided } from "../kernels/strided.ts";
import { defineMethods, keywords, type Methods, spreadable } from "../tensor/methods.ts";
import { formatShape, type Shape, type SizeList, sizeOf, wrapDim } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, stridesOf, type Tensor } from "../tensor/tensor.ts";
import { clone } from "./conversion.ts";
import { checked } from "./elementwise.ts";
import { cat } from "./joining.ts";
import { transpose } from "./permute.ts";
import { ravel, reshape } from "./reshape.ts";
import { slice } from "./slicing.ts";

const flipOp: Primitive<[x: Tensor], readonly number[]> = {
  name: "flip",
  forward([x], dims) {
    const y = empty(shapeOf(x), x.dtype);
    const shape = shapeOf(x);
    const strides = stridesOf(x).map((s, i) => (dims.includes(i) ? -s : s));
    const last = dims.reduce((o, d) => o + Math.max(shape[d]! - 1, 0) * stridesOf(x)[d]!, offsetOf(x));
    copyStrided(shape, dataOf(y), offsetOf(y), { data: dataOf(x), offset: last, strides });
    return y;
  },
  vjp: [(g, _inputs, _y, dims) => call(flipOp, [g], dims)],
  jvp: "linear",
};

export interface Flip {
  (input: Tensor, ...dims: SizeList): Tensor;
  (input: Tensor, options: { dims: readonly number[] }): Tensor;
}

/** Entries along the given dimensions in reverse order. */
export const flip: Flip = spreadable(
  keywords("flip", ["input", "dims"], (input: Tensor, dims: readonly number[]) => {
    const rank = checked("flip", input).ndim;
    const reversed = sizeOf([typeof dims === "number" ? [dims] : dims]).map(d => wrapDim(d, rank));
    if (new Set(reversed).size !== reversed.length)
      throw new RangeError(`flip() expected each dimension once, got [${reversed.join(", ")}].`);
    return call(flipOp, [input], rank === 0 ? [] : reversed);
  }),
);

/** Columns in reverse order: {@link flip} along dimension 1. */
export function fliplr(input: Tensor): Tensor {
  if (checked("fliplr", input).ndim < 2)
    throw new RangeError(`fliplr() expected at least 2 dimensions, got ${formatShape(shapeOf(input))}.`);
  return flip(input, [1]);
}

/** Rows in reverse order: {@link flip} along dimension 0. */
export function flipud(input: Tensor): Tensor {
  if (checked("flipud", input).ndim < 1)
    throw new RangeError("flipud() expected at least 1 dimension, got a 0-d tensor.");
  return flip(input, [0]);
}

/** Entries `shift` places further along `dim`; those that fall off the end come first. */
const rollOp: Primitive<[x: Tensor], { shift: number; dim: number }> = {
  name: "roll",
  forward([x], { shift, dim }) {
    const size = x.size(dim);
    const start = size - (((shift % size) + size) % size);
    return cat([slice(x.detach(), dim, start), slice(x.detach(), dim, 0, start)], dim);
  },
  vjp: [(g, _inputs, _y, { shift, dim }) => rolled(g, -shift, dim)],
  jvp: "linear",
};

function rolled(input: Tensor, shift: number, dim: number): Tensor {
  const size = shapeOf(input)[dim];
  if (size === undefined) throw new RangeError("roll() along a dimension cannot be applied to a 0-d tensor.");
  return input.numel() === 0 ? clone(input) : call(rollOp, [input], { shift, dim });
}

export interface Roll {
  (input: Tensor, shifts: number | Shape, dims?: number | Shape | null): Tensor;
  (input: Tensor, options: { shifts: number | Shape; dims?: number | Shape | null }): Tensor;
}

/** Entries moved round by `shifts` along `dims`, one after the other; without dims, through the flattened tensor. */
export const roll: Roll = keywords(
  "roll",
  ["input", "shifts", "dims"],
  (input: Tensor, shifts: number | Shape, dims: number | Shape | null = null) => {
    const shape = shapeOf(checked("roll", input));
    const by = sizeOf([typeof shifts === "number" ? [shifts] : shifts]);
    const along = (typeof dims === "number" ? [dims] : (dims ?? [])).map(d => wrapDim(d, shape.length));
    if (along.length === 0 && by.length === 1) return reshape(rolled(ravel(input), by[0]!, 0), shape);
    if (by.length !== along.length || by.length === 0) {
      throw new RangeError(
        `roll() expected as many shifts as dims, or one shift alone; got ${by.length} for ${along.length}.`,
      );
    }
    return along.reduce((x, d, i) => rolled(x, by[i]!, d), input);
  },
);

export interface Rot90 {
  (input: Tensor, k?: number, dims?: readonly [number, number]): Tensor;
  (input: Tensor, options: { k?: number; dims?: readonly [number, number] }): Tensor;
}

/** The plane of two dimensions turned by `k` · 90°, from the first towards the second. */
export const rot90: Rot90 = keywords(
  "rot90",
  ["input", "k", "dims"],
  (input: Tensor, k = 1, dims: readonly number[] = [0, 1]) => {
    const rank = checked("rot90", input).ndim;
    const [from, towards] = dims.map(d => wrapDim(d, rank));
    if (!Number.isInteger(k) || dims.length !== 2 || from === towards) {
      throw new RangeError(
        `rot90() expected an integer k and two different dimensions, got ${k} and [${dims.join(", ")}] for ` +
          `${formatShape(shapeOf(input))}.`,
      );
    }
    switch (((k % 4) + 4) % 4) {
      case 1:
        return transpose(flip(input, [towards!]), from!, towards!);
      case 2:
        return flip(input, [from!, towards!]);
      case 3:
        return transpose(flip(input, [from!]), from!, towards!);
      default:
        return clone(input);
    }
  },
);

const methods = { flip, fliplr, flipud, roll, rot90 };
defineMethods(methods);

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods> {}
}
