/** @file What an operation is called, and what it is told besides its inputs, in formulas. */

import type { Application } from "./expression.ts";

/** What functions are called outside of this engine. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  logSoftmax: "log_softmax",
  amax: "max",
  amin: "min",
  clampMin: "max",
  clampMax: "min",
  maximum: "max",
  minimum: "min",
  sigmoid: "σ",
  vectorNorm: "norm",
  indexAdd: "scatter_add",
  matrixExp: "expm",
};

/** `:, 2:4` of a slice, a step and all. */
export function placesOf(e: Application, rank: number): string {
  const { dim, start, length, step } = e.call.params as {
    dim: number;
    start: number;
    length: number;
    step: number;
  };
  const end = start + (length - 1) * step + 1;
  const range = length === 1 ? String(start) : step === 1 ? `${start}:${end}` : `${start}:${end}:${step}`;
  return Array.from({ length: rank }, (_, d) => (d === dim ? range : ":")).join(", ");
}

/** What an operation is told besides its inputs, where that can be said in a word. */
export function settingsOf(e: Application): string[] {
  const { params } = e.call;
  if (typeof params === "number") return [String(params)];
  if (Array.isArray(params) && params.every(p => typeof p === "number")) return [`[${params.join(", ")}]`];
  if (typeof params !== "object" || params === null) return [];
  const { dims } = params as { dims?: readonly number[] };
  if (dims !== undefined) return dims.length === e.call.inputs[0]!.shape.length ? [] : [dims.join(", ")];
  return Object.entries(params).flatMap(([key, value]) =>
    (typeof value === "number" || typeof value === "string" || value === true) && key !== "check"
      ? [value === true ? key : `${key} = ${String(value)}`]
      : [],
  );
}
