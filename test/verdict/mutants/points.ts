/**
 * @file The points at which a rule is judged: the arguments at which the judge itself asks its backward. There it is
 * decided whether a mutant is one.
 */

import { type Context, isTensor, noGrad, type Tensor } from "@gradient-lens/engine";
import { examine } from "../../../extension/checker/probe/examine.ts";
import type { Program } from "./examination.ts";

/** Arguments of forward, as they were before the call. */
export type Point = readonly unknown[];

/** A class with the statics of a Function. */
export interface RuleClass {
  new (): object;
  readonly name: string;
  forward(...args: unknown[]): unknown;
  setupContext?(ctx: Context, inputs: unknown, output: unknown): void;
  backward(ctx: Context, ...gradOutputs: unknown[]): unknown;
  apply(...args: unknown[]): unknown;
}

/** Seeds whose points are kept; the judge draws others for each. */
const SEEDS = [0, 1, 2];
/** As many different shapes, and points of each. */
const MOST_SHAPES = 12;
const MOST_OF_A_SHAPE = 4;
/** Points nearer than this to one another, relative to their size, are one: differences are taken around them. */
const APART = 0.05;

/** Points that the judge of `program` asks backward at, spread over shapes; none if it finds no inputs. */
export function pointsOf(program: Program): Point[] {
  const byShape = new Map<string, Point[]>();
  const keep = (point: Point): void => {
    const shape = shapeKey(point);
    const same = byShape.get(shape) ?? [];
    if (byShape.size === MOST_SHAPES && same.length === 0) return;
    if (same.length === MOST_OF_A_SHAPE || same.some(other => distance(point, other) < APART)) return;
    byShape.set(shape, [...same, point]);
  };
  for (const seed of SEEDS) {
    const rule = program.evaluate(seed) as RuleClass;
    if (typeof rule !== "function" || typeof rule.backward !== "function") return [];
    const { name, parameters } = program;
    examine(recording(rule, keep), { name, parameters, seed });
  }
  return [...byShape.values()].flat();
}

/** The rule, with each point recorded once its backward is called. */
function recording(rule: RuleClass, record: (point: Point) => void): RuleClass {
  const pending = new WeakMap<object, Point>();
  const takesContext = rule.setupContext === undefined;
  class Recording extends rule {
    static override forward(...args: unknown[]): unknown {
      const before = takesContext ? snapshot(args.slice(1)) : null;
      const output = super.forward(...args);
      if (before !== null) pending.set(args[0] as object, before);
      return output;
    }
    static override backward(ctx: Context, ...gradOutputs: unknown[]): unknown {
      const point = pending.get(ctx);
      if (point !== undefined) record(point);
      pending.delete(ctx);
      return super.backward(ctx, ...gradOutputs);
    }
  }
  if (!takesContext) {
    Object.assign(Recording, {
      setupContext(ctx: Context, inputs: unknown[], output: unknown): void {
        const before = snapshot([...inputs]);
        if (before !== null) pending.set(ctx, before);
        rule.setupContext?.(ctx, inputs, output);
      },
    });
  }
  Object.defineProperty(Recording, "name", { value: rule.name });
  return Recording;
}

/** Copies; null under a transform, where a tensor's elements cannot be read. */
function snapshot(args: readonly unknown[]): Point | null {
  try {
    return noGrad(() => args.map(arg => (isTensor(arg) ? plain(arg) : arg)));
  } catch {
    return null;
  }
}

function plain(arg: Tensor): Tensor {
  const copy = arg.detach().clone();
  copy.tolist();
  return copy;
}

function shapeKey(point: Point): string {
  return JSON.stringify(
    point.map(arg => (isTensor(arg) ? [arg.dtype, arg.shape] : arg === undefined ? "undefined" : arg)),
  );
}

/** Largest difference of two entries, relative to the largest entry. */
function distance(a: Point, b: Point): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (!isTensor(x) || !isTensor(y)) continue;
    const [xs, ys] = [elements(x), elements(y)];
    for (let k = 0; k < xs.length; k++) {
      difference = Math.max(difference, Math.abs(xs[k]! - ys[k]!));
      size = Math.max(size, Math.abs(xs[k]!), Math.abs(ys[k]!));
    }
  }
  return size === 0 ? 0 : difference / size;
}

/** In a row. */
export function elements(t: Tensor): number[] {
  return (t.detach().to("float64").reshape(-1).tolist() as number[]).map(Number);
}
