/** @file One rule of the corpus without its backward, and what comes of having it derived and written again. */

import ts from "typescript";
import type { FunctionSite } from "../../extension/checker/checker.ts";
import { generate } from "../../extension/checker/generate.ts";
import { checkerOn, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { createRuntime, type Runtime } from "../../extension/checker/runtime.ts";
import { LineIndex } from "../../extension/checker/source/line-index.ts";
import { moduleOf } from "../../extension/checker/source/module.ts";
import { propertyName } from "../../extension/checker/source/names.ts";
import { readFromDisk, withBuffers } from "../../extension/checker/texts.ts";
import { edited } from "../../extension/checker/write/changes.ts";

export interface Rewritten {
  /** Whether there is a backward again that the check calls correct. */
  readonly outcome: "correct" | "refused" | "does not parse";
  readonly detail: string;
  /** The class as it was written; null where none was. */
  readonly written: string | null;
}

const OPTIONS = { seed: 3, limits: { timeMs: 20_000, memoryMb: 350 } };

/** Texts that stand for files, as the road of a check reads them. */
export class Buffered {
  readonly runtime: Runtime;
  readonly checker: LocalChecker;
  readonly #texts: Record<string, string> = {};

  constructor(realm: string) {
    this.runtime = createRuntime(realm);
    this.checker = checkerOn(this.runtime, path => this.#read(path));
  }

  #read(path: string): Promise<string | undefined> {
    return withBuffers(this.#texts, readFromDisk)(path);
  }

  async site(file: string, text: string, name: string): Promise<FunctionSite> {
    this.#texts[file] = text;
    const site = (await this.checker.functions(file, text)).find(site => site.name === name);
    if (site === undefined) throw new Error(`${name} is not in ${file}`);
    return site;
  }

  async rewritten(file: string, text: string, name: string): Promise<Rewritten> {
    const bare = withoutBackward(file, text, await this.site(file, text, name));
    const site = await this.site(file, bare, name);
    const read = (path: string) => this.#read(path);
    const generated = await generate(this.runtime, read, file, { wanted: "backward", site }, OPTIONS);
    if (generated.kind === "refused") return { outcome: "refused", detail: generated.message, written: null };
    const whole = edited(bare, generated.edits);
    const { range } = await this.site(file, whole, name);
    const lines = new LineIndex(whole);
    const written = whole.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
    const errors = syntaxErrors(whole);
    return { outcome: errors === "" ? "correct" : "does not parse", detail: errors, written };
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
