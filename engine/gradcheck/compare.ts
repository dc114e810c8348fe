/** @file Holds the rows that backward gave against the columns of the measured Jacobian, entry by entry. */

import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import type { Estimates } from "./finite-differences.ts";
import { indexOf } from "./jacobian.ts";
import type { Rows } from "./rows.ts";
import type { ArgumentReport, Mismatch, Ruling } from "./ruling.ts";

/** Relative difference above which backward is wrong, beyond the error of the oracle itself. */
const TOLERANCE = 1e-6;
/** An oracle that may be off by more than this, relative to the Jacobian's largest entry, decides nothing. */
const COARSEST_ORACLE = 1e-4;

/** `columns[i][j]`: ∂ outputs / ∂ argument i [j], all outputs one after the other. */
export type Columns = readonly (readonly Estimates[] | null)[];

/** A mismatch with its size relative to the argument's Jacobian, by which the worst is chosen. */
interface Difference extends Mismatch {
  readonly relative: number;
}

/** What comparing one argument's gradient came to. */
interface Comparison {
  readonly report: ArgumentReport;
  /** Worst wrong entry of the rows. */
  readonly wrong: Difference | null;
  /** Worst entry of the full cotangent's gradient that is not the sum of the rows'. */
  readonly notLinear: Difference | null;
}

export function compare(
  args: readonly unknown[],
  outputs: readonly (Tensor | null)[],
  analytic: Rows,
  columns: Columns,
): Ruling {
  const comparisons: Comparison[] = [];
  for (let i = 0; i < args.length; i++) {
    const comparison = compareArgument(i, args[i], outputs, analytic, columns[i] ?? null);
    if ("kind" in comparison) return comparison;
    comparisons.push(comparison);
  }
  const reports = comparisons.map(({ report }) => report);
  const wrong = worstOf(comparisons.map(comparison => comparison.wrong));
  if (wrong !== null)
    return { kind: analytic.ignoresGradOutput ? "ignores-grad-output" : "differs", reports, worst: wrong };
  const notLinear = worstOf(comparisons.map(comparison => comparison.notLinear));
  return notLinear !== null ? { kind: "not-linear", reports, worst: notLinear } : { kind: "agrees", reports };
}

function compareArgument(
  i: number,
  arg: unknown,
  outputs: readonly (Tensor | null)[],
  analytic: Rows,
  jacobian: readonly Estimates[] | null,
): Comparison | Ruling {
  if (!isTensor(arg) || jacobian === null) {
    const shape = isTensor(arg) ? shapeOf(arg) : null;
    const report: ArgumentReport = { argument: i, shape, verdict: "unchecked", maxError: null, at: null };
    return { report, wrong: null, notLinear: null };
  }
  const shape = shapeOf(arg);
  const scale = largest(jacobian);
  let maxError = 0;
  let at = 0;
  let wrong: Difference | null = null;
  let notLinear: Difference | null = null;
  for (let j = 0; j < jacobian.length; j++) {
    const { values, errors } = jacobian[j]!;
    const full = analytic.full[i] ?? null;
    let expectedFull = 0;
    let slack = 0;
    for (let k = 0; k < values.length; k++) {
      const [expected, error] = [values[k]!, errors[k]!];
      if (!(error <= COARSEST_ORACLE * Math.max(scale, 1e-8))) {
        return { kind: "not-differentiable", argument: i, at: indexOf(j, shape) };
      }
      const tolerated = TOLERANCE * Math.abs(expected) + 10 * error + 1e-12 * scale;
      expectedFull += expected * analytic.cotangent[k]!;
      slack += tolerated * Math.abs(analytic.cotangent[k]!);
      const given = analytic.rows[k]![i] ?? null;
      const returned = given === null ? 0 : given[j]!;
      const difference = Math.abs(returned - expected);
      const relative = difference / (scale || 1);
      if (!(relative <= maxError)) {
        maxError = relative;
        at = j;
      }
      if (difference <= tolerated) continue;
      if (given === null) return { kind: "missing-grad", argument: i };
      const place = { argument: i, at: indexOf(j, shape), ...outputEntry(k, outputs) };
      wrong = worstOf([wrong, { ...place, returned, expected, relative }]);
    }
    const difference = full === null ? 0 : Math.abs(full[j]! - expectedFull);
    if (difference <= slack) continue;
    const place = { argument: i, at: indexOf(j, shape), output: 0, outputAt: [] };
    const relative = difference / (scale || 1);
    notLinear = worstOf([notLinear, { ...place, returned: full![j]!, expected: expectedFull, relative }]);
  }
  const verdict = wrong === null && notLinear === null ? "correct" : "wrong";
  return { report: { argument: i, shape, verdict, maxError, at: indexOf(at, shape) }, wrong, notLinear };
}

/** The largest |entry| of a Jacobian. */
function largest(jacobian: readonly Estimates[]): number {
  let found = 0;
  for (const { values } of jacobian) for (const value of values) found = Math.max(found, Math.abs(value));
  return found;
}

/** The largest difference; NaN is larger than all. */
function worstOf(differences: readonly (Difference | null)[]): Difference | null {
  return differences.reduce(
    (worst, d) => (d !== null && (worst === null || !(d.relative <= worst.relative)) ? d : worst),
    null,
  );
}

/** Which output, and which of its entries, the k-th of all entries is. */
function outputEntry(k: number, outputs: readonly (Tensor | null)[]): { output: number; outputAt: number[] } {
  let rest = k;
  for (let o = 0; o < outputs.length; o++) {
    const output = outputs[o];
    if (!output) continue;
    if (rest < output.numel()) return { output: o, outputAt: indexOf(rest, shapeOf(output)) };
    rest -= output.numel();
  }
  return { output: 0, outputAt: [] };
}
