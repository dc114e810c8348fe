/** @file Where a repair's changed texts are run: the road of a check, with another text in the place of the file's. */

import type { FunctionSite, ReadText } from "../checker.ts";
import type { Judgement } from "../finding.ts";
import type { Runtime } from "../runtime.ts";
import type { Trial } from "../sandbox/job.ts";
import { findFunctions } from "../source/functions.ts";
import type { Workshop } from "./repair.ts";

/** Judges the Function at a place, its texts read in this way. */
export type Judge = (readText: ReadText, site: FunctionSite) => Promise<Judgement>;

/**
 * Processor time that a job of a repair may use, as a part of the time that a check may take: small changes of real rules use a tenth of
 * it. A busy machine takes longer for the same, and finds the same fixes.
 */
const BUDGET = 0.3;
/** Time that may go by, as a multiple of what a check may take: for a change that makes a loop endless. */
const PATIENCE = 2;

/** Derives what the Function as it is should have. */
export type Derive = Workshop["derive"];

export interface WorkshopOptions {
  readonly runtime: Pick<Runtime, "bundler" | "sandbox">;
  readonly readText: ReadText;
  readonly file: string;
  /** The Function, in the text as it is. */
  readonly site: FunctionSite;
  readonly judge: Judge;
  readonly derive: Derive;
  readonly signal: AbortSignal | undefined;
}

/** Its methods reject only when `signal` is aborted. */
export function workshopFor({
  runtime,
  readText,
  file,
  site,
  judge,
  derive,
  signal,
}: WorkshopOptions): Workshop {
  const { bundler, sandbox } = runtime;

  return {
    derive,
    async attempt(rewrite, combinations, { seed, limits }) {
      const bundle = await bundler.bundle(file, site, readText, rewrite);
      signal?.throwIfAborted();
      if ("refused" in bundle) return null;
      const { name, notation, forward, backward } = site;
      const trial: Trial = {
        task: "try",
        script: bundle.script,
        name,
        parameters: forward?.parameters ?? null,
        gradOutputs: backward?.gradOutputs ?? null,
        notation,
        seed,
        combinations,
        budgetMs: Math.round(BUDGET * limits.timeMs),
      };
      const patient = { ...limits, timeMs: PATIENCE * limits.timeMs };
      const outcome = await sandbox.run(trial, patient, signal);
      signal?.throwIfAborted();
      return outcome.kind === "tried" ? outcome.tried : null;
    },
    async check(text) {
      const texts: ReadText = async path => (path === file ? text : readText(path));
      const sites = await findFunctions(file, text, texts);
      signal?.throwIfAborted();
      const key = site.path.join(".");
      const changed = sites.find(({ path }) => path.join(".") === key);
      return changed === undefined ? null : judge(texts, changed);
    },
  };
}
