/** @file The checker in this process: the one road from a text to its findings, walked by the editor's worker and the command line. */

import type { Checker, CheckOptions, FunctionSite, ReadText } from "./checker.ts";
import type { Finding, Judgement, Range } from "./finding.ts";
import { judgementOfEnding, judgementOfRefusal, judgementOfText } from "./judgement-of.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
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

export interface LocalChecker extends Checker {
  /** As `check`, with all that is known. */
  record(file: string, site: FunctionSite, options: CheckOptions, signal?: AbortSignal): Promise<CheckRecord>;
}

/** @param realm Path of the script that runs inside the sandbox's processes. */
export function createChecker({ realm, readText }: { realm: string; readText: ReadText }): LocalChecker {
  return checkerOn(createRuntime(realm), readText);
}

/** Several checkers can share a runtime, each with its own view of the texts. */
export function checkerOn({ bundler, sandbox, dispose }: Runtime, readText: ReadText): LocalChecker {
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
      fixes: [],
      seed: options.seed,
      durationMs: Math.round(performance.now() - started),
    };
    return { finding, sources, logs };
  }

  async function judged(
    file: string,
    site: FunctionSite,
    { seed, limits }: CheckOptions,
    signal?: AbortSignal,
  ): Promise<{ judgement: Judgement } & Omit<CheckRecord, "finding">> {
    signal?.throwIfAborted();
    const known = judgementOfText(site);
    if (known) return { judgement: known, sources: [file], logs: [] };

    const bundle = await bundler.bundle(file, site, readText);
    signal?.throwIfAborted();
    if ("refused" in bundle) {
      return { judgement: judgementOfRefusal(site.name, bundle.refused), sources: null, logs: [] };
    }

    const parameters = site.forward?.parameters ?? null;
    const outcome = await sandbox.run(
      {
        script: bundle.script,
        name: site.name,
        parameters,
        gradOutputs: site.backward?.gradOutputs ?? null,
        seed,
      },
      limits,
      signal,
    );
    if (outcome.kind === "cancelled")
      throw signal?.reason ?? new DOMException("The check was cancelled.", "AbortError");
    return {
      judgement: judgementOfEnding(site.name, outcome),
      sources: [file, ...bundle.inputs.filter(input => input !== file)],
      logs: outcome.logs,
    };
  }

  return {
    functions: (file, text) => findFunctions(file, text, readText),
    check: async (...request) => (await record(...request)).finding,
    record,
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
