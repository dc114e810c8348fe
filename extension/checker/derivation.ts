/** @file What a backward should be, derived from its forward: as data, which crosses the wall of the sandbox and is shown and written. */

/** One formula in every notation, in the file's own names. */
export interface WrittenFormula {
  maths: string;
  /** For KaTeX. */
  latex: string;
  /** An expression; null where the engine has no public function for an operation in it. */
  typescript: string | null;
}

/** A common part of formulas, under the name that they use. */
export interface NamedFormula extends WrittenFormula {
  name: string;
}

/** A tensor that backward uses, and so must get from forward. */
export interface SavedValue {
  name: string;
  role: "input" | "output" | "saved";
  /** How forward computes it, for one that is neither input nor output. */
  formula: WrittenFormula | null;
  parts: NamedFormula[];
  /** Which of the expressions of forward's text it is, as `source/intermediates.ts` counts them; null for none. */
  place: number | null;
}

/** A backward; or a jvp, whose `gradients` are the tangents of what forward returns. */
export interface Derivation {
  /** For each argument of forward; null where no gradient is due. Of a jvp, for each output. */
  gradients: (WrittenFormula | null)[];
  /** In the order in which they are computed. */
  parts: NamedFormula[];
  /** `const t = …;`, a line for each part; null where it cannot be written with the engine's public functions. */
  statements: string[] | null;
  /** What of the engine's entry the TypeScript uses. */
  imports: string[];
  saved: SavedValue[];
  /** How it comes about; null where nobody asked for that, or where it is too long to be followed. */
  steps: DerivationStep[] | null;
}

/** What came of deriving at inputs that were found. */
export interface Derived {
  derivation: Derivation | null;
  /** Why there is none, in a sentence; null where there is one. */
  reason: string | null;
  /** Where forward is defined, as far as that was looked at: "input: (n, n); square matrices only". */
  domain: string | null;
  /** The arguments that forward was traced at; the shape is null for what is no tensor. */
  inputs: DerivedInput[];
  /** What came of it at inputs of other ranks, where it reads otherwise and is to be written: one may hold for more inputs. */
  alternatives: Derivation[];
}

export interface DerivedInput {
  name: string;
  shape: number[] | null;
}

/** A step of a derivation that is shown to people. */
export interface DerivationStep {
  kind: (typeof STEP_KINDS)[number];
  title: string;
  sentence: string;
  lines: DerivationLine[];
  /** How the step is easily misread; null where it is not. */
  caution: string | null;
}

export interface DerivationLine {
  kind: (typeof LINE_KINDS)[number];
  maths: string;
  /** For KaTeX. */
  latex: string;
  /** Of the tensor that is defined: "(n, m)". */
  shape: string | null;
}

export const STEP_KINDS = ["question", "forward", "backward", "gradient"] as const;

/**
 * `operation`: what forward computes; `arrives`: what has flowed back to its result; `differential`: how the result moves with its
 * operands; `pairing`: that change in the inner product with what flows back, until the operand's change stands alone; `where`: a common
 * part; `sum`, `result`: an input's gradient, as it was gathered and simplified.
 */
export const LINE_KINDS = [
  "operation",
  "arrives",
  "differential",
  "pairing",
  "where",
  "sum",
  "result",
] as const;
