/** @file What the checker asks of a sandbox, and what can come back. Both sides of the process boundary import it. */

import type { CrossTerms } from "../cross-terms/cross-terms.ts";
import type { Derived } from "../derivation.ts";
import type { Judgement } from "../finding.ts";
import type { Notation } from "../notation.ts";

/** What the text says about one parameter of `forward` (its context left out). */
export interface Parameter {
  name: string;
  /** Type annotation as written, or null: "Tensor", "number", "{ eps?: number }". */
  type: string | null;
  optional: boolean;
  /** Default value as written, or null. */
  initializer: string | null;
  rest: boolean;
}

/**
 * What is asked: of a Function a verdict, a verdict at inputs of other sizes than usual, what backward or jvp should be, or which changes make it right; of a loss its
 * gradient; of a reduction whether it mixes the samples of a batch.
 */
export type Task =
  | "check"
  | "check-elsewhere"
  | "derive-backward"
  | "derive-jvp"
  | "derive-gradient"
  | "try"
  | "cross-terms";

/** One Function, plain function of tensors to derive, or reduction: a self-contained script and what it yields. */
export interface Job {
  task: Task;
  /** Script text (strict, no imports). It sees `engine` and `console`; its completion value is the class, the function or the reduction. */
  script: string;
  /** Name of the class, for messages. */
  name: string;
  /** Parameters of `forward` after `ctx`, or null where the text did not show them. */
  parameters: Parameter[] | null;
  /** What `backward` calls the gradient of each output, or null where the text does not show it. */
  gradOutputs: string[] | null;
  /** How formulas are written. */
  notation: Notation;
  seed: number;
}

/**
 * A job whose script holds alternatives of its code, told apart by numbers: which of them make the Function right. The script asks
 * `gradientLensAlternative(n)` whether the n-th is used.
 */
export interface Trial extends Job {
  task: "try";
  /** Each the numbers of the alternatives that are used together; the likeliest first. */
  combinations: readonly (readonly number[])[];
  /** Milliseconds of processor time after which what was found counts. */
  budgetMs: number;
}

/** How one combination fared; one that helps nowhere has no entry. */
export interface Tried {
  /** Its position in the list. */
  combination: number;
  /**
   * Whether it is right wherever the Function ran before; with something to be said of it all the same; only at some of its inputs, and
   * throws at others; or not.
   */
  right: "everywhere" | "hinted" | "somewhere" | "no";
  /** Positions of the arguments whose gradients are right. */
  arguments: number[];
}

export interface Limits {
  /** Milliseconds of wall-clock time for one job. */
  timeMs: number;
  /** Megabytes of resident memory of the process. */
  memoryMb: number;
}

/** How a job ended. Whatever is no answer (`judged`, `derived`, `tried`, `measured`) means that the process is gone and the next job gets a fresh one. */
export type Outcome =
  | { kind: "judged"; judgement: Judgement; logs: string[] }
  | { kind: "derived"; derived: Derived; logs: string[] }
  /** `complete`: no combination was left out because the time was over. */
  | { kind: "tried"; tried: Tried[]; complete: boolean; logs: string[] }
  | { kind: "measured"; crossTerms: CrossTerms | null; logs: string[] }
  | { kind: "time-limit"; limits: Limits; logs: string[] }
  | { kind: "memory-limit"; limits: Limits; logs: string[] }
  | { kind: "crashed"; detail: string; logs: string[] }
  | { kind: "cancelled" };
