/**
 * @file Operations that pick elements by index. All are one mechanism: the places of the picked elements
 * are worked out once, as positions in the row-major tensor; picking them is linear, and its transpose
 * adds to the same places, so that an element picked twice gets both gradients.
 */

import { onStack } from "../autograd/batch.ts";
import { inPlace } from "../autograd/inplace.ts";
import { call, type Primitive } from "../autograd/primitive.ts";
import { promoteTypes } from "../tensor/dtype.ts";
import { defineMethods, type InPlaceMethods, type Methods } from "../tensor/methods.ts";
import {
  broadcastShapes,
  contiguousStrides,
  formatShape,
  numelOf,
  type Shape,
  sameShape,
  wrapDim,
} from "../tensor/shape.ts";
import { dataOf, empty, isTensor, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { describe, type TensorLike } from "./elementwise.ts";
import { select, slice as sliceAlong } from "./slicing.ts";

/** Positions in a row-major tensor, and the shape they are laid out in. */
interface Places {
  readonly positions: Int32Array;
  readonly shape: Shape;
}

/** Works out places in a tensor of a shape from index tensors. */
type Locate = (shape: Shape, indices: readonly Tensor[]) => Places;

type Indexed = readonly [x: Tensor, ...indices: Tensor[]];

const pickOp: Primitive<Indexed, Locate> = {
  name: "index",
  forward([x, ...indices], locate) {
    const { positions, shape } = locate(shapeOf(x), indices);
    const source = x.detach().contiguous();
    const y = empty(shape, x.dtype);
    const [from, to] = [dataOf(source), dataOf(y)];
    for (let i = 0; i < positions.length; i++) to[offsetOf(y) + i] = from[offsetOf(source) + positions[i]!]!;
    return y;
  },
  vjp: (g, [x, ...indices], _y, locate) => [call(placeOp, [g, ...indices], { locate, into: shapeOf(x) })],
  jvp: ([t], [, ...indices], _y, locate) => call(pickOp, [t!, ...indices], locate),
};

/** Zeros, with each element of `x` added at its place: the transpose of picking. */
const placeOp: Primitive<Indexed, { locate: Locate; into: Shape }> = {
  name: "indexAdd",
  forward([x, ...indices], { locate, into }) {
    const { positions } = locate(into, indices);
    const source = x.detach().contiguous();
    const y = empty(into, x.dtype);
    const [from, to] = [dataOf(source), dataOf(y)];
    for (let i = 0; i < positions.length; i++)
      to[offsetOf(y) + positions[i]!]! += from[offsetOf(source) + i]!;
    return y;
  },
  vjp: (g, [, ...indices], _y, { locate }) => [call(pickOp, [g, ...indices], locate)],
  jvp: ([t], [, ...indices], _y, params) => call(placeOp, [t!, ...indices], params),
};

/** The values of an index tensor, negative ones counted from the end. @throws out of range, or for a dtype that is no integer. */
function indicesOf(index: Tensor, size: number, dim: number): Int32Array {
  if (index.dtype !== "int64" && index.dtype !== "int32" && index.dtype !== "uint8") {
    throw new TypeError(
      `An index tensor holds integers: expected int64, got ${index.dtype}. Use index.to("int64").`,
    );
  }
  const flat = index.detach().contiguous();
  const result = new Int32Array(flat.numel());
  for (let i = 0; i < result.length; i++) {
    const at = dataOf(flat)[offsetOf(flat) + i]!;
    if (at < -size || at >= size) {
      throw new RangeError(`Index ${at} is out of range for dimension ${dim} with size ${size}.`);
    }
    result[i] = at < 0 ? at + size : at;
  }
  return result;
}

/** Positions that follow an index along `dim` and each of its elements' own place along the other dimensions. */
function alongDim(dim: number): Locate {
  return (inputShape, [index]) => {
    const shape = shapeOf(index!);
    const along = indicesOf(index!, inputShape[dim] ?? 1, dim);
    const strides = contiguousStrides(inputShape);
    const steps = contiguousStrides(shape);
    const positions = along.map((at, i) => {
      let position = 0;
      for (let d = 0; d < inputShape.length; d++) {
        position += strides[d]! * (d === dim ? at : Math.floor(i / steps[d]!) % shape[d]!);
      }
      return position;
    });
    return { positions, shape };
  };
}

/** @throws where an index of gather or scatter does not fit; torch takes 0-d and 1-d for each other. */
function checkedAlong(name: string, input: Tensor, dim: number, index: Tensor): number {
  const shape = shapeOf(index);
  const inputShape = shapeOf(input);
  const wrapped = wrapDim(dim, input.ndim);
  const ranks = Math.max(1, shape.length) === Math.max(1, inputShape.length);
  if (!ranks || shape.some((n, i) => i !== wrapped && n > (inputShape[i] ?? 1))) {
    throw new RangeError(
      `${name}() expected an index with the input's number of dimensions and no larger beside dimension ${dim}: ` +
        `got ${formatShape(shape)} for ${formatShape(inputShape)}.`,
    );
  }
  return wrapped;
}

/** result[i][j] = input[index[i][j]][j] for dim 0, and so on: torch's `gather`. */
export function gather(input: Tensor, dim: number, index: Tensor): Tensor {
  return call(pickOp, [input, index], alongDim(checkedAlong("gather", input, dim, index)));
}

/** `input` with `src` added at the places that `gather` would read. */
export function scatterAdd(input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  const locate = alongDim(checkedAlong("scatterAdd", input, dim, index));
  const used = shapeOf(index).reduce((s, n, d) => sliceAlong(s, d, 0, n), src);
  return input.add(call(placeOp, [used, index], { locate, into: shapeOf(input) }));
}

/** The entries of `dim` that a vector of indices names, in its order; repeated ones add up their gradients. */
export function indexSelect(input: Tensor, dim: number, index: Tensor): Tensor {
  if (index.ndim > 1)
    throw new RangeError(`indexSelect() expected a vector of indices, got ${formatShape(shapeOf(index))}.`);
  const d = wrapDim(dim, input.ndim);
  const components: IndexComponent[] = new Array(d).fill({});
  return indexBy(input, [...components, index.reshape([-1])]);
}

/** A range of a dimension, as Python's start:stop:step. */
export interface SliceRange {
  start?: number | null;
  stop?: number | null;
  step?: number | null;
}

/**
 * One component of an index, as between Python's brackets: an integer, a range (`{}` for `:`), `null` for
 * a new dimension, "..." for all dimensions not named, or a tensor (or list) of integers or booleans.
 */
export type IndexComponent =
  | number
  | null
  | "..."
  | SliceRange
  | Tensor
  | readonly number[]
  | readonly boolean[];

/** `input[components]` as in Python: `x.index(0, {}, null)` is `x[0, :, None]`. */
export function index(input: Tensor, ...components: IndexComponent[]): Tensor {
  return indexBy(input, components);
}

function indexBy(input: Tensor, components: readonly IndexComponent[]): Tensor {
  const named = components.reduce<number>((n, c) => n + dimsUsed(c), 0);
  if (named > input.ndim) {
    throw new RangeError(`Too many indices: ${named} for a tensor of ${input.ndim} dimensions.`);
  }
  const missing = new Array<SliceRange>(input.ndim - named).fill({});
  const at = components.indexOf("...");
  const full =
    at < 0
      ? [...components, ...missing]
      : [...components.slice(0, at), ...missing, ...components.slice(at + 1)];
  let x = input;
  let dim = 0;
  const tensors: (Tensor | null)[] = [];
  for (const component of full) {
    if (typeof component === "number") {
      x = select(x, dim, component);
    } else if (component === null) {
      x = x.unsqueeze(dim++);
      tensors.push(null);
    } else if (isTensor(component) || Array.isArray(component)) {
      const expanded = asIndices(component as Tensor | readonly number[], shapeOf(x), dim);
      tensors.push(...expanded);
      dim += expanded.length;
    } else {
      const { start = null, stop = null, step = null } = component as SliceRange;
      x = sliceAlong(x, dim++, start, stop, step ?? 1);
      tensors.push(null);
    }
  }
  return tensors.some(isTensor) ? pickByTensors(x, tensors) : x;
}

function dimsUsed(component: IndexComponent): number {
  if (component === null || component === "...") return 0;
  return isTensor(component) && component.dtype === "bool" ? component.ndim : 1;
}

/** Index tensors for the dimensions that one component covers: a mask covers as many as it has, by the places where it holds. */
function asIndices(component: Tensor | readonly (number | boolean)[], shape: Shape, dim: number): Tensor[] {
  const list = isTensor(component) ? null : component;
  const mask = isTensor(component) ? component.dtype === "bool" : list!.some(v => typeof v === "boolean");
  if (!mask) return [isTensor(component) ? component : fromNumbers(list!.map(Number))];
  const values = isTensor(component) ? component.contiguous() : fromNumbers(list!.map(Number));
  const covered = shapeOf(values);
  if (!sameShape(covered, shape.slice(dim, dim + covered.length))) {
    throw new RangeError(
      `A mask has the shape of the dimensions it covers: expected ${formatShape(shape.slice(dim, dim + covered.length))}, ` +
        `got ${formatShape(covered)}.`,
    );
  }
  const held: number[] = [];
  for (let i = 0; i < values.numel(); i++) if (dataOf(values)[offsetOf(values) + i] !== 0) held.push(i);
  const steps = contiguousStrides(covered);
  return covered.map((n, d) => fromNumbers(held.map(i => Math.floor(i / steps[d]!) % n)));
}

function fromNumbers(values: readonly number[]): Tensor {
  const t = empty([values.length], "int64");
  dataOf(t).set(values, offsetOf(t));
  return t;
}

/**
 * Index tensors are broadcast together. Their dimensions stand where they stood if they are neighbours,
 * else in front, as in NumPy.
 */
function pickByTensors(x: Tensor, tensors: readonly (Tensor | null)[]): Tensor {
  const dims = tensors.flatMap((index, d) => (isTensor(index) ? [d] : []));
  const indices = dims.map(d => tensors[d]!);
  const common = indices.map(shapeOf).reduce(broadcastShapes);
  return call(pickOp, [x, ...indices.map(index => index.expand(common))], byTensors(dims));
}

function byTensors(picked: readonly number[]): Locate {
  return (shape, tensors) => {
    const rest = shape.map((_, d) => d).filter(d => !picked.includes(d));
    const common = shapeOf(tensors[0]!);
    const adjacent = picked.at(-1)! - picked[0]! === picked.length - 1;
    const lead = adjacent ? picked[0]! : 0;
    const restShape = rest.map(d => shape[d]!);
    const resultShape = [...restShape.slice(0, lead), ...common, ...restShape.slice(lead)];
    const strides = contiguousStrides(shape);
    const indices = picked.map((d, k) => indicesOf(tensors[k]!, shape[d]!, d));

    const inner = numelOf(restShape.slice(lead));
    const middle = numelOf(common);
    const positions = new Int32Array(numelOf(resultShape));
    const restSteps = contiguousStrides(restShape);
    for (let i = 0; i < positions.length; i++) {
      const m = Math.floor(i / inner) % middle;
      const r = Math.floor(i / (inner * middle)) * inner + (i % inner);
      let position = 0;
      for (let k = 0; k < rest.length; k++) {
        position += strides[rest[k]!]! * (Math.floor(r / restSteps[k]!) % restShape[k]!);
      }
      for (let k = 0; k < picked.length; k++) position += strides[picked[k]!]! * indices[k]![m]!;
      positions[i] = position;
    }
    return { positions, shape: resultShape };
  };
}

/** The elements where `mask` holds, as a vector. */
export function maskedSelect(input: Tensor, mask: Tensor): Tensor {
  const shape = broadcastShapes(shapeOf(input), shapeOf(mask));
  return indexBy(input.expand(shape), [mask.expand(shape)]);
}

/** `value` where `mask` holds, `input` elsewhere. */
export function maskedFill(input: Tensor, mask: Tensor, value: TensorLike): Tensor {
  if (!isTensor(mask) || mask.dtype !== "bool") {
    throw new TypeError(
      `maskedFill() expected a bool mask, got ${isTensor(mask) ? mask.dtype : describe(mask)}.`,
    );
  }
  return input.where(mask.logicalNot(), value);
}

const catOp: Primitive<readonly Tensor[], number> = {
  name: "cat",
  forward(tensors, dim) {
    const shape = shapeOf(tensors[0]!).with(
      dim,
      tensors.reduce((n, x) => n + x.size(dim), 0),
    );
    const y = empty(shape, tensors[0]!.dtype);
    let start = 0;
    for (const x of tensors) {
      sliceAlong(y, dim, start, start + x.size(dim)).copy_(x.detach());
      start += x.size(dim);
    }
    return y;
  },
  vjp(g, tensors, _y, dim, needs) {
    let start = 0;
    return tensors.map((x, i) => {
      start += x.size(dim);
      return needs[i] ? sliceAlong(g, dim, start - x.size(dim), start) : null;
    });
  },
  jvp: "linear",
};

/** The tensors one after the other along `dim`. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const first = tensors[0];
  if (first === undefined) throw new RangeError("cat() expected at least one tensor.");
  const d = wrapDim(dim, first.ndim);
  for (const x of tensors) {
    if (
      first.ndim === 0 ||
      x.ndim !== first.ndim ||
      !sameShape(shapeOf(x).with(d, 0), shapeOf(first).with(d, 0))
    ) {
      throw new RangeError(
        `cat() expected tensors of one shape except in dimension ${d}, got ${tensors.map(s => formatShape(shapeOf(s))).join(", ")}.`,
      );
    }
  }
  const dtype = tensors.map(x => x.dtype).reduce(promoteTypes);
  return call(
    catOp,
    tensors.map(x => x.to(dtype)),
    d,
  );
}

/** Tensors of one shape, put side by side along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const first = tensors[0];
  if (first === undefined || tensors.some(x => !sameShape(shapeOf(x), shapeOf(first)))) {
    throw new RangeError(
      `stack() expected one or more tensors of equal shape, got ${tensors.map(x => formatShape(shapeOf(x))).join(", ") || "none"}.`,
    );
  }
  const d = wrapDim(dim, first.ndim + 1);
  return cat(
    tensors.map(x => x.unsqueeze(d)),
    d,
  );
}

onStack(stack);

const changing = { scatterAdd, maskedFill };
const methods = { ...changing, gather, indexSelect, index, maskedSelect };
defineMethods(methods);
defineMethods(inPlace(changing));

declare module "../tensor/tensor.ts" {
  interface Tensor extends Methods<typeof methods>, InPlaceMethods<typeof changing> {}
}
