/** @file Holds what backward returned against the Jacobian, entry by entry. */

import type { Generator } from "../tensor/random.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Cotangents, oneHot } from "./cotangents.ts";
import { type Block, type Jacobian, measureColumn } from "./expected.ts";
import type { Estimates } from "./finite-differences.ts";
import { indexOf } from "./flat.ts";
import type { Answer } from "./judge.ts";
import { type Direction, type Measured, moved } from "./measured.ts";
import type { ArgumentReport, JudgedFunction, Mismatch, Ruling } from "./ruling.ts";
import { type Gradients, Subject } from "./subject.ts";
import type { Tape } from "./tape.ts";

/** Everything about one list of arguments. */
export interface Point {
  readonly definition: JudgedFunction;
  readonly args: readonly unknown[];
  readonly subject: Subject;
  readonly cotangents: Cotangents;
  readonly tape: Tape | null;
  readonly jacobian: Jacobian;
  readonly measured: Measured;
  readonly random: Generator;
  /** What was noticed on the way. */
  readonly notes: { kinks: boolean };
}

/** Where backward is wrong; or a ruling of another kind. */
export type Objection =
  | { readonly kind: "differs" | "not-linear"; readonly worst: Mismatch }
  | { readonly kind: "other"; readonly ruling: Ruling };

/** Entries smaller than this part of the argument's largest are rounding. */
const NEGLIGIBLE = 1e-12;
/** Part of an entry that rounding may take where forward cannot be measured: three digits are left of 1 − σ(30). */
const ROUNDED = 2e-3;
/** Random combinations of all outputs' entries that are compared. */
const PROJECTIONS = 2;
/** As many columns are measured where all have to be; of more, a random choice. */
const MOST_COLUMNS = 256;

/** A column in which backward is off, by how much (relative to the argument's largest entry), and in which row most; NaN where nothing is expected yet. */
interface Suspect {
  readonly i: number;
  readonly j: number;
  readonly off: number;
  readonly row: number;
}

/** One entry of gradOutput at a time. */
export function compareRows(point: Point, rows: readonly Gradients[]): Objection | null {
  const objection = settle(point, rows, suspects(point, rows));
  if (objection !== null || followsDirection(point)) return objection;
  // The tape is cut somewhere: nothing it says counts.
  const all = point.jacobian.flatMap((block, i) =>
    block === null ? [] : Array.from({ length: block.size }, (_, j) => ({ i, j, off: Number.NaN, row: 0 })),
  );
  return settle(point, rows, all);
}

/** Columns in which backward returned something else than is expected, worst first; what cannot be compared yet last. */
function suspects({ jacobian, measured }: Point, rows: readonly Gradients[]): Suspect[] {
  const found: Suspect[] = [];
  jacobian.forEach((block, i) => {
    if (block === null) return;
    const scale = largest(block.values);
    for (let j = 0; j < block.size; j++) {
      let off = 0;
      let row = 0;
      for (let r = 0; r < rows.length; r++) {
        const expected = block.values[r * block.size + j]!;
        const returned = entryOf(rows, r, i, j);
        const difference = returned === expected ? 0 : Math.abs(returned - expected);
        if (difference <= measured.tolerance * Math.abs(expected) + NEGLIGIBLE * scale) continue;
        if (difference / (scale || 1) <= off) continue;
        off = difference / (scale || 1);
        row = r;
      }
      if (off !== 0) found.push({ i, j, off, row });
    }
  });
  return found.sort((a, b) => (Number.isNaN(a.off) ? 1 : Number.isNaN(b.off) ? -1 : b.off - a.off));
}

/** Measures suspected columns until one is wrong beyond doubt. */
function settle(point: Point, rows: readonly Gradients[], all: readonly Suspect[]): Objection | null {
  const { args, cotangents, jacobian, measured, random, subject } = point;
  let list = all;
  if (all.length > MOST_COLUMNS) {
    const first = all.slice(0, 16);
    const rest = Array.from({ length: MOST_COLUMNS - 16 }, () => all[random.uint32() % all.length]!);
    list = [...first, ...rest];
  }
  let undecided: Objection | null = null;
  const clean = jacobian.map(
    (block, i) => (block?.size ?? 0) - all.filter(suspect => suspect.i === i).length,
  );
  for (const { i, j, off, row } of list) {
    const block = jacobian[i]!;
    if (block.measured[j]) continue;
    const at = indexOf(j, shapeOf(args[i] as Tensor));
    const place = (r: number): ReturnType<typeof entryOfOutput> =>
      entryOfOutput(cotangents.rows[r]!, subject.outputs);
    const infinite = rows.findIndex(
      (_, r) =>
        !Number.isFinite(entryOf(rows, r, i, j)) && Number.isFinite(block.values[r * block.size + j]!),
    );
    if (infinite >= 0) {
      const [returned, expected] = [entryOf(rows, infinite, i, j), block.values[infinite * block.size + j]!];
      return { kind: "differs", worst: { argument: i, at, ...place(infinite), returned, expected } };
    }
    const tape = block.values[row * block.size + j]!;
    if (Number.isFinite(off)) {
      if (isJitter(point, row, i, j, entryOf(rows, row, i, j), tape)) {
        forgive(block, j, rows, i);
        continue;
      }
    }
    const evidence = measureColumn(measured, jacobian, cotangents.rows, i, j, (r, e) =>
      entryOf(rows, r, i, e),
    );
    if (evidence.kind === "right" && evidence.kink) point.notes.kinks = true;
    if (evidence.kind === "undecided") {
      const returned = entryOf(rows, row, i, j);
      const off = Math.abs(returned - tape) / Math.abs(tape);
      // Where forward is too flat, or too rough, to be measured, rounding may well take some digits of a formula.
      if (off <= ROUNDED) {
        forgive(block, j, rows, i);
        continue;
      }
      // And what cannot be rounding the tape decides, where it agrees with backward in most of the other columns.
      if (off > 10 * ROUNDED && clean[i]! * 2 >= block.size) {
        return { kind: "differs", worst: { argument: i, at, ...place(row), returned, expected: tape } };
      }
      undecided ??= { kind: "other", ruling: { kind: "not-differentiable", argument: i, at } };
    }
    if (evidence.kind !== "wrong") continue;
    const returned = entryOf(rows, evidence.row, i, j);
    if (isJitter(point, evidence.row, i, j, returned, evidence.expected)) {
      forgive(block, j, rows, i);
      continue;
    }
    if (rows.every(row => row[i] === null)) {
      return { kind: "other", ruling: { kind: "missing-grad", argument: i } };
    }
    return {
      kind: "differs",
      worst: { argument: i, at, ...place(evidence.row), returned, expected: evidence.expected },
    };
  }
  return undecided;
}

/** Takes what backward returned in a column for what is right. */
function forgive(block: Block, j: number, rows: readonly Gradients[], i: number): void {
  rows.forEach((_, r) => {
    block.values[r * block.size + j] = entryOf(rows, r, i, j);
  });
  block.measured[j] = true;
}

/**
 * Whether a difference is no larger than what backward's own rounding makes of inputs that are a few units in the last
 * place off: an ill-conditioned formula is not a wrong one.
 */
function isJitter(
  { definition, args, subject, cotangents, random }: Point,
  row: number,
  i: number,
  j: number,
  returned: number,
  expected: number,
): boolean {
  const seed = cotangents.seeds[row]!;
  let jitter = 0;
  for (let attempt = 0; attempt < 3; attempt++) {
    const nearby = args.map(arg => {
      if (!isTensor(arg) || !arg.isFloatingPoint()) return arg;
      const at = Float64Array.from(arg.detach().reshape(-1).tolist() as number[]);
      return moved(
        arg,
        at,
        at.map(x => x * (random.uniform("float64") - 0.5)),
        2 ** -50,
      );
    });
    const other = Subject.at(definition, nearby);
    if (!(other instanceof Subject) || other.total !== subject.total) return false;
    const gradients = other.pull(oneHot(subject.total, cotangents.rows[row]!, seed));
    if ("kind" in gradients) return false;
    jitter = Math.max(jitter, Math.abs((gradients[i]?.[j] ?? 0) / seed - returned));
  }
  return Math.abs(returned - expected) <= 30 * jitter;
}

/**
 * Whether the Jacobian agrees with how forward changes along one random direction. It need not be asked where all columns were
 * measured, and cannot where forward is defined on no neighbourhood of the arguments.
 */
function followsDirection(point: Point): boolean {
  const { args, jacobian, measured, random } = point;
  if (isAuthority(point)) return true;
  if (jacobian.every(block => block === null || block.measured.every(Boolean))) return true;
  const direction = jacobian.map((block, i) => {
    if (block === null) return null;
    const step = Float64Array.from({ length: block.size }, () => random.uniform("float64") * 2 - 1);
    const at = (args[i] as Tensor).detach().reshape(-1).tolist() as number[];
    for (let j = 0; j < step.length; j++) {
      step[j]! *= Math.max(Math.abs(at[j]!), 1e-3);
      const mirror = measured.mirrored(i, j);
      // A symmetric matrix stays one.
      if (mirror !== null && mirror < j) step[j] = step[mirror]!;
    }
    return step;
  });
  // One measurement can err by accident: two do not in the same way.
  return [1, 0.73].some(stretch => agreesAlong(point, direction, measured.along(direction, stretch)));
}

function agreesAlong(
  { cotangents, jacobian, measured }: Point,
  direction: Direction,
  slope: Estimates | null,
): boolean {
  if (slope === null) return true;
  return cotangents.rows.every((k, r) => {
    let expected = 0;
    let size = 0;
    jacobian.forEach((block, i) => {
      for (let j = 0; block !== null && j < block.size; j++) {
        const term = block.values[r * block.size + j]! * direction[i]![j]!;
        expected += term;
        size += Math.abs(term);
      }
    });
    const [value, error] = [slope.values[k]!, slope.errors[k]!];
    const slack = 10 * error + measured.tolerance * (size + Math.abs(value));
    const largest = Math.max(size, Math.abs(value));
    // What is below the last digit of a number of size 1 may have been absorbed on the way: log(1 + 1e-18).
    const known = error <= 1e-4 * largest && largest > 1e-12 * Math.max(1, Math.abs(measured.center![k]!));
    return !known || Math.abs(value - expected) <= slack;
  });
}

/** What a surrogate's tape says holds: with hooks in it, a surrogate can mean gradients that no function has. */
function isAuthority({ definition, tape }: Point): boolean {
  return definition.surrogate !== undefined && tape !== null;
}

/** All entries of gradOutput at once: what adds up must add up. */
export function compareDense(point: Point, answers: readonly Answer[]): Objection | null {
  const { args, cotangents, jacobian, measured } = point;
  for (const { cotangent, gradients } of answers) {
    const meant = isAuthority(point) ? point.tape!.pull(cotangent) : null;
    for (const [i, block] of jacobian.entries()) {
      if (block === null) continue;
      for (let j = 0; j < block.size; j++) {
        let expected = 0;
        let slack = 0;
        cotangents.rows.forEach((k, r) => {
          const entry = block.values[r * block.size + j]!;
          expected += cotangent[k]! * entry;
          slack +=
            Math.abs(cotangent[k]!) *
            (measured.tolerance * Math.abs(entry) + 2 * block.errors[r * block.size + j]!);
        });
        const returned = gradients[i]?.[j] ?? 0;
        expected = meant?.[i]?.[j] ?? expected;
        const difference = Math.abs(returned - expected);
        if (difference <= slack || Number.isNaN(expected)) continue;
        if (difference <= NEGLIGIBLE * largest(gradients[i] ?? [])) continue;
        const at = indexOf(j, shapeOf(args[i] as Tensor));
        return {
          kind: "not-linear",
          worst: { argument: i, at, output: 0, outputAt: [], returned, expected },
        };
      }
    }
  }
  return null;
}

/**
 * Random combinations of all entries of the outputs, where they are too many to be asked for one by one: a backward that is wrong for any
 * of them differs with probability 1. Needs a tape.
 */
export function compareProjections({ args, jacobian, random, subject, tape }: Point): Objection | null {
  for (let attempt = 0; tape !== null && attempt < PROJECTIONS; attempt++) {
    const cotangent = Float64Array.from({ length: subject.total }, () => random.uniform("float64") * 4 - 2);
    const gradients = subject.pull(cotangent);
    if ("kind" in gradients) return { kind: "other", ruling: gradients };
    const expected = tape.pull(cotangent);
    for (const [i, block] of jacobian.entries()) {
      const [got, want] = [gradients[i] ?? null, expected?.[i] ?? null];
      if (block === null || want === null) continue;
      const scale = largest(want);
      for (let j = 0; j < block.size; j++) {
        const returned = got?.[j] ?? 0;
        // Sums of thousands of terms: relative to the largest.
        if (Math.abs(returned - want[j]!) <= 1e-8 * scale || !Number.isFinite(want[j]!)) continue;
        const at = indexOf(j, shapeOf(args[i] as Tensor));
        const worst = { argument: i, at, output: 0, outputAt: [], returned, expected: want[j]! };
        return { kind: "differs", worst };
      }
    }
  }
  return null;
}

export function reportsOf(point: Point, rows: readonly Gradients[], wrong: number | null): ArgumentReport[] {
  return point.args.map((arg, i) => {
    const block = point.jacobian[i] ?? null;
    if (!isTensor(arg) || block === null) {
      return {
        argument: i,
        shape: isTensor(arg) ? shapeOf(arg) : null,
        verdict: "unchecked",
        maxError: null,
        at: null,
      };
    }
    const { off, j } = worstColumn(block, rows, i);
    const verdict = wrong === i ? "wrong" : "correct";
    return { argument: i, shape: shapeOf(arg), verdict, maxError: off, at: indexOf(j, shapeOf(arg)) };
  });
}

function worstColumn(block: Block, rows: readonly Gradients[], i: number): { off: number; j: number } {
  const scale = largest(block.values) || 1;
  let worst = { off: 0, j: 0 };
  rows.forEach((_, r) => {
    for (let j = 0; j < block.size; j++) {
      const off = Math.abs(entryOf(rows, r, i, j) - block.values[r * block.size + j]!) / scale;
      if (off > worst.off) worst = { off, j };
    }
  });
  return worst;
}

function entryOf(rows: readonly Gradients[], r: number, i: number, j: number): number {
  return rows[r]![i]?.[j] ?? 0;
}

function largest(values: ArrayLike<number>): number {
  let found = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > found) found = Math.abs(values[i]!);
  return found;
}

/** Which output, and which of its entries, the k-th of all entries is. */
function entryOfOutput(
  k: number,
  outputs: readonly (Tensor | null)[],
): { output: number; outputAt: number[] } {
  let rest = k;
  for (let o = 0; o < outputs.length; o++) {
    const output = outputs[o];
    if (!output) continue;
    if (rest < output.numel()) return { output: o, outputAt: indexOf(rest, shapeOf(output)) };
    rest -= output.numel();
  }
  return { output: 0, outputAt: [] };
}
