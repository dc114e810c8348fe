/**
 * @file The autograd graph: a node for each operation that was recorded, with an edge to each node that
 * made one of its inputs. A leaf that requires gradients has a node too, where its gradient is collected.
 */

import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import { accumulatorOf, nodeOf, outputNrOf, setAccumulator, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { enlist, Hooks, type NodeHook, type NodePrehook } from "./hooks.ts";

/** Shape and dtype of a tensor, outliving it. */
export interface TensorMeta {
  readonly shape: Shape;
  readonly dtype: DType;
}

export function metaOf(t: Tensor): TensorMeta {
  return { shape: shapeOf(t), dtype: t.dtype };
}

/** Gradients of a node's outputs or inputs; null where none flowed. */
export type Grads = (Tensor | null)[];

let recorded = 0;

/** Is told of every node as it is made; null, as mostly, for nobody. */
let watcher: ((node: Node) => void) | null = null;

export function watchRecording(watch: ((node: Node) => void) | null): void {
  watcher = watch;
}

export let nextOf: (node: Node) => readonly (Node | null)[];
/** Which output of the next node edge `i` leads to. */
export let nextNrOf: (node: Node, i: number) => number;
/** The hooks at a node; null where there never were any. */
export let hooksOf: (node: Node) => Hooks | null;
/** The same, made where there were none. */
export let hooksAt: (node: Node) => Hooks;
/** Room for the backward pass that is under way: this node's place in its order. */
export let slotOf: (node: Node) => number;
export let setSlot: (node: Node, slot: number) => void;
/** Whether run number `run` comes to this node for the first time. */
export let enters: (node: Node, run: number) => boolean;

/** A step of the backward pass: takes the gradients of its outputs, gives those of its inputs. */
export abstract class Node {
  /** As torch names it: `MulBackward`, `MatrixSquareBackward`, `AccumulateGrad`. */
  abstract get name(): string;
  /** Order of recording: whatever made a node's inputs has a smaller one. */
  readonly sequence: number;
  readonly #next: readonly (Node | null)[];
  /** Null while all edges lead to output 0, as they mostly do. */
  readonly #nextNr: readonly number[] | null;
  #hooks: Hooks | null = null;
  /** Where this node stands in the order of the run that reached it last, and which run that was. */
  #slot = -1;
  #run = 0;

  constructor(inputs: readonly Tensor[], sequence = recorded++) {
    this.sequence = sequence;
    this.#next = edgesTo(inputs);
    this.#nextNr = allFirst(inputs) ? null : inputs.map(outputNrOf);
    if (watcher !== null) watcher(this);
  }

  /**
   * @param gradOutputs one per output, of its shape; null where nothing flowed
   * @returns one per input; null where nothing flows on
   */
  abstract run(gradOutputs: Grads): Grads;

  /** Whether nobody else has the gradients that {@link run} returns. */
  get givesFresh(): boolean {
    return false;
  }

  /** Lets go of what was saved for {@link run}. */
  abstract release(): void;

  /** The nodes that made this one's inputs; null for inputs that require no gradient. */
  get nextFunctions(): (Node | null)[] {
    return this.#next.slice();
  }

  /**
   * Calls `hook` after each run of this node, with the gradients of its inputs and of its outputs; what it returns, if
   * anything, flows on instead of the former.
   * @returns what removes the hook again
   */
  registerHook(hook: NodeHook): () => void {
    return enlist(hooksAt(this).after, hook);
  }

  /** Calls `hook` before each run of this node, with the gradients of its outputs; see {@link registerHook}. */
  registerPrehook(hook: NodePrehook): () => void {
    return enlist(hooksAt(this).before, hook);
  }

  static {
    nextOf = node => node.#next;
    nextNrOf = (node, i) => (node.#nextNr === null ? 0 : node.#nextNr[i]!);
    hooksOf = node => node.#hooks;
    hooksAt = node => {
      node.#hooks ??= new Hooks();
      return node.#hooks;
    };
    enters = (node, run) => {
      if (node.#run === run) return false;
      node.#run = run;
      return true;
    };
    slotOf = node => node.#slot;
    setSlot = (node, slot) => {
      node.#slot = slot;
    };
  }
}

/** Where a leaf's gradient arrives. It comes after every recorded node, whenever it was made. */
export class AccumulateGrad extends Node {
  readonly leaf: Tensor;

  constructor(leaf: Tensor) {
    super([], -1);
    this.leaf = leaf;
  }

  override get name(): string {
    return "AccumulateGrad";
  }

  override run(): Grads {
    return [];
  }

  override release(): void {}
}

/** Written out for one and two: an array that grows by push keeps room for sixteen more. */
function edgesTo(inputs: readonly Tensor[]): (Node | null)[] {
  switch (inputs.length) {
    case 1:
      return [gradEdge(inputs[0]!)];
    case 2:
      return [gradEdge(inputs[0]!), gradEdge(inputs[1]!)];
    default:
      return inputs.map(gradEdge);
  }
}

/** Whether all are the first output of what made them. */
function allFirst(inputs: readonly Tensor[]): boolean {
  for (let i = 0; i < inputs.length; i++) if (outputNrOf(inputs[i]!) !== 0) return false;
  return true;
}

/** The node that a gradient of `t` flows to; null where `t` requires none. */
export function gradEdge(t: Tensor): Node | null {
  const node = nodeOf(t);
  if (node !== null || !t.requiresGrad) return node;
  let accumulator = accumulatorOf(t);
  if (accumulator === null) {
    accumulator = new AccumulateGrad(t);
    setAccumulator(t, accumulator);
  }
  return accumulator;
}

/** "mul" ─► "MulBackward". */
export function backwardName(operation: string): string {
  return `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Backward`;
}
