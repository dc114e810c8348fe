/**
 * @file What a custom Function's forward leaves for its backward: torch's `ctx`.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#context-method-mixins
 */

import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { Saved } from "./saved.ts";

/**
 * What `savedTensors` gives: as many tensors as were saved, in their order. Typed as longer than it is,
 * so that `const [input, weight] = ctx.savedTensors` gives tensors under `noUncheckedIndexedAccess`.
 */
export type SavedTensors = readonly [
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  ...Tensor[],
];

export let isDirty: (ctx: FunctionContext, t: Tensor) => boolean;
export let isNonDifferentiable: (ctx: FunctionContext, t: Tensor) => boolean;
export let materializesGrads: (ctx: FunctionContext) => boolean;
/** Puts other tensors in the place of some that were saved. */
export let replaceSaved: (ctx: FunctionContext, from: readonly unknown[], to: readonly unknown[]) => void;
export let freeSaved: (ctx: FunctionContext) => void;

/** The methods of a context. `Context` adds the fields that a Function keeps on it. */
export class FunctionContext {
  /** For each argument of forward (after ctx): whether it is a tensor that needs a gradient. */
  readonly needsInputGrad: readonly boolean[];
  readonly #by: { readonly name: string };
  #saved: Saved;
  #dirty: readonly Tensor[] = [];
  #nonDifferentiable: readonly Tensor[] = [];
  #materializeGrads = true;

  constructor(name: string, needsInputGrad: readonly boolean[]) {
    this.#by = { name };
    this.#saved = new Saved(this.#by, []);
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps inputs and outputs for backward. Anything else can be a field: `ctx.alpha = 2`. */
  saveForBackward(...tensors: (Tensor | null | undefined)[]): void {
    const stray = tensors.findIndex(t => t !== null && t !== undefined && !isTensor(t));
    if (stray >= 0) {
      throw new TypeError(
        `saveForBackward() keeps tensors (or null): argument ${stray} is ${typeof tensors[stray]}. ` +
          "Put other values on ctx as fields: ctx.alpha = 2.",
      );
    }
    this.#saved = new Saved(
      this.#by,
      tensors.map(t => t ?? null),
    );
  }

  /**
   * What saveForBackward was given.
   * @throws where one of them was changed in place since, and after the graph was freed
   */
  get savedTensors(): SavedTensors {
    return this.#saved
      .read((_, error) => {
        throw error();
      })
      .slice() as unknown as SavedTensors;
  }

  /** Declares inputs that forward changed in place. They must be returned. */
  markDirty(...tensors: Tensor[]): void {
    this.#dirty = tensors;
  }

  /** Declares outputs that have no derivative, indices for instance. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.#nonDifferentiable = tensors;
  }

  /** Whether backward gets zeros (the default) or null for outputs that nothing depended on. */
  setMaterializeGrads(value: boolean): void {
    this.#materializeGrads = value;
  }

  static {
    isDirty = (ctx, t) => ctx.#dirty.includes(t);
    isNonDifferentiable = (ctx, t) => ctx.#nonDifferentiable.includes(t);
    materializesGrads = ctx => ctx.#materializeGrads;
    replaceSaved = (ctx, from, to) => ctx.#saved.replace(from, to);
    freeSaved = ctx => ctx.#saved.release();
  }
}

/**
 * The context of a custom Function: its methods, and fields of the Function's own. Name their types with
 * `Context<{ alpha: number }>`; a plain `Context` takes any.
 */
// biome-ignore lint/suspicious/noExplicitAny: torch's ctx takes any attribute, and so must a Function ported from it.
export type Context<Fields = Record<string, any>> = FunctionContext & Fields;
