/** @file Changes of a text by offsets, gathered while it is read, and handed over as an editor takes them. */

import type { Range, TextEdit } from "../finding.ts";
import { LineIndex } from "../source/line-index.ts";

export interface Change {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** What cannot be written, and why, in a sentence. */
export interface Unwritable {
  readonly unwritable: string;
}

/** Thrown where code has a form that is not written into; caught at the ends of this room. */
export class NotWritten extends Error {
  override readonly name = "NotWritten";
}

export function written(body: () => TextEdit[]): TextEdit[] | Unwritable {
  try {
    return body();
  } catch (error) {
    if (error instanceof NotWritten) return { unwritable: error.message };
    throw error;
  }
}

/** In the order of the text; insertions at one place in the order in which they were made. */
function sorted(changes: readonly Change[]): Change[] {
  return changes
    .map((change, order) => ({ change, order }))
    .sort((a, b) => a.change.start - b.change.start || a.change.end - b.change.end || a.order - b.order)
    .map(({ change }) => change);
}

export function applied(text: string, changes: readonly Change[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, newText } of sorted(changes)) {
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}

export function asTextEdits(text: string, changes: readonly Change[]): TextEdit[] {
  const lines = new LineIndex(text);
  return sorted(changes)
    .filter(({ start, end, newText }) => text.slice(start, end) !== newText)
    .map(({ start, end, newText }) => ({ range: lines.rangeOf(start, end), newText }));
}

/** A text with edits of an editor applied. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  return applied(text, asChanges(text, edits));
}

/** Where the longest text that edits insert stands in the text with all of them applied. */
export function longestIn(text: string, edits: readonly TextEdit[]): Range {
  let moved = 0;
  let longest = { start: 0, length: -1 };
  for (const { start, end, newText } of sorted(asChanges(text, edits))) {
    if (newText.length > longest.length) longest = { start: start + moved, length: newText.length };
    moved += newText.length - (end - start);
  }
  const after = edited(text, edits);
  const inserted = after.slice(longest.start, longest.start + longest.length);
  const blank = /^\s*/.exec(inserted)![0].length;
  const end = longest.start + inserted.trimEnd().length;
  return new LineIndex(after).rangeOf(longest.start + blank, end);
}

function asChanges(text: string, edits: readonly TextEdit[]): Change[] {
  const lines = new LineIndex(text);
  return edits.map(({ range, newText }) => ({
    start: lines.offsetAt(range.start),
    end: lines.offsetAt(range.end),
    newText,
  }));
}
