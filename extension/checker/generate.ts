/**
 * @file Code that is written for people: a backward, a jvp, or a whole Function for a plain function. It is derived in the sandbox,
 * written into a copy of the text, and the copy goes the whole road of a check: what is handed over was called correct.
 */

import type { CheckOptions, DerivableSite, FunctionSite, ReadText } from "./checker.ts";
import type { Range, TextEdit } from "./finding.ts";
import { checkerOn } from "./local-checker.ts";
import type { Runtime } from "./runtime.ts";
import { addBackward } from "./write/backward.ts";
import { edited, longestIn, type Unwritable } from "./write/changes.ts";
import { functionFor } from "./write/function-for.ts";
import { addJvp } from "./write/jvp.ts";

/** What is to be written. */
export type Wanted = "backward" | "jvp" | "function";

export interface GenerateRequest {
  wanted: Wanted;
  site: DerivableSite;
}

/** Verified edits, and the class they are about; or why there are none. */
export type Generated =
  /** `inserted`: where the new code stands once they are made. */
  | { kind: "generated"; edits: TextEdit[]; name: string; inserted: Range }
  /** `equation`: forward finds its result step by step, so an implicit function may do. */
  | { kind: "refused"; message: string; equation: boolean };

export async function generate(
  runtime: Runtime,
  readText: ReadText,
  file: string,
  { wanted, site }: GenerateRequest,
  options: CheckOptions,
  signal?: AbortSignal,
): Promise<Generated> {
  const text = await readText(file);
  if (text === undefined) return refused(`${file} cannot be read.`);
  // Everything below sees the text as it is now, whatever is typed meanwhile.
  const reading = (path: string, own: string) => (path === file ? Promise.resolve(own) : readText(path));
  const checker = checkerOn(runtime, path => reading(path, text));
  const of = wanted === "jvp" ? "jvp" : "backward";
  const { derived } = await checker.derive(file, site, { ...options, of, written: true }, signal);
  const { derivation, reason } = derived;
  if (derivation === null) {
    const code = textOf(text, site);
    const equation = /\b(while|for)\b/.test(code) || /\bresidual\b/.test(code);
    return {
      ...refused(`${site.name} has no derivative that can be written down. ${reason ?? ""}`),
      equation,
    };
  }
  const written = write(file, text, wanted, site, derivation);
  if ("unwritable" in written)
    return refused(`${nameOf(wanted)} of ${site.name} could not be written: ${written.unwritable}`);

  const changed = edited(text, written.edits);
  const verifier = checkerOn(runtime, path => reading(path, changed));
  const sites = await verifier.functions(file, changed);
  const now = sites.find(candidate => candidate.name === written.name && isSame(candidate, site, wanted));
  if (now === undefined)
    return refused(
      `${nameOf(wanted)} of ${site.name} was derived, but not found again where it was written.`,
    );
  const judgement = await verifier.judgement(file, now, options, signal);
  if (judgement.verdict === "correct" || judgement.verdict === "surrogate")
    return { kind: "generated", ...written, inserted: longestIn(text, written.edits) };
  const why = "reason" in judgement ? ` ${judgement.reason}` : "";
  return refused(
    `${nameOf(wanted)} of ${site.name} was derived, but the check did not call it correct, so nothing was inserted. ${sentence(judgement.message)}${why} Where forward does something else for other options or sizes, write one Function for each.`,
  );
}

function write(
  file: string,
  text: string,
  wanted: Wanted,
  site: DerivableSite,
  derivation: Parameters<typeof addBackward>[3],
): { edits: TextEdit[]; name: string } | Unwritable {
  if (wanted === "function") return functionFor(file, text, site, derivation);
  const edits = (wanted === "jvp" ? addJvp : addBackward)(file, text, site, derivation);
  return "unwritable" in edits ? edits : { edits, name: site.name };
}

/** The class at its path; a new one is known by its name, which no other has. */
function isSame(candidate: FunctionSite, site: DerivableSite, wanted: Wanted): boolean {
  return wanted === "function" || candidate.path.join(".") === site.path.join(".");
}

function textOf(text: string, { range }: DerivableSite): string {
  return text
    .split(/\r\n|\n|\r/)
    .slice(range.start.line, range.end.line + 1)
    .join("\n");
}

function nameOf(wanted: Wanted): string {
  return wanted === "function" ? "A custom Function" : wanted === "jvp" ? "The jvp" : "The backward";
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function refused(message: string): Extract<Generated, { kind: "refused" }> {
  return { kind: "refused", message: message.trim(), equation: false };
}
