/** @file Fixes of several Functions of one file, as one change of its text. */

import type { Finding, Fix, Position, TextEdit } from "../checker/finding.ts";

/** The fix that is made where nobody chooses: the smallest that was checked. */
export function preferredFix({ fixes }: Pick<Finding, "fixes">): Fix | undefined {
  return fixes.find(({ verified }) => verified);
}

/**
 * The edits of as many fixes as can be made together, in the order of the text. An edit that several ask for, an import say, is
 * made once; of fixes that change the same place otherwise, the first is made.
 */
export function together(fixes: readonly Fix[]): TextEdit[] {
  let all: TextEdit[] = [];
  for (const { edits } of fixes) {
    const added = edits.filter(edit => !all.some(other => isSame(edit, other)));
    if (added.some(edit => all.some(other => clash(edit, other)))) continue;
    all = [...all, ...added];
  }
  return all.sort((a, b) => compare(a.range.start, b.range.start) || compare(a.range.end, b.range.end));
}

function isSame(a: TextEdit, b: TextEdit): boolean {
  return (
    compare(a.range.start, b.range.start) === 0 &&
    compare(a.range.end, b.range.end) === 0 &&
    a.newText === b.newText
  );
}

/** Whether two edits overlap, or insert at one place, where their order would matter. */
function clash({ range: a }: TextEdit, { range: b }: TextEdit): boolean {
  if (compare(a.start, b.start) === 0) return true;
  return compare(a.start, b.end) < 0 && compare(b.start, a.end) < 0;
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
