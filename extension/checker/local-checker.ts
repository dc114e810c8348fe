/** @file The checker in this process: the one road from a text to its findings, walked by the editor's worker and the command line. */

import type { Refusal } from "./bundle/refusal.ts";
import type { Checker, CheckOptions, DerivableSite, FunctionSite, ReadText } from "./checker.ts";
import type { Derived } from "./derivation.ts";
import type { Finding, Fix, Judgement, Range } from "./finding.ts";
import {
  derivedOf,
  type Ending,
  judgementOfEnding,
  judgementOfRefusal,
  judgementOfText,
} from "./judgement-of.ts";
import { repair, type Wrong } from "./repair/repair.ts";
import { type Judge, workshopFor } from "./repair/workshop.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
import type { Task } from "./sandbox/job.ts";
import { findFunctions } from "./source/functions.ts";

/** A finding with what it rests on, and what was printed on the way to it. */
export interface CheckRecord {
  finding: Finding;
  /**
   * Absolute paths of the files that went into it, its own first: a change of any makes it stale. Null where that is
   * not known, as a file was missing or broken: then any change may.
   */
  sources: readonly string[] | null;
  /** Lines that the Function wrote to the console. */
  logs: readonly string[];
}

/** A derivative, with what it rests on. */
export interface DeriveRecord extends Omit<CheckRecord, "finding"> {
  derived: Derived;
}

export interface DeriveOptions extends CheckOptions {
  /** What backward should be, what jvp should be, or, of a loss, its gradient. */
  of: "backward" | "jvp" | "gradient";
}

export interface LocalChecker extends Checker {
  /** As `check`, with all that is known. */
  record(file: string, site: FunctionSite, options: CheckOptions, signal?: AbortSignal): Promise<CheckRecord>;
  /** What a Function's backward or jvp, or that of a plain function's Function, should be. It need not have one. */
  derive(
    file: string,
    site: DerivableSite,
    options: DeriveOptions,
    signal?: AbortSignal,
  ): Promise<DeriveRecord>;
}

export interface CheckerOptions extends RuntimeOptions {
  /** Path of the script that runs inside the sandbox's processes. */
  realm: string;
  readText: ReadText;
}

export function createChecker({ realm, readText, ...options }: CheckerOptions): LocalChecker {
  return checkerOn(createRuntime(realm, options), readText);
}

/** Several checkers can share a runtime, each with its own view of the texts. */
export function checkerOn(runtime: Runtime, readText: ReadText): LocalChecker {
  const { bundler, sandbox, dispose } = runtime;

  async function record(
    file: string,
    site: FunctionSite,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<CheckRecord> {
    const started = performance.now();
    const { judgement, sources, logs } = await judged(file, site, options, signal);
    const finding: Finding = {
      ...judgement,
      name: site.name,
      file,
      range: placeOf(judgement, site),
      fixes: judgement.verdict === "wrong" ? await fixes(judgement, file, site, options, signal) : [],
      seed: options.seed,
      durationMs: Math.round(performance.now() - started),
    };
    return { finding, sources, logs };
  }

  async function fixes(
    judgement: Wrong,
    file: string,
    site: FunctionSite,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<Fix[]> {
    const text = await readText(file);
    if (text === undefined) return [];
    const judge: Judge = async (texts, changed) =>
      (await judged(file, changed, options, signal, texts)).judgement;
    const workshop = workshopFor({ runtime, readText, file, site, judge, signal });
    return repair(judgement, { ...options, file, text, site }, workshop);
  }

  async function judged(
    file: string,
    site: FunctionSite,
    { seed, limits }: CheckOptions,
    signal?: AbortSignal,
    texts = readText,
  ): Promise<{ judgement: Judgement } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const known = judgementOfText(site);
    if (known) return { judgement: known, sources: [file], logs: [] };

    const { ended, ...rest } = await run(file, site, "check", { seed, limits }, signal, texts);
    const judgement =
      "refused" in ended
        ? judgementOfRefusal(site.name, ended.refused)
        : judgementOfEnding(site.name, ended as Exclude<Ending, { kind: "derived" }>);
    return { judgement, ...rest };
  }

  async function derive(
    file: string,
    site: DerivableSite,
    { of, seed, limits }: DeriveOptions,
    signal?: AbortSignal,
  ): Promise<DeriveRecord> {
    const { ended, ...rest } = await run(file, site, `derive-${of}`, { seed, limits }, signal);
    return { derived: derivedOf(site.name, ended), ...rest };
  }

  /** The road from a text to the end of a job. */
  async function run(
    file: string,
    site: DerivableSite,
    task: Task,
    { seed, limits }: CheckOptions,
    signal: AbortSignal | undefined,
    texts = readText,
  ): Promise<{ ended: Ending | Refusal } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const bundle = await bundler.bundle(file, site, texts);
    signal?.throwIfAborted();
    if ("refused" in bundle) return { ended: bundle, sources: null, logs: [] };
    const { name, notation, forward } = site;
    const job = {
      task,
      script: bundle.script,
      name,
      parameters: forward?.parameters ?? null,
      gradOutputs: ("backward" in site && site.backward?.gradOutputs) || null,
      notation,
      seed,
    };
    const ended = await sandbox.run(job, limits, signal);
    if (ended.kind === "tried") throw new TypeError(`expected an answer to ${task}, got alternatives tried`);
    if (ended.kind === "cancelled")
      throw signal?.reason ?? new DOMException("The check was cancelled.", "AbortError");
    const sources = [file, ...bundle.inputs.filter(input => input !== file)];
    return { ended, sources, logs: ended.logs };
  }

  return {
    functions: (file, text) => findFunctions(file, text, readText),
    check: async (...request) => (await record(...request)).finding,
    record,
    derive,
    dispose,
  };
}

/** What a finding is about, as a place in the text. */
function placeOf({ verdict, rule }: Judgement, { backward, forward, nameRange }: FunctionSite): Range {
  if (verdict === "wrong") return backward?.returns[0] ?? backward?.nameRange ?? nameRange;
  if (rule === "cannot-bundle" || rule === "sandbox-violation") return nameRange;
  if (rule === "forward-throws" || rule === "no-inputs-found") return forward?.nameRange ?? nameRange;
  return backward?.nameRange ?? nameRange;
}
