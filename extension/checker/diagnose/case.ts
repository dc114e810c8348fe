/**
 * @file What a wrong backward is diagnosed from: its gradients and the right ones at several arguments and cotangents, and both as
 * expressions where the code can be traced.
 */

import { isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import {
  Generator,
  type Gradients,
  type JudgedFunction,
  type Oracle,
  oracleAt,
  type Shape,
} from "@gradient-lens/engine/judge";
import { type Names, type Workings, workings } from "@gradient-lens/engine/symbolic";
import { alike } from "./numbers-alike.ts";

/** Backward asked once. */
export interface Scene {
  readonly args: readonly unknown[];
  readonly oracle: Oracle;
  /** The gradients of all outputs, one after the other. */
  readonly cotangent: Float64Array;
  readonly returned: Gradients;
  readonly expected: Gradients;
  /** Values of all leaves of the workings. */
  readonly leaves: Readonly<Record<string, Tensor>> | null;
}

export interface Case {
  readonly definition: JudgedFunction;
  /** Of forward's parameters. */
  readonly names: readonly string[];
  /** How backward calls what flows in, as maths has it. */
  readonly gradName: string;
  /** The first is where the workings were traced. */
  readonly scenes: readonly [Scene, ...Scene[]];
  /** At other sizes. */
  readonly larger: Scene | null;
  readonly workings: Workings | null;
  /** Positions of the arguments whose gradients are wrong, as the judge has it: the worst first. */
  readonly wrong: readonly number[];
}

export interface Points {
  /** Lists of arguments, the first that at which backward was found wrong. */
  readonly points: readonly (readonly unknown[])[];
  /** Of other sizes. */
  readonly larger: readonly unknown[] | null;
}

const SEED = 11;

/** @returns null where backward gives no gradients that could be looked at */
export function caseOf(
  definition: JudgedFunction,
  { points, larger }: Points,
  names: Names,
  worst: number | null,
): Case | null {
  const random = new Generator(SEED);
  const first = points[0]!;
  const traced = attempt(() => workings(definition, first, names));
  const found = traced === null || "untraceable" in traced ? null : traced;
  const start = found === null ? null : sceneAt(definition, first, found, () => tracedCotangent(found));
  const usable = start === null ? null : found;
  const more = points.flatMap((args, p) => {
    const scene = sceneAt(definition, args, usable, total => drawn(total, random, p === 0 ? 3 : 1));
    return scene === null ? [] : [scene];
  });
  const [opening, ...others] = start === null ? more : [start, ...more];
  if (opening === undefined) return null;
  const scenes = [opening, ...others] as const;
  const order = [...first.keys()].sort((a, b) => Number(b === worst) - Number(a === worst) || a - b);
  const wrong = order.filter(i => scenes.some(scene => isWrong(scene, i)));
  const [gradName = "gradOutput"] = names.gradOutputs ?? [];
  return {
    definition,
    names: names.inputs,
    gradName: gradName.replace(/^_(?=\p{L})/u, "").replace(/^gradOutput/, "grad_out"),
    scenes,
    larger: larger === null ? null : sceneAt(definition, larger, null, total => drawn(total, random, 1)),
    workings: usable,
    wrong,
  };
}

function isWrong({ returned, expected }: Scene, i: number): boolean {
  const [got, right] = [returned[i], expected[i]];
  return right != null && !alike(got ?? new Float64Array(right.length), right);
}

function sceneAt(
  definition: JudgedFunction,
  args: readonly unknown[],
  traced: Workings | null,
  cotangentOf: (total: number) => Float64Array | null,
): Scene | null {
  const oracle = attempt(() => oracleAt(definition, args));
  const cotangent = oracle === null ? null : cotangentOf(oracle.total);
  if (oracle === null || cotangent === null || cotangent.length !== oracle.total) return null;
  const returned = oracle.returned(cotangent);
  const expected = attempt(() => oracle.expected(cotangent));
  if (returned === null || expected === null) return null;
  const leaves =
    traced === null ? null : attempt(() => traced.leavesAt(args, partsOf(cotangent, oracle.shapes)));
  return { args, oracle, cotangent, returned, expected, leaves };
}

/** A cotangent as one tensor for each output. */
export function partsOf(cotangent: Float64Array, shapes: readonly (Shape | null)[]): (Tensor | null)[] {
  let at = 0;
  return shapes.map(shape => {
    if (shape === null) return null;
    const size = shape.reduce((n, d) => n * d, 1);
    at += size;
    return tensor([...cotangent.subarray(at - size, at)]).reshape([...shape]);
  });
}

function tracedCotangent({ gradOutputs }: Workings): Float64Array {
  return Float64Array.from(gradOutputs.flatMap(leaf => (leaf === null ? [] : flat(leaf.value))));
}

export function flat(t: Tensor): number[] {
  return t.detach().reshape([-1]).tolist() as number[];
}

function drawn(total: number, random: Generator, size: number): Float64Array {
  return Float64Array.from({ length: total }, () => size * random.normal());
}

/** What a hypothesis throws refutes it. */
export function attempt<T>(body: () => T): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}

export function isMatrix(value: unknown): value is Tensor {
  return isTensor(value) && value.ndim >= 2;
}
