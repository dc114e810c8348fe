/**
 * @file Anomaly mode: where in the program a NaN of the backward pass, or an error in it, has its origin.
 *
 * While it is on, every operation that is recorded keeps the stack of its call, and every gradient is looked at; while
 * it is off, recording asks one variable whether there is anybody to tell.
 * @see https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection
 */

import { toFlatArray } from "../tensor/creation.ts";
import { aliasOf, type Tensor, wrapperOf } from "../tensor/tensor.ts";
import { callerFrames } from "./caller.ts";
import { type Grads, type Node, watchRecording } from "./node.ts";

export interface AnomalyOptions {
  /** Whether a NaN among the gradients is an error. Default: true. */
  checkNan?: boolean;
}

interface Mode {
  readonly enabled: boolean;
  readonly checkNan: boolean;
}

/** Where a node was recorded, and which node's run that happened in: null in a forward pass. */
interface Origin {
  readonly frames: readonly string[];
  readonly parent: Node | null;
}

let mode: Mode = { enabled: false, checkNan: true };
/** The node whose backward is running. */
let running: Node | null = null;
const origins = new WeakMap<Node, Origin>();

export function isAnomalyEnabled(): boolean {
  return mode.enabled;
}

function switchTo(next: Mode): void {
  mode = next;
  watchRecording(next.enabled ? recordOrigin : null);
}

/** Switches anomaly mode until the next switch. Prefer {@link detectAnomaly}, which switches back by itself. */
export function setDetectAnomaly(enabled: boolean, { checkNan = true }: AnomalyOptions = {}): void {
  switchTo({ enabled, checkNan });
}

/**
 * Runs `body`, forward and backward pass, in anomaly mode: a NaN that arises in the backward pass is an error which
 * names the operation and says where it was called; so does any other error of the pass. Slow: for debugging.
 */
export function detectAnomaly<T>(body: () => T, { checkNan = true }: AnomalyOptions = {}): T {
  const before = mode;
  switchTo({ enabled: true, checkNan });
  try {
    return body();
  } finally {
    switchTo(before);
  }
}

function recordOrigin(node: Node): void {
  origins.set(node, { frames: callerFrames(), parent: running });
}

/** Runs a node of the backward pass under observation. */
export function runWatched(node: Node, gradOutputs: Grads): Grads {
  const enclosing = running;
  running = node;
  try {
    const grads = node.run(gradOutputs);
    const nan = mode.checkNan ? grads.findIndex(grad => grad !== null && hasNan(grad)) : -1;
    if (nan >= 0) {
      throw new Error(
        `Function '${node.name}' returned nan values in its ${ordinal(nan)} output: the gradient of its input ${nan}.`,
      );
    }
    return grads;
  } catch (error) {
    throw located(error, node);
  } finally {
    running = enclosing;
  }
}

/** Errors that say already where they come from: an outer pass has nothing to add. */
const told = new WeakSet<Error>();

/** The error, with the places that led to it. */
function located(error: unknown, node: Node): unknown {
  if (error instanceof Error && told.has(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const again = new Error(`${message}\n${provenance(node)}`, { cause: error });
  told.add(again);
  return again;
}

function provenance(node: Node): string {
  const parts: string[] = [];
  let induced = false;
  for (let at: Node | null = node; at !== null; at = origins.get(at)?.parent ?? null) {
    const frames = origins.get(at)?.frames ?? null;
    const call = induced
      ? `which the backward of this call (${at.name}) made`
      : `The forward call of ${at.name}`;
    if (frames === null) {
      parts.push(`${call} was not observed: turn anomaly mode on before the forward pass.`);
    } else if (frames.length === 0) {
      parts.push(`${call} was made at a place that this JavaScript engine does not tell.`);
    } else {
      parts.push(`${call} was made here:\n${frames.join("\n")}`);
    }
    induced = true;
  }
  return parts.join("\n");
}

/** Also of a tensor that a transform has wrapped. */
function hasNan(t: Tensor): boolean {
  const wrapper = wrapperOf(t);
  switch (wrapper?.kind) {
    case undefined:
      return toFlatArray(aliasOf(t)).some(Number.isNaN);
    case "dual":
      return hasNan(wrapper.primal) || hasNan(wrapper.tangent);
    case "batched":
      return hasNan(wrapper.value);
    case "traced":
      return false;
  }
}

function ordinal(n: number): string {
  return `${n}${["th", "st", "nd", "rd"][n] ?? "th"}`;
}
