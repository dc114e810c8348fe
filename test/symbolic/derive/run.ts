/**
 * @file The command: for each rule the backward that is derived from its forward, as maths and as TypeScript, judged, and counted
 * beside the rule's own.
 *
 *     npm run derive -- [--rules DIR] [--rule NAME] [--json]
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { dispose } from "../../verdict/mutants/examination.ts";
import { RulesError, readRules } from "../../verdict/mutants/rules.ts";
import { deriveRule } from "./derived-rule.ts";
import { passes, print, reportOf } from "./report.ts";

const HELP = `Usage: npm run derive -- [options]

Derives the backward of each rule from its forward, writes it as TypeScript, has the judge examine that text,
and counts its operations beside those of the rule's own backward.

  --rules DIR   folders or files of Functions (default: test/verdict/rules)
  --rule NAME   only these Functions: Linear, or linear.ts:Linear
  --json        print { rules, derived, correct, wrong, within, medianMs, details } instead of the table

Exit code: 0 when none is wrong and nine in ten are within the cost, else 1; 2 when the rules or options cannot be used.`;

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
      rules: {
        type: "string",
        multiple: true,
        default: [join(import.meta.dirname, "..", "..", "verdict", "rules")],
      },
      rule: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const wanted = values.rule;
  const rules = (await readRules(values.rules)).filter(
    ({ id, site }) => wanted === undefined || wanted.includes(id) || wanted.includes(site.name),
  );
  if (rules.length === 0) throw new RulesError(`no Function of the rules is called ${wanted!.join(" or ")}`);
  const details = [];
  for (const [i, rule] of rules.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${i + 1}/${rules.length} ${rule.id}`);
    details.push(await deriveRule(rule));
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  await dispose();
  const report = reportOf(details);
  console.log(values.json ? JSON.stringify(report, null, 2) : print(report));
  return passes(report) ? 0 : 1;
}
