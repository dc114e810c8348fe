/**
 * @file What a tensor is: elements in a storage, seen through an offset, a shape and strides; and its
 * place in the autograd graph.
 *
 * Everything is private to the class and reached by the accessors before it, which the package's entry
 * does not export: code that merely uses the engine, in the sandbox above all, can neither touch an
 * element behind autograd's back nor forge a tensor. Operations are added to the class by the files in
 * `ops/`, each next to its rule, by declaration merging.
 */

import type { Node } from "../autograd/node.ts";
import type { MultiPrimitive, Primitive } from "../autograd/primitive.ts";
import { type DType, isFloatingPoint, type NumericArray } from "./dtype.ts";
import { contiguousStrides, formatShape, isContiguous, numelOf, type Shape, wrapDim } from "./shape.ts";
import { allocate, allocatedOffset, Storage, TornStorage } from "./storage.ts";

/** A number, or numbers nested to the depth of a shape. */
export type NestedNumbers = number | NestedNumbers[];

// The engine's own way in: assigned by the class, where alone its fields are in scope.

/** Elements of the storage; a tensor's own begin at {@link offsetOf}. */
export let dataOf: (t: Tensor) => NumericArray;
export let storageOf: (t: Tensor) => Storage;
export let offsetOf: (t: Tensor) => number;
/** The shape itself, not a copy: not to be written to. */
export let shapeOf: (t: Tensor) => Shape;
export let stridesOf: (t: Tensor) => Shape;
export let nodeOf: (t: Tensor) => Node | null;
export let outputNrOf: (t: Tensor) => number;
export let baseOf: (t: Tensor) => Tensor | null;
/** Says how a view is computed from its base, for a view whose base was changed in place. */
export let onRebase: (replay: (base: Tensor, geometry: Geometry, view: Tensor) => Tensor) => void;
let replayView: (base: Tensor, geometry: Geometry, view: Tensor) => Tensor;
/** Whether a 0-d tensor stands for a plain number of the code, which promotes no dtype within its category. */
export let isWrappedNumber: (t: Tensor) => boolean;
export let markWrappedNumber: (t: Tensor) => Tensor;
/** The node that adds to a leaf's `.grad`; null until something was computed from the leaf. */
export let accumulatorOf: (t: Tensor) => Node | null;
export let setAccumulator: (t: Tensor, node: Node) => void;
/** Makes `t` output number `outputNr` of `node`; a leaf for null. */
export let setHistory: (t: Tensor, node: Node | null, outputNr: number) => void;
/** Cannot be fooled by a look-alike or a Proxy: it asks for the private field. */
export let isTensor: (value: unknown) => value is Tensor;
/** A view into `t`'s storage at an absolute offset. */
export let viewOf: (t: Tensor, offset: number, shape: Shape, strides: Shape) => Tensor;
/** A fresh tensor of zeros with the shape, strides and dtype of a contiguous one. */
export let emptyLike: (t: Tensor) => Tensor;
/** A second tensor on the same elements, without history and not counted as a view. */
export let aliasOf: (t: Tensor) => Tensor;
/** What a transform carries along with this tensor; null for most. */
export let wrapperOf: (t: Tensor) => Wrapper | null;
export let setWrapper: (t: Tensor, wrapper: Wrapper | null) => void;
/** A tensor that stands for a value with its derivative. */
export let makeDual: (primal: Tensor, tangent: Tensor, level: number) => Tensor;
/** A tensor that stands for each of a batch in turn: `value` without its first dimension. Its elements cannot be read. */
export let makeBatched: (value: Tensor, level: number) => Tensor;
/** A tensor without elements, on which operations are watched. */
export let makeTraced: (shape: Shape, dtype: DType, tracer: Tracer, level: number) => Tensor;

/**
 * A tensor of `t`'s shape, dtype and history whose elements may not be read: reading throws what `why`
 * makes.
 */
export let tornTensor: (t: Tensor, why: () => Error) => Tensor;

/** Where a view's elements lie, relative to the first of its base, in elements. */
export interface Geometry {
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
}

/** A value with its derivative along one direction: forward-mode differentiation at one level of nesting. */
export interface Dual {
  readonly kind: "dual";
  readonly primal: Tensor;
  readonly tangent: Tensor;
  /** Which transform this belongs to; an inner one has a higher level. */
  readonly level: number;
}

/** A batch seen as one of its entries: `vmap` at one level of nesting. */
export interface Batched {
  readonly kind: "batched";
  /** Row-major, the batch in front. */
  readonly value: Tensor;
  readonly level: number;
}

/** No value at all: each operation on it is told to a tracer, which answers with the result's stand-in. */
export interface Traced {
  readonly kind: "traced";
  readonly tracer: Tracer;
  readonly level: number;
}

export interface Tracer {
  call(op: Primitive<readonly Tensor[], unknown>, inputs: readonly Tensor[], params: unknown): Tensor;
  callMany(
    op: MultiPrimitive<readonly Tensor[], unknown>,
    inputs: readonly Tensor[],
    params: unknown,
  ): Tensor[];
  /** The same value, through which no derivative passes. */
  detach(input: Tensor): Tensor;
}

export type Wrapper = Dual | Batched | Traced;

export class Tensor {
  readonly #storage: Storage;
  readonly #offset: number;
  readonly #shape: Shape;
  readonly #strides: Shape;
  readonly #dtype: DType;
  readonly #numel: number;
  readonly #contiguous: boolean;
  #wrappedNumber = false;
  #requiresGrad = false;
  #grad: Tensor | null = null;
  /** The operation that made this tensor, and which of its outputs it is; for a leaf, where its gradient is collected. */
  #node: Node | null = null;
  #outputNr = 0;
  #accumulator: Node | null = null;
  /** The tensor whose storage this one looks into, where it is a view. */
  #base: Tensor | null = null;
  /** What had made the base when this view's own node was made: a change in place gives the base another. */
  #baseNode: Node | null = null;
  #wrapper: Wrapper | null = null;

  /** For the engine only: people make tensors with `tensor`, `zeros`, `randn` and the like. */
  constructor(
    storage: Storage,
    offset: number,
    shape: Shape,
    strides: Shape,
    dtype: DType,
    numel = numelOf(shape),
    contiguous = isContiguous(shape, strides),
  ) {
    if (!(storage instanceof Storage)) {
      throw new TypeError("A Tensor is made by tensor(data), zeros(shape), randn(shape) …, not by `new`.");
    }
    this.#storage = storage;
    this.#offset = offset;
    this.#shape = shape;
    this.#strides = strides;
    this.#dtype = dtype;
    this.#numel = numel;
    this.#contiguous = contiguous;
  }

  /** Extents of the dimensions, outermost first. A copy: changing it changes nothing. */
  get shape(): number[] {
    return this.#shape.slice();
  }

  get dtype(): DType {
    return this.#dtype;
  }

  get ndim(): number {
    return this.#shape.length;
  }

  /** Number of dimensions. */
  dim(): number {
    return this.#shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return this.#numel;
  }

  size(): number[];
  size(dim: number): number;
  size(dim?: number): number | number[] {
    return dim === undefined ? this.shape : (this.#shape[wrapDim(dim, this.ndim)] ?? 1);
  }

  /** Steps, in elements, between neighbours along each dimension. */
  stride(): number[];
  stride(dim: number): number;
  stride(dim?: number): number | number[] {
    return dim === undefined ? this.#strides.slice() : this.#strides[wrapDim(dim, this.ndim)]!;
  }

  /** Position of the first element in the storage, in elements, relative to that of the viewed tensor. */
  storageOffset(): number {
    return this.#base === null ? 0 : this.#offset - this.#base.#offset;
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return this.#contiguous;
  }

  isFloatingPoint(): boolean {
    return isFloatingPoint(this.#dtype);
  }

  /** Whether gradients flow to or through this tensor. */
  get requiresGrad(): boolean {
    return this.#requiresGrad || nodeOf(this) !== null;
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /**
   * Asks for gradients of a leaf.
   * @throws for a dtype without derivatives, and where an operation's result is to stop requiring them.
   */
  requiresGrad_(requiresGrad = true): this {
    if (requiresGrad && !this.isFloatingPoint()) {
      throw new TypeError(
        `Only floating-point tensors can require gradients: expected float64 or float32, got ${this.#dtype}. ` +
          "Convert it first: x.to('float64').",
      );
    }
    const node = nodeOf(this);
    if (!requiresGrad && node !== null) {
      throw new Error(
        "requiresGrad can be turned off for leaf tensors only; this one is the result of " +
          `${node.name}. Use x.detach() for a tensor without history.`,
      );
    }
    if (node === null) this.#requiresGrad = requiresGrad;
    return this;
  }

  /** Made by the user rather than by an operation that is differentiated. */
  get isLeaf(): boolean {
    return nodeOf(this) === null;
  }

  /** The node of the autograd graph that made this tensor; null for a leaf. */
  get gradFn(): Node | null {
    return nodeOf(this);
  }

  /** Gradient that `backward()` has accumulated here; null before. */
  get grad(): Tensor | null {
    return this.#grad;
  }

  /** @throws where shape or dtype is not this tensor's. */
  set grad(grad: Tensor | null) {
    if (
      grad !== null &&
      (formatShape(grad.#shape) !== formatShape(this.#shape) || grad.#dtype !== this.#dtype)
    ) {
      throw new TypeError(
        `A gradient has its tensor's shape and dtype: expected ${formatShape(this.#shape)} ${this.#dtype}, ` +
          `got ${formatShape(grad.#shape)} ${grad.#dtype}.`,
      );
    }
    this.#grad = grad;
  }

  /** How often the elements were changed in place, views included. */
  get version(): number {
    return this.#storage.version;
  }

  /** Whether this tensor looks into another's elements. */
  isView(): boolean {
    return this.#base !== null;
  }

  /** The value of a tensor with one element. */
  item(): number {
    if (this.#numel !== 1) {
      throw new RangeError(
        `item() needs a tensor with one element, got shape ${formatShape(this.#shape)} with ${this.#numel}. ` +
          "Use tolist() for all of them.",
      );
    }
    return this.#storage.data[this.#offset]!;
  }

  /** The values as nested arrays of numbers (of 0 and 1 for bool); a number for a 0-d tensor. */
  tolist(): NestedNumbers {
    const read = (dim: number, offset: number): NestedNumbers => {
      if (dim === this.#shape.length) return this.#storage.data[offset]!;
      const step = this.#strides[dim]!;
      return Array.from({ length: this.#shape[dim]! }, (_, i) => read(dim + 1, offset + i * step));
    };
    return read(0, this.#offset);
  }

  #seenFromBase(base: Tensor): Node | null {
    const geometry = { shape: this.#shape, strides: this.#strides, offset: this.#offset - base.#offset };
    return replayView(base, geometry, this).#node;
  }

  static {
    dataOf = t => t.#storage.data;
    storageOf = t => t.#storage;
    offsetOf = t => t.#offset;
    shapeOf = t => t.#shape;
    stridesOf = t => t.#strides;
    nodeOf = t => {
      const base = t.#base;
      if (base !== null && base.#node !== t.#baseNode) {
        t.#node = base.#node === null ? null : t.#seenFromBase(base);
        t.#baseNode = base.#node;
        t.#outputNr = 0;
      }
      return t.#node;
    };
    onRebase = replay => {
      replayView = replay;
    };
    outputNrOf = t => t.#outputNr;
    baseOf = t => t.#base;
    isWrappedNumber = t => t.#wrappedNumber;
    markWrappedNumber = t => {
      t.#wrappedNumber = true;
      return t;
    };
    accumulatorOf = t => t.#accumulator;
    setAccumulator = (t, node) => {
      t.#accumulator = node;
    };
    setHistory = (t, node, outputNr) => {
      t.#node = node;
      t.#outputNr = outputNr;
      t.#baseNode = t.#base === null ? null : t.#base.#node;
      if (node !== null) t.#requiresGrad = false;
    };
    emptyLike = t => {
      const data = allocate(t.#dtype, t.#numel);
      return new Tensor(new Storage(data), allocatedOffset, t.#shape, t.#strides, t.#dtype, t.#numel, true);
    };
    isTensor = (value): value is Tensor => typeof value === "object" && value !== null && #storage in value;
    viewOf = (t, offset, shape, strides) => {
      const view = new Tensor(t.#storage, offset, shape, strides, t.#dtype);
      view.#base = t.#base ?? t;
      view.#baseNode = view.#base.#node;
      return view;
    };
    aliasOf = t => {
      const alias = new Tensor(t.#storage, t.#offset, t.#shape, t.#strides, t.#dtype);
      alias.#wrapper = t.#wrapper;
      return alias;
    };
    tornTensor = (t, why) => {
      const torn = new Tensor(new TornStorage(why), t.#offset, t.#shape, t.#strides, t.#dtype);
      torn.#requiresGrad = t.#requiresGrad;
      torn.#accumulator = t.#accumulator;
      torn.#node = t.#node;
      torn.#outputNr = t.#outputNr;
      return torn;
    };
    wrapperOf = t => t.#wrapper;
    setWrapper = (t, wrapper) => {
      t.#wrapper = wrapper;
    };
    makeDual = (primal, tangent, level) => {
      const t = new Tensor(primal.#storage, primal.#offset, primal.#shape, primal.#strides, primal.#dtype);
      t.#wrapper = { kind: "dual", primal, tangent, level };
      return t;
    };
    makeBatched = (value, level) => {
      const shape = value.#shape.slice(1);
      const t = new Tensor(new TornStorage(batchedError), 0, shape, contiguousStrides(shape), value.#dtype);
      t.#wrapper = { kind: "batched", value, level };
      return t;
    };
    makeTraced = (shape, dtype, tracer, level) => {
      const t = new Tensor(new TornStorage(tracedError), 0, shape, contiguousStrides(shape), dtype);
      t.#wrapper = { kind: "traced", tracer, level };
      return t;
    };
  }
}

function batchedError(): Error {
  return new Error(
    "vmap: the elements of a batched tensor were asked for (item(), tolist(), a branch on data), but it stands for every " +
      "entry of the batch at once. Express the choice with where().",
  );
}

function tracedError(): Error {
  return new Error("The elements of a traced tensor were asked for, but it has none.");
}

/** A fresh row-major tensor of zeros. */
export function empty(shape: Shape, dtype: DType): Tensor {
  const data = allocate(dtype, numelOf(shape));
  return new Tensor(new Storage(data), allocatedOffset, shape, contiguousStrides(shape), dtype);
}

/** A fresh tensor around an array that nobody else holds. */
export function fromArray(data: NumericArray, shape: Shape, dtype: DType): Tensor {
  return new Tensor(new Storage(data), 0, shape, contiguousStrides(shape), dtype);
}
