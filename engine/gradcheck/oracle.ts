/** @file The right vector–Jacobian products of a Function at given arguments, as numbers: from the tape where it can be trusted, else measured. */

import { Generator } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { isTensor } from "../tensor/tensor.ts";
import { drawn } from "./cotangents.ts";
import { Line } from "./line.ts";
import { Measured } from "./measured.ts";
import type { JudgedFunction } from "./ruling.ts";
import { type Gradients, Subject } from "./subject.ts";

/** Of more elements no Jacobian is measured. */
const MOST_MEASURED = 64;

export interface Oracle {
  /** What backward returns; null where it does not return gradients of the right number and shape. */
  returned(cotangent: Float64Array): Gradients | null;
  /** What it should; null where that cannot be found out. */
  expected(cotangent: Float64Array): Gradients | null;
  /** For each output its shape; null for one without derivative. */
  readonly shapes: readonly (Shape | null)[];
  /** Number of elements of all outputs. */
  readonly total: number;
}

/** @returns null where forward does not accept the arguments */
export function oracleAt(definition: JudgedFunction, args: readonly unknown[]): Oracle | null {
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return null;
  const wanted = subject.outputs.map(isTensor);
  const measured = new Measured(definition, args, wanted);
  const tape = measured.tape();
  const random = new Generator(7);
  const line = new Line(measured, random);
  const cotangent = drawn(subject.total, random);
  const taped = tape?.pull(cotangent) ?? null;
  const trusted = taped !== null && line.allows(taped, cotangent) ? tape : null;
  const elements = args.reduce<number>((n, arg) => n + (isTensor(arg) ? arg.numel() : 0), 0);
  let columns: Columns | null = null;
  return {
    total: subject.total,
    shapes: subject.outputs.map(y => (y === null ? null : y.shape)),
    returned(cotangent) {
      const returned = subject.pull(cotangent);
      return "kind" in returned ? null : returned;
    },
    expected(cotangent) {
      if (trusted !== null) return trusted.pull(cotangent);
      if (elements > MOST_MEASURED) return null;
      columns ??= columnsOf(measured, args);
      return columns && pulled(columns, cotangent);
    },
  };
}

/** For each argument, for each of its elements, how the outputs change with it; null for one without gradient. */
type Columns = readonly (readonly Float64Array[] | null)[];

/** @returns null where one of them cannot be measured */
function columnsOf(measured: Measured, args: readonly unknown[]): Columns | null {
  const all: (Float64Array[] | null)[] = [];
  for (const [i, arg] of args.entries()) {
    if (!isTensor(arg) || !arg.isFloatingPoint()) {
      all.push(null);
      continue;
    }
    const columns: Float64Array[] = [];
    for (let j = 0; j < arg.numel(); j++) {
      const column = measured.column(i, j);
      if (column === null) return null;
      columns.push(column.values);
    }
    all.push(columns);
  }
  return all;
}

function pulled(columns: Columns, cotangent: Float64Array): Gradients {
  return columns.map(
    of => of && Float64Array.from(of, column => cotangent.reduce((sum, g, k) => sum + g * column[k]!, 0)),
  );
}
