/**
 * @file What a tensor is: elements in a storage, seen through an offset, a shape and strides; and its
 * place in the autograd graph.
 *
 * Everything is private to the class and reached by the accessors before it, which the package's entry
 * does not export: code that merely uses the engine, in the sandbox above all, can neither touch an
 * element behind autograd's back nor forge a tensor. Operations are added to the class by the files in
 * `ops/`, each next to its rule, by declaration merging.
 */

import type { GradHook } from "../autograd/hooks.ts";
import type { Node } from "../autograd/node.ts";
import type { MultiPrimitive, Primitive } from "../autograd/primitive.ts";
import { type DType, isFloatingPoint, type NumericArray } from "./dtype.ts";
import { Layout, rowMajor } from "./layout.ts";
import { noteReading } from "./readings.ts";
import { formatShape, numelOf, type Shape, wrapDim } from "./shape.ts";
import { allocate, allocatedOffset, allocateUnset, Storage, TornStorage } from "./storage.ts";

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
/** A fresh tensor with the shape, strides and dtype of a contiguous one, whose elements are about to be written. */
export let emptyLike: (t: Tensor) => Tensor;
/** A second tensor on the same elements, without history and not counted as a view. */
export let aliasOf: (t: Tensor) => Tensor;
/** The tensor itself; in place of one that somebody gave properties or another prototype, the same without: its methods are the engine's. */
export let bareOf: (t: Tensor) => Tensor;
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
  /** What flows back into `input` passes `hook`, until what is returned is called; without it, hooks are refused. */
  hook?(input: Tensor, hook: GradHook): () => void;
  /** `target`, watched or not, is overwritten with `value`, watched or not; without it, that is refused. */
  assign?(target: Tensor, value: Tensor): void;
  /** Why elements cannot be read. */
  elementsAsked?(): Error;
}

export type Wrapper = Dual | Batched | Traced;

/** What only those tensors have whose gradient somebody asks for: leaves, mostly. */
class Collected {
  requiresGrad = false;
  grad: Tensor | null = null;
  accumulator: Node | null = null;
}

/** What only views have. */
class Origin {
  /** The tensor whose storage the view looks into. */
  readonly base: Tensor;
  /** What had made the base when the view's own node was made: a change in place gives the base another. */
  baseNode: Node | null;

  constructor(base: Tensor) {
    this.base = base;
    this.baseNode = nodeOf(base);
  }
}

/** Kept small, since a graph of small tensors costs the memory it takes: what few tensors have lies in an object of its own. */
export class Tensor {
  readonly #storage: Storage;
  readonly #offset: number;
  readonly #layout: Layout;
  readonly #dtype: DType;
  #wrappedNumber = false;
  /** The operation that made this tensor, and which of its outputs it is. */
  #node: Node | null = null;
  #outputNr = 0;
  #collected: Collected | null = null;
  #origin: Origin | null = null;
  #wrapper: Wrapper | null = null;

  /** For the engine only: people make tensors with `tensor`, `zeros`, `randn` and the like. */
  constructor(storage: Storage, offset: number, layout: Layout, dtype: DType) {
    if (!(storage instanceof Storage)) {
      throw new TypeError("A Tensor is made by tensor(data), zeros(shape), randn(shape) …, not by `new`.");
    }
    this.#storage = storage;
    this.#offset = offset;
    this.#layout = layout;
    this.#dtype = dtype;
  }

  /** Extents of the dimensions, outermost first. A copy: changing it changes nothing. */
  get shape(): number[] {
    return this.#layout.shape.slice();
  }

  get dtype(): DType {
    return this.#dtype;
  }

  get ndim(): number {
    return this.#layout.shape.length;
  }

  /** Number of dimensions. */
  dim(): number {
    return this.#layout.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return this.#layout.numel;
  }

  size(): number[];
  size(dim: number): number;
  size(dim?: number): number | number[] {
    if (dim === undefined) return this.shape;
    const size = this.#layout.shape[wrapDim(dim, this.ndim)];
    if (size === undefined)
      throw new RangeError(`size(${dim}): expected a dimension, got a 0-dimensional tensor, which has none.`);
    return size;
  }

  /** Steps, in elements, between neighbours along each dimension. */
  stride(): number[];
  stride(dim: number): number;
  stride(dim?: number): number | number[] {
    return dim === undefined ? this.#layout.strides.slice() : this.#layout.strides[wrapDim(dim, this.ndim)]!;
  }

  /** Position of the first element in the storage, in elements, relative to that of the viewed tensor. */
  storageOffset(): number {
    return this.#origin === null ? 0 : this.#offset - this.#origin.base.#offset;
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return this.#layout.contiguous;
  }

  isFloatingPoint(): boolean {
    return isFloatingPoint(this.#dtype);
  }

  /** Whether gradients flow to or through this tensor. */
  get requiresGrad(): boolean {
    return nodeOf(this) !== null || this.#collected?.requiresGrad === true;
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
    if (node === null) this.#collecting().requiresGrad = requiresGrad;
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
    return this.#collected?.grad ?? null;
  }

  /** @throws where shape or dtype is not this tensor's. */
  set grad(grad: Tensor | null) {
    if (
      grad !== null &&
      (formatShape(grad.#layout.shape) !== formatShape(this.#layout.shape) || grad.#dtype !== this.#dtype)
    ) {
      throw new TypeError(
        `A gradient has its tensor's shape and dtype: expected ${formatShape(this.#layout.shape)} ${this.#dtype}, ` +
          `got ${formatShape(grad.#layout.shape)} ${grad.#dtype}.`,
      );
    }
    this.#collecting().grad = grad;
  }

  #collecting(): Collected {
    this.#collected ??= new Collected();
    return this.#collected;
  }

  /** How often the elements were changed in place, views included. */
  get version(): number {
    return this.#storage.version;
  }

  /** Whether this tensor looks into another's elements. */
  isView(): boolean {
    return this.#origin !== null;
  }

  /** The value of a tensor with one element. */
  item(): number {
    if (this.#layout.numel !== 1) {
      throw new RangeError(
        `item() needs a tensor with one element, got shape ${formatShape(this.#layout.shape)} with ${this.#layout.numel}. ` +
          "Use tolist() for all of them.",
      );
    }
    if (this.isFloatingPoint()) noteReading();
    return this.#storage.data[this.#offset]!;
  }

  /** The values as nested arrays of numbers (of 0 and 1 for bool); a number for a 0-d tensor. */
  tolist(): NestedNumbers {
    const read = (dim: number, offset: number): NestedNumbers => {
      if (dim === this.#layout.shape.length) return this.#storage.data[offset]!;
      const step = this.#layout.strides[dim]!;
      return Array.from({ length: this.#layout.shape[dim]! }, (_, i) => read(dim + 1, offset + i * step));
    };
    if (this.isFloatingPoint()) noteReading();
    return read(0, this.#offset);
  }

  #seenFromBase(base: Tensor): Node | null {
    const geometry = {
      shape: this.#layout.shape,
      strides: this.#layout.strides,
      offset: this.#offset - base.#offset,
    };
    return replayView(base, geometry, this).#node;
  }

  static {
    dataOf = t => t.#storage.data;
    storageOf = t => t.#storage;
    offsetOf = t => t.#offset;
    shapeOf = t => t.#layout.shape;
    stridesOf = t => t.#layout.strides;
    nodeOf = t => {
      const origin = t.#origin;
      if (origin !== null && origin.base.#node !== origin.baseNode) {
        t.#node = origin.base.#node === null ? null : t.#seenFromBase(origin.base);
        origin.baseNode = origin.base.#node;
        t.#outputNr = 0;
      }
      return t.#node;
    };
    onRebase = replay => {
      replayView = replay;
    };
    outputNrOf = t => t.#outputNr;
    baseOf = t => t.#origin?.base ?? null;
    isWrappedNumber = t => t.#wrappedNumber;
    markWrappedNumber = t => {
      t.#wrappedNumber = true;
      return t;
    };
    accumulatorOf = t => t.#collected?.accumulator ?? null;
    setAccumulator = (t, node) => {
      t.#collecting().accumulator = node;
    };
    setHistory = (t, node, outputNr) => {
      t.#node = node;
      t.#outputNr = outputNr;
      if (t.#origin !== null) t.#origin.baseNode = t.#origin.base.#node;
      if (node !== null && t.#collected !== null) t.#collected.requiresGrad = false;
    };
    emptyLike = t => {
      const data = allocateUnset(t.#dtype, t.#layout.numel);
      return new Tensor(new Storage(data), allocatedOffset, t.#layout, t.#dtype);
    };
    isTensor = (value): value is Tensor => typeof value === "object" && value !== null && #storage in value;
    viewOf = (t, offset, shape, strides) => {
      const view = new Tensor(t.#storage, offset, new Layout(shape, strides), t.#dtype);
      view.#origin = new Origin(t.#origin?.base ?? t);
      return view;
    };
    bareOf = t => {
      if (Reflect.getPrototypeOf(t) === Tensor.prototype && Reflect.ownKeys(t).length === 0) return t;
      const bare = aliasOf(t);
      bare.#node = t.#node;
      bare.#outputNr = t.#outputNr;
      bare.#collected = t.#collected;
      bare.#origin = t.#origin;
      return bare;
    };
    aliasOf = t => {
      const alias = new Tensor(t.#storage, t.#offset, t.#layout, t.#dtype);
      alias.#wrapper = t.#wrapper;
      return alias;
    };
    tornTensor = (t, why) => {
      const torn = new Tensor(new TornStorage(why), t.#offset, t.#layout, t.#dtype);
      if (t.#collected !== null) {
        const { requiresGrad, accumulator } = t.#collected;
        torn.#collected = { requiresGrad, accumulator, grad: null };
      }
      torn.#node = t.#node;
      torn.#outputNr = t.#outputNr;
      return torn;
    };
    wrapperOf = t => t.#wrapper;
    setWrapper = (t, wrapper) => {
      t.#wrapper = wrapper;
    };
    makeDual = (primal, tangent, level) => {
      const t = new Tensor(primal.#storage, primal.#offset, primal.#layout, primal.#dtype);
      t.#wrapper = { kind: "dual", primal, tangent, level };
      return t;
    };
    makeBatched = (value, level) => {
      const layout = rowMajor(value.#layout.shape.slice(1));
      const t = new Tensor(new TornStorage(batchedError), 0, layout, value.#dtype);
      t.#wrapper = { kind: "batched", value, level };
      return t;
    };
    makeTraced = (shape, dtype, tracer, level) => {
      const storage = new TornStorage(tracer.elementsAsked ?? tracedError);
      const t = new Tensor(storage, 0, rowMajor(shape), dtype);
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
  return new Tensor(new Storage(data), allocatedOffset, rowMajor(shape), dtype);
}

/** A fresh row-major tensor whose elements are about to be written, every one. */
export function unset(shape: Shape, dtype: DType): Tensor {
  const data = allocateUnset(dtype, numelOf(shape));
  return new Tensor(new Storage(data), allocatedOffset, rowMajor(shape), dtype);
}

/** A fresh tensor around an array that nobody else holds. */
export function fromArray(data: NumericArray, shape: Shape, dtype: DType): Tensor {
  return new Tensor(new Storage(data), 0, rowMajor(shape), dtype);
}
