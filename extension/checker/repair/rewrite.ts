/** @file A wrong backward written anew from what was derived, where no small change makes it right. */

import type { FunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import type { TextEdit } from "../finding.ts";
import { rewriteBackward } from "../write/backward.ts";

export interface Rewrite {
  readonly title: string;
  readonly edits: TextEdit[];
}

/** Null where the class has a form that is not written into. */
export function rewriteOf(
  file: string,
  text: string,
  site: FunctionSite,
  derivation: Derivation,
): Rewrite | null {
  const edits = rewriteBackward(file, text, site, derivation);
  return "unwritable" in edits ? null : { title: titleOf(derivation), edits };
}

/** A formula that is one line of a menu is said. */
const TITLE_CHARS = 60;

function titleOf({ gradients, parts }: Derivation): string {
  const [only] = gradients;
  const says = gradients.length === 1 && parts.length === 0 && only && only.maths.length <= TITLE_CHARS;
  return says ? `Rewrite backward to return ${only.maths}` : "Rewrite backward as derived from forward";
}
