/** @file A thread that tries one rule after another. */

import { parentPort } from "node:worker_threads";
import { dispose } from "./examination.ts";
import type { Rule } from "./rules.ts";
import { type Doing, type RuleResult, type TrialOptions, tryRule } from "./trial.ts";

export type ToWorker = { readonly rule: Rule; readonly options: TrialOptions } | "end";

export type FromWorker =
  | { readonly kind: "progress"; readonly mutant: string | null; readonly doing: Doing }
  | { readonly kind: "tried"; readonly result: RuleResult }
  | { readonly kind: "failed"; readonly error: unknown };

parentPort?.on("message", async (message: ToWorker) => {
  const send = (answer: FromWorker): void => parentPort?.postMessage(answer);
  if (message === "end") {
    await dispose();
    parentPort?.close();
    return;
  }
  try {
    const result = await tryRule(message.rule, message.options, (mutant, doing) =>
      send({ kind: "progress", mutant, doing }),
    );
    send({ kind: "tried", result });
  } catch (error) {
    send({ kind: "failed", error });
  }
});
