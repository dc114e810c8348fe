/** @file A fix for people: what it does, and the lines that it changes. */

import { structuredPatch } from "diff";
import type { Fix } from "../checker/finding.ts";
import { plainText } from "../checker/plain-text.ts";
import { edited } from "../checker/write/changes.ts";

/** A line that goes or comes. */
export interface DiffLine {
  readonly kind: "-" | "+";
  readonly text: string;
}

/** The lines of a text that a fix changes, without what stands around them. */
export function diffOf({ edits }: Fix, text: string): DiffLine[] {
  const { hunks } = structuredPatch("", "", text, edited(text, edits), undefined, undefined, { context: 0 });
  return hunks
    .flatMap(({ lines }) => lines)
    .filter(line => line.startsWith("-") || line.startsWith("+"))
    .map(line => ({ kind: line[0] as DiffLine["kind"], text: plainText(line.slice(1)) }));
}
