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

export let isNonDifferentiable: (ctx: FunctionContext, t: Tensor) => boolean;
export let materializesGrads: (ctx: FunctionContext) => boolean;
/** Puts other tensors in the place of some that were saved. */
export let replaceSaved: (ctx: FunctionContext, from: readonly unknown[], to: readonly unknown[]) => void;
export let freeSaved: (ctx: FunctionContext) => void;
/** The inputs that forward declared to have changed. */
export let dirtyOf: (ctx: FunctionContext) => readonly Tensor[];
/** Runs a jvp, for which `savedTensors` are those of saveForForward where that was called. */
export let withForwardSaved: <T>(ctx: FunctionContext, body: () => T) => T;

/** The methods of a context. `Context` adds the fields that a Function keeps on it. */
export class FunctionContext {
  /** For each argument of forward (after ctx): whether it is a tensor that needs a gradient. */
  readonly needsInputGrad: readonly boolean[];
  readonly #by: { readonly name: string };
  #saved: Saved;
  #savedForForward: Saved | null = null;
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
    this.#saved = new Saved(this.#by, tensorsOrNull("saveForBackward", tensors));
  }

  /** What `savedTensors` gives in jvp; without it, what was saved for backward. */
  saveForForward(...tensors: (Tensor | null | undefined)[]): void {
    this.#savedForForward = new Saved(this.#by, tensorsOrNull("saveForForward", tensors));
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
    isNonDifferentiable = (ctx, t) => ctx.#nonDifferentiable.includes(t);
    materializesGrads = ctx => ctx.#materializeGrads;
    replaceSaved = (ctx, from, to) => {
      ctx.#saved.replace(from, to);
      ctx.#savedForForward?.replace(from, to);
    };
    freeSaved = ctx => ctx.#saved.release();
    dirtyOf = ctx => ctx.#dirty;
    withForwardSaved = (ctx, body) => {
      const forBackward = ctx.#saved;
      ctx.#saved = ctx.#savedForForward ?? forBackward;
      try {
        return body();
      } finally {
        ctx.#saved = forBackward;
      }
    };
  }
}

function tensorsOrNull(method: string, tensors: readonly (Tensor | null | undefined)[]): (Tensor | null)[] {
  const stray = tensors.findIndex(t => t !== null && t !== undefined && !isTensor(t));
  if (stray >= 0) {
    throw new TypeError(
      `${method}() keeps tensors (or null): argument ${stray} is ${typeof tensors[stray]}. ` +
        "Put other values on ctx as fields: ctx.alpha = 2.",
    );
  }
  return tensors.map(t => t ?? null);
}

/**
 * The context of a custom Function: its methods, and fields of the Function's own. Name their types with
 * `Context<{ alpha: number }>`; a plain `Context` takes any.
 */
// biome-ignore lint/suspicious/noExplicitAny: torch's ctx takes any attribute, and so must a Function ported from it.
export type Context<Fields = Record<string, any>> = FunctionContext & Fields;
