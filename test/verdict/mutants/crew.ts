/** @file Rules shared out among threads, as many as there are cores. What does not end costs its thread, no more. */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Rule } from "./rules.ts";
import type { Answer, Doing, MutantResult, RuleResult, TrialOptions } from "./trial.ts";
import type { FromWorker, ToWorker } from "./worker.ts";

/** What gives no sign of life for so long counts as something that does not end. */
const SILENCE_MS = 90_000;

/**
 * @param report is told of each rule as it is done
 * @param silenceMs how long a thread may go without a sign of life
 */
export async function tryAll(
  rules: readonly Rule[],
  options: TrialOptions,
  report: (done: number, rule: Rule) => void,
  silenceMs = SILENCE_MS,
): Promise<RuleResult[]> {
  const results = new Map<Rule, RuleResult>();
  const waiting = [...rules];
  const work = async (): Promise<void> => {
    let thread = new Thread(silenceMs);
    for (let rule = waiting.shift(); rule !== undefined; rule = waiting.shift()) {
      const endless: Endless[] = [];
      for (;;) {
        const without = [...(options.without ?? []), ...endless.map(({ mutant }) => mutant)];
        const outcome = await thread.try(rule, { ...options, without });
        if (outcome !== null && !("doing" in outcome)) {
          results.set(rule, withEndless(outcome, endless, options));
          break;
        }
        thread = new Thread(silenceMs);
        if (outcome === null) {
          results.set(rule, { rule: rule.id, answers: options.seeds.map(unended), mutants: [] });
          break;
        }
        endless.push(outcome);
      }
      report(results.size, rule);
    }
    await thread.end();
  };
  const threads = Math.min(availableParallelism(), rules.length);
  await Promise.all(Array.from({ length: threads }, work));
  return rules.map(rule => results.get(rule)!);
}

/** A mutant that did not end, and what was being done to it. */
interface Endless {
  readonly mutant: string;
  readonly doing: Doing;
}

/** One whose own backward does not end is no mutant; one at which the judge does not end is missed. */
function withEndless(result: RuleResult, endless: readonly Endless[], { seeds }: TrialOptions): RuleResult {
  const missed = endless
    .filter(({ doing }) => doing === "judged")
    .map(({ mutant }): MutantResult => {
      return { name: mutant, kind: mutant.split(" ")[0]!, missed: [unended(seeds[0]!)] };
    });
  return { ...result, mutants: [...result.mutants, ...missed] };
}

function unended(seed: number): Answer {
  return { seed, verdict: "inconclusive", rule: "time-limit", message: "the check did not end" };
}

class Thread {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), {
    execArgv: ["--conditions=source"],
  });
  readonly #silenceMs: number;

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** @returns the mutant at which the thread fell silent, null if that was the rule itself; the thread is then gone */
  try(rule: Rule, options: TrialOptions): Promise<RuleResult | Endless | null> {
    return new Promise((resolve, reject) => {
      let last: Endless | null = null;
      const done = (): void => {
        clearTimeout(timer);
        this.#worker.off("message", take);
        this.#worker.off("error", fail);
      };
      const silence = (): void => {
        done();
        void this.#worker.terminate();
        resolve(last);
      };
      const fail = (error: unknown): void => {
        done();
        reject(error);
      };
      const take = (message: FromWorker): void => {
        if (message.kind === "progress") {
          const { mutant, doing } = message;
          last = mutant === null ? null : { mutant, doing };
          timer.refresh();
        } else if (message.kind === "tried") {
          done();
          resolve(message.result);
        } else fail(message.error);
      };
      const timer = setTimeout(silence, this.#silenceMs);
      this.#worker.on("message", take);
      this.#worker.on("error", fail);
      this.#post({ rule, options });
    });
  }

  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#worker.once("exit", resolve));
    this.#post("end");
    await ended;
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
