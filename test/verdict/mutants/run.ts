/**
 * @file The command: the judge against rules that are right, and against mutants of them.
 *
 *     npm run mutants -- [--rules DIR] [--seeds N] [--rule NAME] [--mutant NAME] [--json]
 */

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { tryAll } from "./crew.ts";
import { passes, print, reportOf } from "./report.ts";
import { type Rule, RulesError, readRules } from "./rules.ts";

interface Options {
  rules: string[];
  seeds: number;
  rule?: string[];
  mutant?: string[];
  json: boolean;
}

const corpus = join(import.meta.dirname, "..");

const program = new Command("mutants")
  .description(
    "Has correct Functions judged, and mutants of them that provably return another vector–Jacobian product.",
  )
  .option("--rules <path...>", "folders or files of correct Functions", [
    join(corpus, "rules"),
    join(corpus, "hard-points.ts"),
  ])
  .addOption(
    new Option("--seeds <n>", "judge everything with the seeds 0 to n − 1").default(20).argParser(toCount),
  )
  .option("--rule <name...>", "only these Functions: Linear, or linear.ts:Linear")
  .option("--mutant <name...>", "only these mutants, or all of a kind: factor-1.0005, dropped-term")
  .option(
    "--json",
    "print { rules, mutants, caught, falseAlarms, inconclusive, missed } instead of the table",
    false,
  )
  .addHelpText(
    "after",
    `
A mutant is counted once it was shown, at points where the judge asks the rule's backward, that its backward runs,
gives gradients of the right number and shape, and other values than the rule's and than every mutant's before it.
It is caught if the verdict is "wrong" for every seed. False alarms and inconclusive verdicts are those about the
rules as they are, one for each seed.

Exit code: 0 when every mutant is caught and there is no false alarm, else 1; 2 when the rules or the options
cannot be used.`,
  )
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

await main(program.opts<Options>());

async function main({ rules: paths, seeds: count, rule: names, mutant: only, json }: Options): Promise<void> {
  let rules: Rule[];
  try {
    const all = await readRules(paths);
    rules = all.filter(
      ({ id, site }) => names === undefined || names.includes(id) || names.includes(site.name),
    );
    if (rules.length === 0) throw new RulesError(`no Function of the rules is called ${names!.join(" or ")}`);
  } catch (error) {
    if (!(error instanceof RulesError)) throw error;
    console.error(`mutants: ${error.message}`);
    process.exitCode = 2;
    return;
  }
  const seeds = Array.from({ length: count }, (_, seed) => seed);
  const results = await tryAll(rules, { seeds, ...(only && { only }) }, progress(rules.length));
  const report = reportOf(results);
  console.log(json ? JSON.stringify(report, null, 2) : print(report, count));
  process.exitCode = passes(report) ? 0 : 1;
}

/** A line that is written over, on a terminal only. */
function progress(total: number): (done: number, rule: Rule) => void {
  if (!process.stderr.isTTY) return () => {};
  return (done, { id }) => {
    process.stderr.write(done === total ? "\r\x1b[K" : `\r\x1b[K${done}/${total} ${id}`);
  };
}

function toCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number above 0.");
  return Number(text);
}
