/** @file Elements by a mask: filled, selected, overwritten, and the places where it holds. */

import { inPlace } from "../autograd/inplace.ts";
import { ofValues } from "../tensor/creation.ts";
import { defineMethods, type InPlaceMethods, keywords, type Methods } from "../tensor/methods.ts";
import { broadcastShapes, contiguousStrides, formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import { dataOf, isTensor, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { checked, describe, type TensorLike } from "./elementwise.ts";
import { FLAT, type Places, pick } from "./places.ts";

function checkedMask(name: string, mask: unknown): Tensor {
  if (isTensor(mask) && mask.dtype === "bool") return mask;
  throw new TypeError(`${name}() expected a bool mask, got ${isTensor(mask) ? mask.dtype : describe(mask)}.`);
}

/** Positions of the elements that are not 0, in the row-major tensor. */
function positionsHeld(x: Tensor): number[] {
  const flat = x.detach().contiguous();
  const held: number[] = [];
  for (let i = 0; i < flat.numel(); i++) if (dataOf(flat)[offsetOf(flat) + i] !== 0) held.push(i);
  return held;
}

const indexTensor = (values: readonly number[]): Tensor => ofValues(values, [values.length], "int64");

/** For each dimension, the indices of the elements that are not 0. */
function coordinates(x: Tensor): Tensor[] {
  const held = positionsHeld(x);
  const steps = contiguousStrides(shapeOf(x));
  return shapeOf(x).map((n, d) => indexTensor(held.map(i => Math.floor(i / steps[d]!) % n)));
}

/**
 * Index tensors for the dimensions that one component of an index covers: a mask covers as many as it has, by the places
 * where it holds.
 */
export function asIndices(
  component: Tensor | readonly (number | boolean)[],
  shape: Shape,
  dim: number,
): Tensor[] {
  const values = isTensor(component)
    ? component
    : ofValues(
        component.map(Number),
        [component.length],
        component.some(v => typeof v === "boolean") ? "bool" : "int64",
      );
  if (values.dtype !== "bool") return [values];
  const covered = shape.slice(dim, dim + values.ndim);
  if (!sameShape(shapeOf(values), covered)) {
    throw new RangeError(
      `A mask has the shape of the dimensions it covers: expected ${formatShape(covered)}, got ${formatShape(shapeOf(values))}.`,
    );
  }
  return coordinates(values);
}

export interface MaskedSelect {
  (input: Tensor, mask: Tensor): Tensor;
  (input: Tensor, options: { mask: Tensor }): Tensor;
}

/** The elements where `mask` holds, as a vector. Both are broadcast. */
export const maskedSelect: MaskedSelect = keywords(
  "maskedSelect",
  ["input", "mask"],
  (input: Tensor, mask: Tensor) => {
    const held = checkedMask("maskedSelect", mask);
    const shape = broadcastShapes(shapeOf(checked("maskedSelect", input)), shapeOf(held));
    const positions = indexTensor(positionsHeld(held.expand(shape)));
    return pick(input.expand(shape), [positions], FLAT);
  },
);

export interface MaskedFill {
  (input: Tensor, mask: Tensor, value: TensorLike): Tensor;
  (input: Tensor, options: { mask: Tensor; value: TensorLike }): Tensor;
}

/** `value` where `mask` holds, `input` elsewhere. */
export const maskedFill: MaskedFill = keywords(
  "maskedFill",
  ["input", "mask", "value"],
  (input: Tensor, mask: Tensor, value: TensorLike) => {
    if (isTensor(value) && value.ndim > 0) {
      throw new RangeError(
        `maskedFill() expected a number or a 0-d tensor to fill in, got ${formatShape(shapeOf(value))}.`,
      );
    }
    return checked("maskedFill", input).where(checkedMask("maskedFill", mask).logicalNot(), value);
  },
);

export interface MaskedScatter {
  (input: Tensor, mask: Tensor, source: Tensor): Tensor;
  (input: Tensor, options: { mask: Tensor; source: Tensor }): Tensor;
}

/** `input` where `mask` does not hold; where it does, the elements of `source` one after the other. Input and mask are broadcast. */
export const maskedScatter: MaskedScatter = keywords(
  "maskedScatter",
  ["input", "mask", "source"],
  (input: Tensor, mask: Tensor, source: Tensor) => {
    const held = checkedMask("maskedScatter", mask);
    if (checked("maskedScatter", source).dtype !== checked("maskedScatter", input).dtype) {
      throw new TypeError(
        `maskedScatter() expected a source of the input's dtype ${input.dtype}, got ${source.dtype}.`,
      );
    }
    const shape = broadcastShapes(shapeOf(input), shapeOf(held));
    const whole = held.expand(shape);
    const spread = input.expand(shape);
    // Of an empty source nothing can be picked, not even to be passed over.
    if (source.numel() === 0) {
      refuseMore(positionsHeld(whole).length, 0);
      return spread.clone();
    }
    return where(whole, pick(source.reshape([-1]), [whole], IN_TURN), spread);
  },
);

/** @throws for more places than a source has elements */
function refuseMore(places: number, available: number): void {
  if (places <= available) return;
  throw new RangeError(
    `maskedScatter() expected a source with an element for each of ${places} places where the mask holds, got ${available}.`,
  );
}

/** For each element of a mask, how many places before it hold; the first where it does not hold itself. */
const IN_TURN: Places = {
  shape: (_input, [mask]) => shapeOf(mask!),
  positions([available], [mask]) {
    const held = positionsHeld(mask!);
    refuseMore(held.length, available!);
    const positions = new Int32Array(mask!.numel());
    held.forEach((position, i) => {
      positions[position] = i;
    });
    return positions;
  },
};

export interface Nonzero {
  (input: Tensor): Tensor;
  (input: Tensor, options: { asTuple: false }): Tensor;
  (input: Tensor, options: { asTuple: true }): Tensor[];
}

/** The indices of the elements that are not 0, a row for each; with `asTuple`, a vector for each dimension. */
export const nonzero = keywords(
  "nonzero",
  ["input", "asTuple"],
  (input: Tensor, asTuple = false): Tensor | Tensor[] => {
    const x = checked("nonzero", input);
    if (asTuple) return coordinates(x.ndim === 0 ? x.reshape([1]) : x);
    const held = positionsHeld(x);
    const steps = contiguousStrides(shapeOf(x));
    const rows = held.flatMap(i => shapeOf(x).map((n, d) => Math.floor(i / steps[d]!) % n));
    return ofValues(rows, [held.length, x.ndim], "int64");
  },
) as unknown as Nonzero;

/** {@link nonzero} as rows. */
export function argwhere(input: Tensor): Tensor {
  return nonzero(input);
}

const changing = { maskedFill, maskedScatter };
const methods = { ...changing, maskedSelect, argwhere };
defineMethods({ ...methods, nonzero });
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {
    nonzero(options?: { asTuple: false }): Tensor;
    nonzero(options: { asTuple: true }): Tensor[];
  }
}
