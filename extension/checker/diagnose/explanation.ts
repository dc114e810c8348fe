/** @file What an explanation names; the sentences are made of it. */

import type { Kind } from "./sentences.ts";

export interface Details {
  /** The argument whose gradient it is about. */
  argument?: string;
  /** The part of the formula that is wrong or missing, as maths. */
  part?: string;
  /** What belongs in its place. */
  instead?: string;
  /** Where it stands, or what it passes through. */
  where?: string;
  /** "twice", "3/4 times". */
  factor?: string;
  /** "the number of entries of x". */
  size?: string;
  /** It is about a term of jvp, not about a gradient. */
  jvp?: boolean;
}

export interface Explanation {
  readonly kind: Kind;
  readonly details: Details;
}
