/**
 * @file A finding: all that is reported about one Function. One discriminated union, made once (by
 * the checker), shown everywhere: lens, diagnostic, terminal, JSON.
 */

import type { Derivation } from "./derivation.ts";

/** A place in a text, zero-based, in UTF-16 code units, as in the Language Server Protocol. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** A change of a text, as in the Language Server Protocol. */
export interface TextEdit {
  range: Range;
  newText: string;
}

/** A change that makes a wrong Function right. */
export interface Fix {
  /** What it does: "Transpose input". */
  title: string;
  /** Of the file that declares the Function; they do not overlap. */
  edits: TextEdit[];
  /** Whether the changed text was checked, and found correct. */
  verified: boolean;
}

/** The stable names of what can be reported; each has its page `docs/rules/<rule>.md`. */
export const RULES = [
  "wrong-vjp",
  "ignores-grad-output",
  "not-linear",
  "grad-count",
  "grad-shape",
  "missing-grad",
  "wrong-jvp",
  "input-mutated",
  "nondeterministic",
  "state-leak",
  "wrong-double-backward",
  "only-special-inputs",
  "cross-terms",
  "forward-throws",
  "backward-throws",
  "time-limit",
  "memory-limit",
  "not-differentiable",
  "no-inputs-found",
  "sandbox-violation",
  "cannot-bundle",
] as const;

export type Rule = (typeof RULES)[number];

export type Verdict = Finding["verdict"];

/** One argument of `forward` as it was checked, and how its gradient fared. */
export interface InputReport {
  name: string;
  /** Shape at which the worst error was seen; null for an argument that is no tensor. */
  shape: number[] | null;
  /** `unchecked`: no gradient is due (an integer tensor, a number, an option). */
  verdict: "correct" | "wrong" | "unchecked";
  /** Largest |returned − expected| over the entries, relative to the scale of the expected gradient. */
  maxError: number | null;
  /** Index of that entry in the input. */
  at: number[] | null;
}

/** What the check itself says of a Function, before the code's place is known. */
export type Judgement =
  | (Judged & {
      verdict: "correct" | "surrogate";
      /** That of the first hint. */
      rule: Rule | null;
      hints: Hint[];
    })
  | (Judged & {
      verdict: "wrong";
      rule: Rule;
      /** What `backward` returns and what is right, at the worst entry or as a whole, in words and numbers. */
      returned: string;
      expected: string;
      /** What the mistake is, in one sentence; null where no explanation fits. */
      cause: Cause | null;
      /** What backward should be; null where forward cannot be traced. */
      derivation: Derivation | null;
    })
  | (Judged & {
      verdict: "inconclusive" | "skipped";
      rule: Rule;
      /** Why there is no verdict, and what to do. */
      reason: string;
    });

/** A mistake that people make: `kind` for programs, `sentence` for people, in the file's own names. */
export interface Cause {
  kind: string;
  sentence: string;
}

/** Something to know about a `backward` that is right all the same. */
export interface Hint {
  rule: Rule;
  message: string;
}

interface Judged {
  /** One line for people. */
  message: string;
  /** Where `forward` is defined, as far as the check went: "input: (n, n); square matrices only". */
  domain: string | null;
  inputs: InputReport[];
}

export type Finding = Judgement & {
  /** Name of the class. */
  name: string;
  /** Absolute path of the file that declares it. */
  file: string;
  /** What the finding is about: the expression that `backward` returns, else the name of the class. */
  range: Range;
  /** For a wrong one: the smallest first. */
  fixes: Fix[];
  seed: number;
  durationMs: number;
};
