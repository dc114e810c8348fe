/** @file How long a change of a text is: characters that come and go. */

import type { TextEdit } from "../../extension/checker/finding.ts";
import { LineIndex } from "../../extension/checker/source/line-index.ts";
import { edited as textAfter } from "../../extension/checker/write/changes.ts";
import { edited, type Mistake, type SmallestEdit } from "./mistakes.ts";

export function lengthOfEdits(text: string, edits: readonly TextEdit[]): number {
  const lines = new LineIndex(text);
  const parts = edits.map(({ range, newText }) =>
    difference(text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end)), newText),
  );
  return Math.min(
    difference(text, textAfter(text, edits)),
    parts.reduce((sum, length) => sum + length, 0),
  );
}

export function lengthOfSmallest(mistake: Mistake, smallest: SmallestEdit): number {
  return difference(mistake.text, edited(mistake, smallest));
}

/** Of one stretch, without what stays in place at either end of it. */
function difference(before: string, after: string): number {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return before.length + after.length - 2 * (start + end);
}
