/** @file One rule of the corpus without its backward, and what comes of having it derived and written again. */

import ts from "typescript";
import type { FunctionSite } from "../../extension/checker/checker.ts";
import { createChecker, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { LineIndex } from "../../extension/checker/source/line-index.ts";
import { moduleOf } from "../../extension/checker/source/module.ts";
import { propertyName } from "../../extension/checker/source/names.ts";
import { readFromDisk, withBuffers } from "../../extension/checker/texts.ts";
import { addBackward } from "../../extension/checker/write/backward.ts";
import { edited } from "../../extension/checker/write/changes.ts";

export interface Rewritten {
  readonly rule: string;
  /** `correct` and the like; `underivable`, `unwritable`, `does not parse`. */
  readonly outcome: string;
  readonly detail: string;
  /** The class as it was written; null where none was. */
  readonly written: string | null;
}

const OPTIONS = { seed: 3, limits: { timeMs: 20_000, memoryMb: 350 } };

/** Texts that stand for files, as the road of a check reads them. */
export class Buffered {
  readonly checker: LocalChecker;
  readonly #texts: Record<string, string> = {};

  constructor(realm: string) {
    this.checker = createChecker({ realm, readText: path => withBuffers(this.#texts, readFromDisk)(path) });
  }

  async site(file: string, text: string, name: string): Promise<FunctionSite> {
    this.#texts[file] = text;
    const site = (await this.checker.functions(file, text)).find(site => site.name === name);
    if (site === undefined) throw new Error(`${name} is not in ${file}`);
    return site;
  }

  async rewritten(file: string, text: string, name: string): Promise<Rewritten> {
    const rule = name;
    const bare = withoutBackward(file, text, await this.site(file, text, name));
    const site = await this.site(file, bare, name);
    const { derived } = await this.checker.derive(file, site, {
      ...OPTIONS,
      of: "backward",
      written: true,
    });
    if (derived.derivation === null)
      return { rule, outcome: "underivable", detail: derived.reason ?? "", written: null };
    const edits = addBackward(file, bare, site, derived.derivation);
    if ("unwritable" in edits)
      return { rule, outcome: "unwritable", detail: edits.unwritable, written: null };
    const whole = edited(bare, edits);
    const errors = syntaxErrors(whole);
    if (errors !== "") return { rule, outcome: "does not parse", detail: errors, written: whole };
    const now = await this.site(file, whole, name);
    const { verdict, message } = await this.checker.check(file, now, OPTIONS);
    const lines = new LineIndex(whole);
    const written = whole.slice(lines.offsetAt(now.range.start), lines.offsetAt(now.range.end));
    return { rule, outcome: verdict, detail: message, written };
  }
}

export function syntaxErrors(text: string): string {
  const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")).join("; ");
}

/** The text without the static backward, and jvp, of a class. */
export function withoutBackward(file: string, text: string, { range }: FunctionSite): string {
  const start = new LineIndex(text).offsetAt(range.start);
  const { source } = moduleOf(file, text);
  let result = text;
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) && node.getStart() === start) {
      const gone = node.members.filter(({ name }) =>
        /^(backward|jvp)$/.test(propertyName(name as ts.PropertyName) ?? ""),
      );
      for (const member of gone.toReversed()) result = result.slice(0, member.pos) + result.slice(member.end);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return result;
}
