/**
 * @file The command: for each rule the backward that is derived from its forward, as maths and as TypeScript, judged, and counted
 * beside the rule's own. Or, for each mistake, the cause that is named and the fix that is offered.
 *
 *     npm run derive -- [--mistakes] [--rules DIR] [--rule NAME] [--json]
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { readMistakes } from "../../verdict/mistakes.ts";
import { dispose } from "../../verdict/mutants/examination.ts";
import { type Rule, RulesError, readRules } from "../../verdict/mutants/rules.ts";
import { deriveRule } from "./derived-rule.ts";
import { explainAll } from "./explained-mistakes.ts";
import { mistakesPass, mistakesReport, printMistakes } from "./mistakes-report.ts";
import { passes, print, reportOf } from "./report.ts";

const OWN_RULES = [join(import.meta.dirname, "..", "..", "verdict", "rules")];

const HELP = `Usage: npm run derive -- [options]

Derives the backward of each rule from its forward, writes it as TypeScript, has the judge examine that text,
and counts its operations beside those of the rule's own backward.

  --mistakes    instead, of Functions with a wrong backward: the cause that the check names, beside the true one, and
                whether the fix that it offers is right, and no larger than the smallest that is known. Both stand
                in the comment of the class, if at all: @cause KIND, @edit \`BEFORE\` → \`AFTER\`
  --rules DIR   folders or files of Functions (default: test/verdict/rules; of mistakes, test/verdict/mistakes and planted)
  --rule NAME   only these Functions: Linear, or linear.ts:Linear
  --json        print { rules, derived, correct, wrong, within, medianMs, details } instead of the table; of mistakes,
                { mistakes, caught, causes, fixed, smallest, details }

Exit code: 0 when none is wrong and nine in ten are within the cost; of mistakes, when all are caught, and nine in ten have
their cause named, a verified fix, and the smallest edit where one is known; else 1; 2 when the rules or options cannot be used.`;

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage =
    error instanceof RulesError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  if (!isUsage) throw error;
  console.error(`derive: ${(error as Error).message}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mistakes: { type: "boolean", default: false },
      rules: { type: "string", multiple: true },
      rule: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  return values.mistakes ? explained(values) : derived(values);
}

interface Options {
  readonly rules?: string[];
  readonly rule?: string[];
  readonly json: boolean;
}

async function derived({ rules: paths = OWN_RULES, rule: wanted, json }: Options): Promise<number> {
  const rules = only(wanted, await readRules(paths));
  const details = [];
  for (const [i, rule] of rules.entries()) {
    progress(i, rules.length, rule);
    details.push(await deriveRule(rule));
  }
  progressDone();
  await dispose();
  const report = reportOf(details);
  console.log(json ? JSON.stringify(report, null, 2) : print(report));
  return passes(report) ? 0 : 1;
}

async function explained({ rules: paths, rule: wanted, json }: Options): Promise<number> {
  const mistakes = only(wanted, await readMistakes(paths));
  const details = await explainAll(mistakes, (done, next) => progress(done, mistakes.length, next));
  progressDone();
  const report = mistakesReport(details);
  console.log(json ? JSON.stringify(report, null, 2) : printMistakes(report));
  return mistakesPass(report) ? 0 : 1;
}

function only<R extends Rule>(wanted: readonly string[] | undefined, rules: readonly R[]): R[] {
  const left = rules.filter(
    ({ id, site }) => wanted === undefined || wanted.includes(id) || wanted.includes(site.name),
  );
  if (left.length > 0) return left;
  throw new RulesError(
    wanted === undefined
      ? "expected Functions with a backward, found none"
      : `no Function of the rules is called ${wanted.join(" or ")}`,
  );
}

function progress(done: number, all: number, { id }: Rule): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done + 1}/${all} ${id}`);
}

function progressDone(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}
