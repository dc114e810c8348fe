/** @file One attack on the very road that a check takes, from text to finding, and the check that comes after it. */

import type { FunctionSite } from "../../extension/checker/checker.ts";
import { DEFAULT_LIMITS } from "../../extension/checker/limits.ts";
import { type CheckRecord, checkerOn, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { plainText } from "../../extension/checker/plain-text.ts";
import { createRuntime } from "../../extension/checker/runtime.ts";
import type { Limits } from "../../extension/checker/sandbox/job.ts";
import { readFromDisk, withBuffers } from "../../extension/checker/texts.ts";
import { adapted } from "./adapted.ts";
import type { Canary } from "./canary.ts";
import type { Attack } from "./corpus.ts";
import { attackedTarget, sentinelTarget, type Target } from "./workspace.ts";

export interface Trial extends Pick<Attack, "file" | "kind" | "expectation"> {
  /** How the check ended: a verdict, or the rule of an inconclusive one; `not bundled` where nothing was run. */
  outcome: string;
  met: boolean;
  /** What was handed back, or what the finding says. */
  detail: string;
  /** What the attack reached, none if all is well. */
  breaches: string[];
  durationMs: number;
}

export interface Range {
  tryAttack(attack: Attack): Promise<Trial>;
  dispose(): Promise<void>;
}

/** What must be stopped need not be waited for as long as what must end by itself on a busy machine. */
const ENDLESS_MS = 2_000;

/** The rules of checks that did not end by themselves. */
const STOPPED = new Set(["time-limit", "memory-limit", "sandbox-violation"]);
const SEED = 7;

/** @param execPath Node to run the sandbox with; by default the one that runs this. */
export async function openRange(realm: string, canary: Canary, execPath?: string): Promise<Range> {
  const runtime = createRuntime(realm, { execPath, running: 1 });

  async function record({ file, text, path }: Target, limits: Limits): Promise<CheckRecord> {
    const checker: LocalChecker = checkerOn(runtime, withBuffers({ [file]: text }, readFromDisk));
    const [site] = await checker.functions(file, text);
    if (site === undefined) throw new TypeError(`no Function was found in ${file}`);
    return checker.record(file, { ...site, path } satisfies FunctionSite, { seed: SEED, limits });
  }

  const sentinel = sentinelTarget(canary.workspace);
  const before = await record(sentinel, DEFAULT_LIMITS);
  if (before.finding.verdict !== "correct") throw new TypeError(`${before.finding.message}`);

  async function complaintsAfter(): Promise<string[]> {
    const { finding, logs } = await record(sentinel, DEFAULT_LIMITS);
    if (finding.verdict !== "correct") return [`the next check is ${outcomeOf(finding)}: ${finding.message}`];
    const same = logs.join("\n") === before.logs.join("\n");
    return same ? [] : [`the next check saw ${logs.join(" ")} where ${before.logs.join(" ")} was`];
  }

  return {
    async tryAttack(attack) {
      const { file, kind, expectation } = attack;
      const mark = `handed back ${crypto.randomUUID()}:`;
      const name = file.replace(/\W/g, "-");
      const target = attackedTarget(canary.workspace, name, adapted(canary.baited(attack.text)), mark);
      const timeMs = expectation === "terminated" ? ENDLESS_MS : DEFAULT_LIMITS.timeMs;
      const { finding, logs, sources } = await record(target, { ...DEFAULT_LIMITS, timeMs });
      const result = logs.findLast(line => line.startsWith(mark))?.slice(mark.length + 1) ?? null;
      const outcome = sources === null ? "not bundled" : outcomeOf(finding);
      const told = JSON.stringify({ ...finding, file: "" });
      const breaches = [
        ...(/PWNED/.test(`${result}${told}`) ? ["it says that it succeeded"] : []),
        ...canary.breaches(`${told}\n${logs.join("\n")}`),
        ...(await complaintsAfter()),
      ];
      return {
        file,
        kind,
        expectation,
        outcome,
        met:
          breaches.length === 0 &&
          meets(attack, outcome, result) &&
          (!attack.plain || plainText(told) === told),
        detail: [...breaches, result ?? finding.message].join("; "),
        breaches,
        durationMs: finding.durationMs,
      };
    },
    dispose: () => runtime.dispose(),
  };
}

function outcomeOf({ verdict, rule }: CheckRecord["finding"]): string {
  return verdict === "inconclusive" ? rule : verdict;
}

function meets(
  { expectation, alt, result, grad, verdictNot }: Attack,
  outcome: string,
  got: string | null,
): boolean {
  const ended = STOPPED.has(outcome) ? "stopped" : "by itself";
  const wanted = [expectation, alt].map(end => (end === "terminated" ? "stopped" : end && "by itself"));
  return (
    wanted.includes(ended) &&
    (result === undefined || (got !== null && new RegExp(result).test(got))) &&
    outcome !== verdictNot &&
    (grad === undefined || outcome === (grad ? "correct" : "wrong"))
  );
}
