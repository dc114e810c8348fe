/**
 * @file Reference vectors: samples of an op with the values and derivatives that PyTorch computed for them.
 * Here is the format as it stands in the files, and how a folder of them is read.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DType } from "@gradient-lens/engine";

/** A number of the reference; JSON has no NaN and no infinities, so these are strings. */
export type ReferenceNumber = number | boolean | "NaN" | "Infinity" | "-Infinity";

/** A tensor of the reference: its numbers in row-major order. */
export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly data: readonly ReferenceNumber[];
  /** Left out for float64. */
  readonly dtype?: DType;
  readonly requires_grad?: boolean;
}

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** One evaluation of an op, and what PyTorch found. */
export interface Sample extends Partial<Tolerance> {
  readonly i: number;
  /** Who wrote it: one of OpInfo's sample functions, or its sets of special values, `edge` and `extremal`. */
  readonly src: string;
  readonly args: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  /** The evaluated function is `post(call(pre(args), kwargs)[select])`. */
  readonly pre?: string;
  readonly post?: string;
  readonly select?: readonly number[];
  readonly out: readonly ReferenceTensor[];
  /** The call returns one tensor rather than several. */
  readonly single?: boolean;
  /** What inputs hold after a call that changes them in place, by path. */
  readonly after?: Readonly<Record<string, ReferenceTensor>>;
  /** Paths of the inputs that gradients are asked for; `grads`, `tangents` and `hvp` are parallel to it. */
  readonly wrt: readonly string[];
  /** One cotangent for each output; null where it has no derivative. */
  readonly grad_out: readonly (ReferenceTensor | null)[];
  readonly grads: readonly (ReferenceTensor | null)[];
  readonly tangents?: readonly ReferenceTensor[];
  readonly jvp?: readonly (ReferenceTensor | null)[];
  readonly hvp?: readonly (ReferenceTensor | null)[];
  readonly flags?: readonly string[];
}

/** A group of samples of one op; an op known by name alone has none. */
export interface OpVectors extends Tolerance {
  readonly op: string;
  /** PyTorch's name for the group; "" for most. */
  readonly variant: string;
  /** The function that was called, `torch.linalg.inv` say. */
  readonly call: string;
  readonly category: string;
  readonly samples: readonly Sample[];
}

/** A folder that does not hold what it should. */
export class VectorsError extends Error {
  override readonly name = "VectorsError";
}

const INDEX = "index.json";

/**
 * All op files of a folder. Where it has an index.json, ops that are listed there but have no file come
 * without samples: they must exist, no more.
 * @throws {VectorsError}
 */
export function readVectors(folder: string): OpVectors[] {
  if (!existsSync(folder)) throw new VectorsError(`no such folder: ${folder}`);
  const files = readdirSync(folder).filter(name => name.endsWith(".json") && name !== INDEX);
  const ops = files.map(name => readOpFile(join(folder, name)));
  const index = join(folder, INDEX);
  if (existsSync(index)) {
    const read = new Set(ops.map(nameOf));
    for (const row of readIndex(index)) {
      if (read.has(nameOf(row))) continue;
      if (row.file !== undefined) throw new VectorsError(`${index} names ${row.file}, which is not there`);
      ops.push({ ...row, samples: [] });
    }
  }
  if (ops.length === 0) throw new VectorsError(`no op files (*.json) in ${folder}`);
  return ops;
}

/** As the files are named: `div`, `div__floor_rounding`. */
export function nameOf({ op, variant }: Pick<OpVectors, "op" | "variant">): string {
  return variant === "" ? op : `${op}__${variant}`;
}

interface IndexRow extends Omit<OpVectors, "samples"> {
  readonly file?: string;
}

function readIndex(path: string): IndexRow[] {
  const { ops } = readJson(path) as { ops?: IndexRow[] };
  if (!Array.isArray(ops)) throw new VectorsError(`${path}: expected a list "ops", one row for each op`);
  return ops;
}

function readOpFile(path: string): OpVectors {
  const content = readJson(path) as Partial<OpVectors>;
  if (typeof content.op !== "string" || typeof content.call !== "string" || !Array.isArray(content.samples)) {
    throw new VectorsError(`${path}: expected an op file, with "op", "call" and "samples"`);
  }
  return content as OpVectors;
}

function readJson(path: string): unknown {
  let content: { format?: number };
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new VectorsError(`${path}: ${(error as Error).message}`);
  }
  if (content?.format !== 1) {
    throw new VectorsError(`${path}: expected vectors of format 1, got ${content?.format ?? "none"}`);
  }
  return content;
}
