/** @file The checker in this process: the one road from a text to its findings, walked by the editor's worker and the command line. */

import type { Refusal } from "./bundle/refusal.ts";
import {
  type Checker,
  type CheckOptions,
  type DerivableSite,
  type FunctionSite,
  isReduction,
  type ReadText,
  type ReductionSite,
  type Site,
} from "./checker.ts";
import {
  findReductions,
  judgementOfReduction,
  notRun,
  prepareReduction,
} from "./cross-terms/reduction-check.ts";
import { TARGET } from "./cross-terms/script.ts";
import type { Derived } from "./derivation.ts";
import type { Finding, Fix, Judgement, Range } from "./finding.ts";
import {
  derivedOf,
  type Ending,
  type FunctionEnding,
  judgementOfEnding,
  judgementOfRefusal,
  judgementOfText,
} from "./judgement-of.ts";
import { PLAIN_NOTATION } from "./notation.ts";
import { repair, type Wrong } from "./repair/repair.ts";
import { type Derive, type Judge, workshopFor } from "./repair/workshop.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
import type { Task } from "./sandbox/job.ts";
import { findFunctions } from "./source/functions.ts";
import { tellingForward } from "./write/telling.ts";

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
  /** Whether it is to be written into the text: then it uses what forward has, by the names of its text. Default: false. */
  written?: boolean;
}

export interface JudgeOptions extends CheckOptions {
  /** Of the inputs: those of a check, or others. Default: "usual". */
  sizes?: "usual" | "other";
}

export interface LocalChecker extends Checker {
  /** As `check`, with all that is known. */
  record(file: string, site: Site, options: CheckOptions, signal?: AbortSignal): Promise<CheckRecord>;
  /** The verdict alone, without fixes for a wrong one. */
  judgement(
    file: string,
    site: FunctionSite,
    options: JudgeOptions,
    signal?: AbortSignal,
  ): Promise<Judgement>;
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

/** A hint is not worth more of anybody's time. */
const REDUCTION_MS = 3000;

export function createChecker({ realm, readText, ...options }: CheckerOptions): LocalChecker {
  return checkerOn(createRuntime(realm, options), readText);
}

/** Several checkers can share a runtime, each with its own view of the texts. */
export function checkerOn(runtime: Runtime, readText: ReadText): LocalChecker {
  const { bundler, sandbox, dispose } = runtime;

  async function record(
    file: string,
    site: Site,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<CheckRecord> {
    const started = performance.now();
    const { judgement, fixes, sources, logs } = isReduction(site)
      ? await judgedReduction(file, site, options, signal)
      : await judgedFunction(file, site, options, signal);
    const finding: Finding = {
      ...judgement,
      name: site.name,
      file,
      range: isReduction(site) ? site.range : placeOf(judgement, site),
      fixes,
      seed: options.seed,
      durationMs: Math.round(performance.now() - started),
    };
    return { finding, sources, logs };
  }

  async function judgedFunction(
    file: string,
    site: FunctionSite,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<{ judgement: Judgement; fixes: Fix[] } & Omit<CheckRecord, "finding">> {
    const made = await judged(file, site, options, signal);
    const { judgement } = made;
    const found = judgement.verdict === "wrong" ? await fixes(judgement, file, site, options, signal) : [];
    return { ...made, fixes: found };
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
    const deriveFor: Derive = async of =>
      (await derive(file, site, { ...options, of, written: true }, signal)).derived.derivation;
    const workshop = workshopFor({
      runtime,
      readText,
      file,
      site,
      judge,
      derive: deriveFor,
      signal,
    });
    return repair(judgement, { ...options, file, text, site }, workshop);
  }

  async function judged(
    file: string,
    site: FunctionSite,
    { seed, limits, sizes = "usual" }: JudgeOptions,
    signal?: AbortSignal,
    texts = readText,
  ): Promise<{ judgement: Judgement } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const known = judgementOfText(site);
    if (known) return { judgement: known, sources: [file], logs: [] };

    const { ended, ...rest } = await run(
      file,
      site,
      sizes === "usual" ? "check" : "check-elsewhere",
      { seed, limits },
      signal,
      texts,
    );
    const judgement =
      "refused" in ended
        ? judgementOfRefusal(site.name, ended.refused)
        : judgementOfEnding(site.name, ended as Exclude<FunctionEnding, { kind: "derived" }>);
    return { judgement, ...rest };
  }

  async function derive(
    file: string,
    site: DerivableSite,
    { of, written = false, seed, limits }: DeriveOptions,
    signal?: AbortSignal,
  ): Promise<DeriveRecord> {
    const rewrite = written ? tellingForward(file, site) : undefined;
    const { ended, ...rest } = await run(
      file,
      site,
      `derive-${of}`,
      { seed, limits },
      signal,
      readText,
      rewrite,
    );
    return { derived: derivedOf(site.name, ended as FunctionEnding | Refusal), ...rest };
  }

  async function judgedReduction(
    file: string,
    site: ReductionSite,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<{ judgement: Judgement; fixes: Fix[] } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const text = await readText(file);
    const reduction = text === undefined ? undefined : prepareReduction(file, text, site.range);
    if (!reduction) return { judgement: notRun(site), fixes: [], sources: [file], logs: [] };
    const { name, range } = site;
    const forward = { nameRange: range, parameters: reduction.parameters };
    const made = { name, path: [TARGET], range, nameRange: range, forward, notation: PLAIN_NOTATION };
    const limits = { ...options.limits, timeMs: Math.min(options.limits.timeMs, REDUCTION_MS) };
    const { ended, ...rest } = await run(file, made, "cross-terms", { ...options, limits }, signal, path =>
      path === file ? Promise.resolve(reduction.text) : readText(path),
    );
    if ("refused" in ended || ended.kind !== "measured")
      return { judgement: notRun(site), fixes: [], ...rest };
    return { ...judgementOfReduction(site, ended.crossTerms, reduction), ...rest };
  }

  /** The road from a text to the end of a job. */
  async function run(
    file: string,
    site: DerivableSite,
    task: Task,
    { seed, limits }: CheckOptions,
    signal: AbortSignal | undefined,
    texts = readText,
    rewrite?: (text: string) => string,
  ): Promise<{ ended: Ending | Refusal } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const bundle = await bundler.bundle(file, site, texts, rewrite);
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
    reductions: findReductions,
    check: async (...request) => (await record(...request)).finding,
    record,
    judgement: async (...request) => (await judged(...request)).judgement,
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
