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
}

export interface Derivation {
  /** For each argument of forward; null where no gradient is due. */
  gradients: (WrittenFormula | null)[];
  /** In the order in which they are computed. */
  parts: NamedFormula[];
  /** `const t = …;`, a line for each part; null where it cannot be written with the engine's public functions. */
  statements: string[] | null;
  /** What of the engine's entry the TypeScript uses. */
  imports: string[];
  saved: SavedValue[];
}
