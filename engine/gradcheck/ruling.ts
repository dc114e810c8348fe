/** @file What the judge can say of a Function at given arguments. */

import type { FunctionClass } from "../autograd/function-node.ts";
import type { Outcomes } from "../tensor/comparisons.ts";

export const VALUE = Symbol("value");

/** A Function as the judge takes it: the contract, and what it may state for the lens alone. */
export interface JudgedFunction extends FunctionClass {
  /** The smooth function whose derivative backward means to be, in place of forward's. */
  surrogate?(...args: unknown[]): unknown;
  /** Forward's outputs, where forward itself does more than can be recorded or measured. No Function states this: `gradcheck` does. */
  [VALUE]?(...args: unknown[]): unknown;
}

/** What stands for forward, if anything does. */
export function standInOf(definition: JudgedFunction): ((...args: unknown[]) => unknown) | undefined {
  return definition.surrogate ?? definition[VALUE];
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

/** Something to know about a backward that is right all the same. */
export type Hint =
  /** Its gradient for this argument has another shape, and is right once the engine has summed it. */
  | { readonly kind: "summed"; readonly argument: number }
  /** It is wrong, or a constant, when it is itself differentiated. */
  | {
      readonly kind: "wrong-double-backward";
      readonly returned: number;
      readonly expected: number;
      /** It cannot be otherwise: what was saved is neither input nor output. */
      readonly intermediates: boolean;
    };

/** How many entries of the outputs were asked for one by one, of how many, and whether all were in random combinations. */
export interface Coverage {
  readonly asked: number;
  readonly of: number;
  readonly projected: boolean;
}

/** What was found at one list of arguments. */
export type Ruling =
  | {
      readonly kind: "agrees";
      readonly reports: readonly ArgumentReport[];
      readonly hints: readonly Hint[];
      /** Some entries are at a kink of forward, where other values would be right, too. */
      readonly kinks: boolean;
      readonly coverage: Coverage;
      /** For each argument, which of its elements any output depends on here; null for one without gradient. */
      readonly active: readonly (readonly boolean[] | null)[];
      /** Which ways the comparisons went that forward and backward made. */
      readonly outcomes: Outcomes;
    }
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
  /** `saved`: position among the saved tensors, then the tensors in fields of ctx. */
  | { readonly kind: "saved-mutated"; readonly saved: number }
  | { readonly kind: "grad-output-mutated" }
  | { readonly kind: "nondeterministic"; readonly by: "forward" | "backward" }
  /** `shared`: another call changes what backward computes. `buffer`: it changes what backward has returned. */
  | { readonly kind: "state-leak"; readonly how: "shared" | "buffer" }
  /** Wrong, or throwing, where only some arguments ask for gradients. */
  | { readonly kind: "needs-ignored"; readonly argument: number; readonly error: unknown }
  /** The Function's own jvp is not the derivative that its backward is the transpose of. */
  | { readonly kind: "jvp-differs"; readonly worst: Omit<Mismatch, "argument" | "at"> }
  | {
      readonly kind: "jvp-shape";
      readonly output: number;
      readonly got: readonly number[];
      readonly expected: readonly number[];
    }
  | { readonly kind: "jvp-throws"; readonly error: unknown }
  | {
      readonly kind: "wrong-double-backward";
      readonly returned: number;
      readonly expected: number;
    }
  | { readonly kind: "forward-throws"; readonly error: unknown }
  | { readonly kind: "backward-throws"; readonly error: unknown }
  | { readonly kind: "nothing-to-check" }
  | { readonly kind: "not-differentiable"; readonly argument: number; readonly at: readonly number[] };
