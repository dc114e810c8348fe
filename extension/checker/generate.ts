/**
 * @file Code that is written for people: a backward, a jvp, or a whole Function for a plain function. It is derived in the sandbox,
 * written into a copy of the text, and the copy goes the whole road of a check: what is handed over was called correct.
 */

import type { CheckOptions, DerivableSite, FunctionSite, ReadText } from "./checker.ts";
import type { Derivation, Derived } from "./derivation.ts";
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
  /** `inserted`: where the new code stands once they are made. `note`: for which of forward's inputs it does not hold. */
  | { kind: "generated"; edits: TextEdit[]; name: string; inserted: Range; note: string | null }
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
  if (derived.derivation === null) return underivable(of, site, derived.reason ?? "", textOf(text, site));

  const tries: Attempt[] = [];
  for (const derivation of [derived.derivation, ...derived.alternatives]) {
    const attempted = await attempt(derivation);
    tries.push(attempted);
    if (attempted.domain === derived.domain) break;
  }
  const [best] = tries
    .filter(isGenerated)
    .sort((a, b) => kindsIn(b.domain).length - kindsIn(a.domain).length);
  return best?.generated ?? tries[0]!.generated;

  async function attempt(derivation: Derivation): Promise<Attempt> {
    const failed = (message: string): Attempt => ({
      generated: refused(`${what} was derived, but ${message}`),
      domain: null,
    });
    const what = `${nameOf(wanted)} ${site.name}`;
    const written = write(file, text!, wanted, site, derivation);
    if ("unwritable" in written) return failed(`could not be written: ${written.unwritable}`);

    const changed = edited(text!, written.edits);
    const verifier = checkerOn(runtime, path => reading(path, changed));
    const sites = await verifier.functions(file, changed);
    const now = sites.find(candidate => candidate.name === written.name && isSame(candidate, site, wanted));
    if (now === undefined) return failed("could not be checked, as it was not found where it was written.");
    const judgement = await verifier.judgement(file, now, options, signal);
    const { verdict, domain, message } = judgement;
    if (verdict !== "correct" && verdict !== "surrogate") {
      const why = "reason" in judgement ? ` ${judgement.reason}` : "";
      return failed(
        `the check did not call it correct, so nothing was inserted. ${sentence(message)}${why} Where forward does something else for other options, numbers or sizes, write one Function for each.`,
      );
    }
    const elsewhere = await verifier.judgement(file, now, { ...options, sizes: "other" }, signal);
    const holdsElsewhere =
      elsewhere.rule === "no-inputs-found" ||
      (elsewhere.verdict === verdict && isOfKind(elsewhere.domain, derived));
    if (!holdsElsewhere)
      return failed(
        `it holds for the sizes that it was derived at only (${sizesOf(derived)}), so nothing was inserted. What forward computes is another formula for each size: ask sizes of tensors within operations on whole tensors, such as sum, matmul or cumsum, rather than in loops and tables.`,
      );
    // Where backward throws, the check does not count forward's inputs among those that are meant.
    if (!isOfKind(domain, derived))
      return failed(
        `it holds for ${domain} only, so nothing was inserted. Write one Function for each such kind of inputs.`,
      );
    const rest = kindsIn(derived.domain).filter(kind => !kindsIn(domain).includes(kind));
    const note =
      rest.length === 0
        ? null
        : `This backward is for ${domain}. Forward also takes ${rest.join(" or ")}: there backward throws.`;
    const inserted = longestIn(text!, written.edits);
    return { generated: { kind: "generated", ...written, inserted, note }, domain };
  }
}

interface Attempt {
  readonly generated: Generated;
  /** For which inputs the check calls it correct; null where it does not. */
  readonly domain: string | null;
}

function isGenerated(attempt: Attempt): boolean {
  return attempt.generated.kind === "generated";
}

/** The kinds of inputs that a text names: "x: (n, m); other ranks: x: (n,) or x: ()". */
function kindsIn(domain: string | null): string[] {
  return domain?.split(/; other ranks: | or | …/).filter(kind => kind !== "") ?? [];
}

/** Whether a domain begins with the kind of inputs that was derived at. */
function isOfKind(domain: string | null, { domain: whole, inputs }: Derived): boolean {
  if (domain === null || whole === null) return false;
  const [own, derived] = [ranksIn(domain), ranksIn(whole)];
  const traced = inputs.flatMap(({ shape }) => (shape === null ? [] : [shape.length])).join();
  return own === ANY || own === (derived === ANY ? traced : derived);
}

/** "x: (3, 4)" */
function sizesOf({ inputs }: Derived): string {
  return inputs
    .flatMap(({ name, shape }) => (shape === null ? [] : [`${name}: (${shape.join(", ")})`]))
    .join(", ");
}

const ANY = "any";

/** "x: (n, m), A: (m, m); …" → "2,2" */
function ranksIn(domain: string): string {
  const [first] = domain.split(";");
  if (first!.includes("any shape")) return ANY;
  const shapes = [...first!.matchAll(/\(([^()]*)\)/g)];
  return shapes.map(([, sizes]) => sizes!.split(",").filter(size => size.trim() !== "").length).join();
}

/** Expected, what came, what to do. */
function underivable(of: string, { name }: DerivableSite, reason: string, code: string): Generated {
  const equation = /\b(while|for)\b/.test(code) || /\bresidual\b/.test(code);
  const advice = equation ? "" : " Compute with operations on tensors alone: where() for a branch, for one.";
  return {
    ...refused(`No ${of} could be derived for ${name}. ${sentence(reason)}${advice}`),
    equation,
  };
}

function write(
  file: string,
  text: string,
  wanted: Wanted,
  site: DerivableSite,
  derivation: Derivation,
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
  return wanted === "function" ? "A custom Function for" : wanted === "jvp" ? "A jvp for" : "A backward for";
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

function refused(message: string): Extract<Generated, { kind: "refused" }> {
  return { kind: "refused", message: message.trim(), equation: false };
}
