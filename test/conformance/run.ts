/**
 * @file The command: the engine against a folder of reference vectors.
 *
 *     npm run conformance -- [--vectors DIR] [--json] [--op NAME] [--failures N]
 */

import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type OpResult, runOp } from "./op.ts";
import { print, reportOf } from "./report.ts";
import { nameOf, readVectors, VectorsError } from "./vectors.ts";

interface Options {
  vectors: string;
  json: boolean;
  op?: string[];
  failures: number;
}

const program = new Command("conformance")
  .description(
    "Evaluates samples of PyTorch's ops with the engine and holds outputs, gradients, jvp and hvp against PyTorch's.",
  )
  .option(
    "--vectors <folder>",
    "op files (*.json), and index.json if there is one; default: the project's own",
    join(import.meta.dirname, "vectors"),
  )
  .option("--json", "print { ops, passed, failed, missing } instead of the tables", false)
  .option("--op <name...>", "only these ops, such as linalg.qr, or one variant: div__floor_rounding")
  .addOption(
    new Option("--failures <n>", "failing samples to print of each op").default(1).argParser(toCount),
  )
  .addHelpText(
    "after",
    `
An op that the engine does not have is missing: its samples are not run and count neither as passed nor as
failed. An op that index.json names without a file must exist, no more.

The tables give passed/all samples. Those that test torch's conventions rather than calculus have columns
of their own: edge (kinks, ties, poles), extremal (inf and nan), convention (gradients of symmetric matrices).
Errors are in units of what the tolerance allows: more than 1 fails, ∞ is a wrong NaN, infinity or integer.

Exit code: 0 when every sample passes and no op is missing; 1 when one fails or is missing; 2 when the
vectors or the options cannot be used.`,
  )
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

main(program.opts<Options>());

function main({ vectors, json, op, failures }: Options): void {
  let results: OpResult[];
  try {
    const all = readVectors(vectors);
    const wanted = op === undefined ? all : all.filter(v => op.includes(v.op) || op.includes(nameOf(v)));
    if (wanted.length === 0) throw new VectorsError(`no op of the vectors is called ${op!.join(" or ")}`);
    results = wanted.map(runOp);
  } catch (error) {
    if (!(error instanceof VectorsError)) throw error;
    console.error(`conformance: ${error.message}`);
    process.exitCode = 2;
    return;
  }
  const report = reportOf(results);
  console.log(json ? JSON.stringify(report, null, 2) : print(results, failures));
  process.exitCode = report.failed > 0 || report.missing.length > 0 ? 1 : 0;
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
