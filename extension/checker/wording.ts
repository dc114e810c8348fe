/** @file How shapes, indices and errors are written wherever people read them: lens, problem, terminal. */

import type { InputReport } from "./finding.ts";

/** `(2, 3)`, `(3,)` and `()`, as the engine writes them. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** `[0, 1]`; of the one entry of a 0-dimensional tensor, nothing. */
export function indexText(index: readonly number[]): string {
  return `[${index.join(", ")}]`;
}

/** Two digits for a large error, the order of magnitude for one that is mere rounding. */
export function errorText(error: number): string {
  if (error === 0) return "0";
  if (!Number.isFinite(error)) return Number.isNaN(error) ? "NaN" : "∞";
  return error < 1e-6 ? error.toExponential(0) : `${Number(error.toPrecision(2))}`;
}

/** `x: (2, 3)`; an argument that is no tensor goes by its name alone. */
export function inputText({ name, shape }: InputReport): string {
  return shape === null ? name : `${name}: ${shapeText(shape)}`;
}

/** Largest error over the inputs that were checked; null where none was. */
export function largestError(inputs: readonly InputReport[]): number | null {
  let largest: number | null = null;
  for (const { maxError } of inputs) {
    // NaN is the worst of all: no comparison finds it.
    if (maxError !== null && (largest === null || maxError > largest || Number.isNaN(maxError)))
      largest = maxError;
  }
  return largest;
}

/** The wrong input with the largest error. */
export function worstInput(inputs: readonly InputReport[]): InputReport | undefined {
  const wrong = inputs.filter(({ verdict, maxError }) => verdict === "wrong" && maxError !== null);
  return wrong.toSorted((a, b) => rank(b.maxError!) - rank(a.maxError!))[0];
}

function rank(error: number): number {
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
