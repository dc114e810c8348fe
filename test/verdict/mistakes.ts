/**
 * @file Mistakes as people make them: each Function's comment says what the cause is (`@cause kind`), and, where one small edit
 * of its text makes it right, which (`@edit` and before → after).
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Mistake {
  /** Absolute path. */
  file: string;
  /** Name of the class. */
  name: string;
  /** The true kind of the cause. */
  kind: string;
  /** The smallest edit, of text that the class has in one place; null where it takes more than an edit. */
  smallest: { before: string; after: string } | null;
}

const FOLDER = join(import.meta.dirname, "mistakes");
const COMMENTED = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export class (\w+) extends/g;

export function mistakes(folder = FOLDER): Mistake[] {
  return readdirSync(folder)
    .filter(name => name.endsWith(".ts"))
    .flatMap(name => mistakesOf(join(folder, name)));
}

function mistakesOf(file: string): Mistake[] {
  return [...readFileSync(file, "utf8").matchAll(COMMENTED)].flatMap(([, comment, name]) => {
    const kind = /@cause ([\w-]+)/.exec(comment!)?.[1];
    const edit = /@edit `([^`]*)` → `([^`]*)`/.exec(comment!);
    const smallest = edit && { before: edit[1]!, after: edit[2]! };
    return kind === undefined ? [] : [{ file, name: name!, kind, smallest }];
  });
}

/** The text with the smallest edit made. @throws where it is not there in exactly one place */
export function edited(text: string, { name, smallest }: Mistake): string {
  const from = text.indexOf(`export class ${name} `);
  const to = text.indexOf("\n}\n", from);
  const [before, after, ...more] = text.slice(from, to).split(smallest!.before);
  if (after === undefined || more.length > 0) {
    throw new Error(`${name}: expected "${smallest!.before}" in exactly one place of the class.`);
  }
  return text.slice(0, from) + before + smallest!.after + after + text.slice(to);
}
