/** @file What the judge can say of a Function at given arguments. */

import type { FunctionClass } from "../autograd/function-node.ts";

/** A Function as the judge takes it: the contract, and what it may state for the lens alone. */
export interface JudgedFunction extends FunctionClass {
  /** The smooth function whose derivative backward means to be, in place of forward's. */
  surrogate?(...args: unknown[]): unknown;
}

/** One argument after judging. */
export interface ArgumentReport {
  /** Position among the arguments of forward. */
  readonly argument: number;
  /** Null for an argument that is no tensor. */
  readonly shape: readonly number[] | null;
  readonly verdict: "correct" | "wrong" | "unchecked";
  /** Largest |returned − expected| relative to the largest |expected| of this argument. */
  readonly maxError: number | null;
  /** Where in the argument that is. */
  readonly at: readonly number[] | null;
}

/** An entry of the Jacobian where backward is wrong. */
export interface Mismatch {
  readonly argument: number;
  /** Entry of the argument. */
  readonly at: readonly number[];
  /** Which output, and which entry of it. */
  readonly output: number;
  readonly outputAt: readonly number[];
  readonly returned: number;
  readonly expected: number;
}

/** What was found at one list of arguments. */
export type Ruling =
  | { readonly kind: "agrees"; readonly reports: readonly ArgumentReport[] }
  | { readonly kind: "differs"; readonly reports: readonly ArgumentReport[]; readonly worst: Mismatch }
  | { readonly kind: "not-linear"; readonly reports: readonly ArgumentReport[]; readonly worst: Mismatch }
  | {
      readonly kind: "ignores-grad-output";
      readonly reports: readonly ArgumentReport[];
      readonly worst: Mismatch;
    }
  | { readonly kind: "grad-count"; readonly expected: number; readonly got: number }
  | { readonly kind: "no-return" }
  | { readonly kind: "missing-grad"; readonly argument: number }
  | { readonly kind: "not-a-tensor"; readonly argument: number; readonly got: string }
  | {
      readonly kind: "grad-shape";
      readonly argument: number;
      readonly got: readonly number[];
      readonly expected: readonly number[];
    }
  | { readonly kind: "input-mutated"; readonly argument: number; readonly by: "forward" | "backward" }
  | { readonly kind: "grad-output-mutated" }
  | { readonly kind: "nondeterministic"; readonly by: "forward" | "backward" }
  | { readonly kind: "forward-throws"; readonly error: unknown }
  | { readonly kind: "backward-throws"; readonly error: unknown }
  | { readonly kind: "nothing-to-check" }
  | { readonly kind: "not-differentiable"; readonly argument: number; readonly at: readonly number[] };
