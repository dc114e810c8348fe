/** @file How formulas about a Function are written, so that they read as its file does. */

import type { CallStyle } from "@gradient-lens/engine/symbolic";

export interface Notation {
  /** Method chains, `x.mul(y)`, or free functions, `mul(x, y)`. */
  style: CallStyle;
  /** What forward calls the tensors that it returns; empty where they have no names. */
  outputs: string[];
}

/** Of code that says nothing of it. */
export const PLAIN_NOTATION: Notation = { style: "methods", outputs: [] };
