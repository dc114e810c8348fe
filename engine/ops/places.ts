/**
 * @file Picking elements by index, the one mechanism: the places of the picked elements are worked out once, as positions in the
 * row-major tensor. Picking is linear; its transpose adds to the same places, so that an element picked twice gets both gradients.
 * Writing there is a choice between what was and what is picked from the source.
 */

import { call, type Primitive } from "../autograd/primitive.ts";
import { contiguousStrides, numelOf, type Shape } from "../tensor/shape.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";

/** Where elements are picked from a tensor of a shape, as index tensors say. */
export interface Places {
  /** Of the result; known without looking at an index. */
  shape(input: Shape, indices: readonly Tensor[]): Shape;
  /** In the row-major input, for each element of the result. */
  positions(input: Shape, indices: readonly Tensor[]): Int32Array;
  /** The public function that picks so, for who writes a computation down; absent where there is none. */
  readonly pickedBy?: { readonly name: "gather" | "indexSelect" | "take"; readonly dim: number };
}

type Indexed = readonly [x: Tensor, ...indices: Tensor[]];

const pickOp: Primitive<Indexed, Places> = {
  name: "index",
  forward([x, ...indices], places) {
    const positions = places.positions(shapeOf(x), indices);
    const source = x.detach().contiguous();
    const y = empty(places.shape(shapeOf(x), indices), x.dtype);
    const [from, to] = [dataOf(source), dataOf(y)];
    for (let i = 0; i < positions.length; i++) to[offsetOf(y) + i] = from[offsetOf(source) + positions[i]!]!;
    return y;
  },
  vjp: (g, [x, ...indices], _y, places) => [placed(g, indices, places, shapeOf(x))],
  jvp: ([t], [, ...indices], _y, places) => pick(t!, indices, places),
};

/** The elements at the places. */
export function pick(x: Tensor, indices: readonly Tensor[], places: Places): Tensor {
  return call(pickOp, [x, ...indices], places);
}

interface Target {
  readonly places: Places;
  readonly shape: Shape;
}

const placeOp: Primitive<Indexed, Target> = {
  name: "indexAdd",
  forward([x, ...indices], { places, shape }) {
    const positions = places.positions(shape, indices);
    const source = x.detach().contiguous();
    const y = empty(shape, x.dtype);
    const [from, to] = [dataOf(source), dataOf(y)];
    for (let i = 0; i < positions.length; i++)
      to[offsetOf(y) + positions[i]!]! += from[offsetOf(source) + i]!;
    return y;
  },
  vjp: (g, [, ...indices], _y, { places }) => [pick(g, indices, places)],
  jvp: ([t], [, ...indices], _y, { places, shape }) => placed(t!, indices, places, shape),
};

/** Zeros of a shape, with each element of `x` added at its place: the transpose of picking. */
export function placed(x: Tensor, indices: readonly Tensor[], places: Places, shape: Shape): Tensor {
  return call(placeOp, [x, ...indices], { places, shape });
}

/** For each element of a shape, which element of the picked ones comes from there, the last of several; −1 for none. */
const pickedOp: Primitive<readonly Tensor[], Target> = {
  name: "picked",
  forward(indices, { places, shape }) {
    const y = empty(shape, "int64");
    const data = dataOf(y).fill(-1, offsetOf(y), offsetOf(y) + y.numel());
    places.positions(shape, indices).forEach((position, i) => {
      data[offsetOf(y) + position] = i;
    });
    return y;
  },
  vjp: [],
  jvp: "linear",
};

/** Whether an element of a tensor of a shape is at one of the places: bool, of that shape. */
export function isPlace(indices: readonly Tensor[], places: Places, shape: Shape): Tensor {
  return call(pickedOp, indices, { places, shape }).ge(0);
}

/** `x` with the elements of `source` written to the places; the last of several that fall on one stays. */
export function overwritten(x: Tensor, source: Tensor, indices: readonly Tensor[], places: Places): Tensor {
  if (source.numel() === 0) return x.clone();
  const from = call(pickedOp, indices, { places, shape: shapeOf(x) });
  return where(from.lt(0), x, pick(source, [from.clampMin(0)], FLAT));
}

/** Whether an index may be negative and count from the end. Torch's ops differ, and people's code with them. */
type Counting = "from the start" | "from either end";

/** The values of an index tensor. @throws out of range, or for a dtype that is no integer. */
function indicesOf(index: Tensor, size: number, dim: number | null, counting: Counting): Int32Array {
  if (index.dtype !== "int64" && index.dtype !== "int32" && index.dtype !== "uint8") {
    throw new TypeError(
      `An index tensor holds integers: expected int64, got ${index.dtype}. Use index.to("int64").`,
    );
  }
  const flat = index.detach().contiguous();
  const result = new Int32Array(flat.numel());
  const least = counting === "from the start" ? 0 : -size;
  for (let i = 0; i < result.length; i++) {
    const at = dataOf(flat)[offsetOf(flat) + i]!;
    if (at < least || at >= size) {
      const whole = dim === null ? `a tensor of ${size} elements` : `dimension ${dim} with size ${size}`;
      const range = size === 0 ? "there is none" : `expected ${least} to ${size - 1}`;
      throw new RangeError(`Index ${at} is out of range for ${whole}: ${range}.`);
    }
    result[i] = at < 0 ? at + size : at;
  }
  return result;
}

/** Positions themselves, in an index of any shape; negative ones count from the end. */
export const FLAT: Places = {
  pickedBy: { name: "take", dim: 0 },
  shape: (_input, [index]) => shapeOf(index!),
  positions: (input, [index]) => indicesOf(index!, numelOf(input), null, "from either end"),
};

/** An index along `dim`, and each of its elements' own place along the other dimensions. */
export function alongDim(dim: number, counting: Counting = "from the start"): Places {
  return {
    pickedBy: { name: "gather", dim },
    shape: (_input, [index]) => shapeOf(index!),
    positions(input, [index]) {
      const shape = shapeOf(index!);
      const strides = contiguousStrides(input);
      const steps = contiguousStrides(shape);
      return indicesOf(index!, input[dim] ?? 1, dim, counting).map((at, i) => {
        let position = 0;
        for (let d = 0; d < input.length; d++) {
          position += strides[d]! * (d === dim ? at : Math.floor(i / steps[d]!) % shape[d]!);
        }
        return position;
      });
    },
  };
}

/** A vector of indices for `dim`, from 0, all entries of the other dimensions. */
export function entriesOf(dim: number): Places {
  return { ...byTensors([dim], "from the start"), pickedBy: { name: "indexSelect", dim } };
}

/**
 * Index tensors of one shape for some of the dimensions, all entries of the others. The dimensions of the index stand where
 * those stood if they are neighbours, else in front, as in NumPy.
 */
export function byTensors(dims: readonly number[], counting: Counting = "from either end"): Places {
  const adjacent = dims.at(-1)! - dims[0]! === dims.length - 1;
  const lead = adjacent ? dims[0]! : 0;
  const restOf = (input: Shape): Shape => input.filter((_, d) => !dims.includes(d));
  const shape: Places["shape"] = (input, indices) => {
    const rest = restOf(input);
    return [...rest.slice(0, lead), ...shapeOf(indices[0]!), ...rest.slice(lead)];
  };
  return {
    shape,
    positions(input, tensors) {
      const rest = restOf(input);
      const steps = contiguousStrides(rest);
      const allStrides = contiguousStrides(input);
      const restStrides = allStrides.filter((_, d) => !dims.includes(d));
      const indices = dims.map((d, k) => indicesOf(tensors[k]!, input[d]!, d, counting));
      const inner = numelOf(rest.slice(lead));
      const middle = numelOf(shapeOf(tensors[0]!));
      const positions = new Int32Array(numelOf(shape(input, tensors)));
      for (let i = 0; i < positions.length; i++) {
        const m = Math.floor(i / inner) % middle;
        const r = Math.floor(i / (inner * middle)) * inner + (i % inner);
        let position = 0;
        for (let k = 0; k < rest.length; k++) {
          position += restStrides[k]! * (Math.floor(r / steps[k]!) % rest[k]!);
        }
        for (let k = 0; k < dims.length; k++) position += allStrides[dims[k]!]! * indices[k]![m]!;
        positions[i] = position;
      }
      return positions;
    },
  };
}
