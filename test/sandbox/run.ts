/**
 * @file The command: the sandbox against a folder of attacks.
 *
 *     npm run escapes -- [--corpus DIR] [--attack NAME] [--node PATH] [--json] [--write-docs]
 *     npm run escapes -- --flood N
 */

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { buildSandbox } from "../../scripts/sandbox-bundle.ts";
import { openCanary } from "./canary.ts";
import { type Attack, CorpusError, readCorpus } from "./corpus.ts";
import { flood } from "./flood.ts";
import { writePage } from "./page.ts";
import { print, reportOf } from "./report.ts";
import { openRange, type Trial } from "./trial.ts";

interface Options {
  corpus: string[];
  attack?: string[];
  node?: string;
  json: boolean;
  writeDocs: boolean;
  flood?: number;
}

const here = import.meta.dirname;

const program = new Command("escapes")
  .description(
    "Has hostile modules checked on the road that every check takes, and looks at what they reached and at the check after.",
  )
  .option("--corpus <folder...>", "attacks and their corpus.json; default: the project's own", [
    join(here, "corpus"),
    join(here, "attacks"),
  ])
  .option("--attack <name...>", "only attacks whose file has this in its name")
  .option("--node <path>", "the Node that runs the sandbox's processes; default: the one that runs this")
  .option("--json", "print { attacks, breaches } instead of the misses", false)
  .option("--write-docs", "write the table in docs/ATTACKS.md", false)
  .addOption(
    new Option(
      "--flood <n>",
      "instead: so many checks at once, of which a third hang or fill memory",
    ).argParser(toCount),
  )
  .addHelpText(
    "after",
    `
Exit code: 0 when every attack ends as its corpus says and none reaches anything, else 1; 2 when the corpus or the
options cannot be used.`,
  )
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<Options>();
await (options.flood === undefined ? main(options) : floodOf(options.flood));

async function main({ corpus, attack: names, node, json, writeDocs }: Options): Promise<void> {
  let attacks: Attack[];
  try {
    attacks = corpus
      .flatMap(readCorpus)
      .filter(({ file }) => names === undefined || names.some(name => file.includes(name)));
    if (attacks.length === 0)
      throw new CorpusError(`no attack of the corpus is called ${names!.join(" or ")}`);
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    console.error(`escapes: ${error.message}`);
    process.exitCode = 2;
    return;
  }
  const report = reportOf(await tryAll(attacks, node));
  if (writeDocs) writePage(report);
  console.log(json ? JSON.stringify(report, null, 2) : print(report));
  process.exitCode = report.breaches > 0 || report.attacks.some(({ met }) => !met) ? 1 : 0;
}

async function floodOf(checks: number): Promise<void> {
  const canary = await openCanary();
  const realm = join(canary.workspace, "..", "sandbox.cjs");
  await buildSandbox(realm);
  const result = await flood(realm, checks);
  canary.dispose();
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = result.misjudged.length > 0 || result.processesLeft > 0 ? 1 : 0;
}

async function tryAll(attacks: readonly Attack[], node: string | undefined): Promise<Trial[]> {
  const canary = await openCanary();
  const realm = join(canary.workspace, "..", "sandbox.cjs");
  await buildSandbox(realm);
  const range = await openRange(realm, canary, node);
  const trials: Trial[] = [];
  try {
    for (const attack of attacks) {
      if (process.stderr.isTTY)
        process.stderr.write(`\r\x1b[K${trials.length} of ${attacks.length} ${attack.file}`);
      trials.push(await range.tryAttack(attack));
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    await range.dispose();
    canary.dispose();
  }
  return trials;
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
