/**
 * @file One pass through the graph. Nodes run in the reverse of the order in which they were recorded, which is a
 * topological order, each once, when all that flows into it has arrived.
 */

import { accumulatorOf, baseOf, outputNrOf, type Tensor } from "../tensor/tensor.ts";
import { isAnomalyEnabled, runWatched } from "./anomaly.ts";
import { runNodeHooks, runPostAccumulateHooks, runPrehooks, runTensorHooks } from "./hooks.ts";
import { isGradEnabled, withGradMode } from "./mode.ts";
import {
  AccumulateGrad,
  enters,
  type Grads,
  gradEdge,
  hooksOf,
  type Node,
  nextNrOf,
  nextOf,
  setSlot,
  slotOf,
} from "./node.ts";
import { isWrapped } from "./wrapped.ts";

/** A run of the graph: the nodes it reaches, in order, and the gradients waiting at each. */
interface Run {
  readonly order: Node[];
  readonly pending: (Grads | null)[];
}

/** Runs within runs: a custom backward may itself call backward. */
const running: Run[] = [];

/** Where a gradient is asked for. */
export interface Target {
  readonly node: Node;
  readonly outputNr: number;
  grad: Tensor | null;
}

let runs = 0;

/** All nodes that gradients of `roots` can reach, last recorded first, each with its slot set to its place there. */
function reach(roots: readonly Tensor[]): Node[] {
  const run = ++runs;
  const order: Node[] = [];
  let sorted = true;
  for (let i = 0; i < roots.length; i++) sorted = enter(gradEdge(roots[i]!), run, order) && sorted;
  // The list grows while it is walked.
  for (let i = 0; i < order.length; i++) {
    const next = nextOf(order[i]!);
    for (let k = 0; k < next.length; k++) sorted = enter(next[k]!, run, order) && sorted;
  }
  if (!sorted) {
    order.sort((a, b) => b.sequence - a.sequence);
    order.forEach(setSlotAt);
  }
  return order;
}

/** Appends a node that is not in the list yet; returns whether the list is in order still. */
function enter(node: Node | null, run: number, order: Node[]): boolean {
  if (node === null || !enters(node, run)) return true;
  const slot = order.length;
  setSlot(node, slot);
  order.push(node);
  return slot === 0 || node.sequence <= order[slot - 1]!.sequence;
}

/** The leaves whose gradients the graph of `roots` can reach. */
export function leavesOf(roots: readonly Tensor[]): Tensor[] {
  const reached = reach(roots);
  running.at(-1)?.order.forEach(setSlotAt);
  return reached.flatMap(node => (node instanceof AccumulateGrad ? [node.leaf] : []));
}

/** Whether a node leads to a target, for each node of `order`. */
function leadsTo(targets: readonly Target[], order: readonly Node[]): boolean[] {
  const leads = new Array<boolean>(order.length).fill(false);
  for (const { node } of targets) if (order[slotOf(node)] === node) leads[slotOf(node)] = true;
  for (let i = order.length - 1; i >= 0; i--) {
    const next = nextOf(order[i]!);
    for (let k = 0; k < next.length && !leads[i]; k++)
      leads[i] = next[k] !== null && leads[slotOf(next[k]!)]!;
  }
  return leads;
}

/**
 * Runs the graph from `roots`. With targets, gradients are handed to them and nothing else is touched;
 * without, they are added to the `.grad` of every leaf.
 */
export function runGraph(
  roots: readonly Tensor[],
  rootGrads: readonly Tensor[],
  targets: Target[] | null,
  options: { retainGraph: boolean; createGraph: boolean },
): void {
  const order = reach(roots);
  const pending = new Array<Grads | null>(order.length).fill(null);
  const enclosing = running.at(-1);
  running.push({ order, pending });
  const wanted = targets === null ? null : leadsTo(targets, order);
  /** Gradients for leaves that nobody else has. */
  const fresh = new Set<Tensor>();

  const arrive = (node: Node, outputNr: number, grad: Tensor): void => {
    const slot = slotOf(node);
    if (pending[slot] === null && outputNr === 0) {
      pending[slot] = [grad];
      return;
    }
    pending[slot] ??= [];
    const grads = pending[slot];
    const already = grads[outputNr] ?? null;
    grads[outputNr] = already === null ? grad : already.add(grad);
  };

  try {
    withGradMode(options.createGraph, () => {
      roots.forEach((root, i) => {
        arrive(gradEdge(root)!, outputNrOf(root), rootGrads[i]!);
      });
      for (let slot = 0; slot < order.length; slot++) {
        const grads = pending[slot];
        if (!grads || wanted?.[slot] === false) continue;
        const node = order[slot]!;
        pending[slot] = null;
        const hooks = hooksOf(node);
        if (hooks !== null) runTensorHooks(hooks, grads);
        if (targets !== null) {
          for (let t = 0; t < targets.length; t++) {
            const target = targets[t]!;
            if (target.node === node) target.grad = grads[target.outputNr] ?? null;
          }
        }
        if (node instanceof AccumulateGrad) {
          if (targets === null) accumulate(node.leaf, grads[0]!, hooks === null && fresh.has(grads[0]!));
          continue;
        }
        const next = nextOf(node);
        if (wanted !== null && !anyWanted(next, wanted)) continue;
        const arrived = hooks === null ? grads : runPrehooks(hooks, grads);
        const returned = isAnomalyEnabled() ? runWatched(node, arrived) : node.run(arrived);
        const flowing = hooks === null ? returned : runNodeHooks(hooks, returned, arrived);
        for (let i = 0; i < next.length; i++) {
          const grad = flowing[i];
          if (!next[i] || !grad) continue;
          arrive(next[i]!, nextNrOf(node, i), grad);
          if (next[i] instanceof AccumulateGrad && hooks === null && node.givesFresh) fresh.add(grad);
        }
        if (!options.retainGraph) node.release();
      }
    });
  } finally {
    running.pop();
    // A node shared with the run around this one gets its place there back.
    enclosing?.order.forEach(setSlotAt);
  }
}

function anyWanted(next: readonly (Node | null)[], wanted: readonly boolean[]): boolean {
  for (let i = 0; i < next.length; i++) if (next[i] !== null && wanted[slotOf(next[i]!)]) return true;
  return false;
}

function setSlotAt(node: Node, slot: number): void {
  setSlot(node, slot);
}

/** No view, and nothing of a transform's. */
function isPlain(t: Tensor): boolean {
  return baseOf(t) === null && !isWrapped([t]);
}

/**
 * Adds to `.grad`: in place where that is not itself recorded, as torch does. The first gradient is copied unless nobody
 * else has it, so that `.grad` shares elements with nothing else.
 */
export function accumulate(leaf: Tensor, grad: Tensor, fresh = false): void {
  const recording = isGradEnabled();
  if (leaf.grad === null) leaf.grad = fresh && !recording && isPlain(grad) ? grad : grad.clone();
  else if (recording || isWrapped([leaf.grad, grad])) leaf.grad = leaf.grad.add(grad);
  else leaf.grad.add_(grad);
  const node = accumulatorOf(leaf);
  const hooks = node === null ? null : hooksOf(node);
  if (hooks !== null) runPostAccumulateHooks(hooks, leaf);
}
