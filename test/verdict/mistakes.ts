/**
 * @file Mistakes in Functions: in the comment of each stands what the cause is (`@cause kind`), and, where one small edit of its text
 * makes it right, which (`@edit` and before → after).
 */

import { join } from "node:path";
import { LineIndex } from "../../extension/checker/source/line-index.ts";
import { type Rule, readRules } from "./mutants/rules.ts";

export interface Mistake extends Rule {
  /** The true kind of the cause; null where no comment says it. */
  readonly kind: string | null;
  /** The smallest edit, of text that the class has in one place; null where it takes more than an edit, or no comment says it. */
  readonly smallest: SmallestEdit | null;
}

export interface SmallestEdit {
  readonly before: string;
  readonly after: string;
}

/** As people make them, and each class of error planted. */
const OWN = ["mistakes", "planted"].map(name => join(import.meta.dirname, name));

/** @param paths folders or files; of a file without `@cause` each Function that has a backward */
export async function readMistakes(paths: readonly string[] = OWN): Promise<Mistake[]> {
  const all = (await readRules(paths)).map(rule => ({ ...rule, ...remarksOn(rule) }));
  const annotated = new Set(all.filter(({ kind }) => kind !== null).map(({ file }) => file));
  return all.filter(({ file, kind, site }) =>
    annotated.has(file) ? kind !== null : site.backward !== null && site.unreachable === undefined,
  );
}

const COMMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*(?:export )?class (\w+) /g;

function remarksOn({ text, site }: Rule): Pick<Mistake, "kind" | "smallest"> {
  const comment = [...text.matchAll(COMMENTED)].find(([, , name]) => name === site.name)?.[1] ?? "";
  const edit = /@edit `([^`]*)` → `([^`]*)`/.exec(comment);
  return {
    kind: /@cause ([\w-]+)/.exec(comment)?.[1] ?? null,
    smallest: edit && { before: edit[1]!, after: edit[2]! },
  };
}

/** The text with the smallest edit made. @throws where it is not there in exactly one place */
export function edited({ id, text, site }: Mistake, { before, after }: SmallestEdit): string {
  const lines = new LineIndex(text);
  const [from, to] = [lines.offsetAt(site.range.start), lines.offsetAt(site.range.end)];
  const [left, right, ...more] = text.slice(from, to).split(before);
  if (right === undefined || more.length > 0) {
    throw new Error(`${id}: expected "${before}" in exactly one place of the class.`);
  }
  return text.slice(0, from) + left + after + right + text.slice(to);
}
