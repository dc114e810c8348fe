/** @file The command line's grammar. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../checker/limits.ts";
import type { Limits } from "../checker/sandbox/job.ts";

export const FORMATS = ["pretty", "json"] as const;

export interface CheckArguments {
  paths: string[];
  format: (typeof FORMATS)[number];
  seed: number;
  limits: Limits;
  /** Whether what is known from an earlier run need not be run again. */
  cached: boolean;
}

interface Given {
  format: CheckArguments["format"];
  seed: number;
  timeLimit: number;
  memoryLimit: number;
  cache: boolean;
}

export type Parsed =
  | { kind: "check"; arguments: CheckArguments }
  /** Help or the version was asked for and has been written. */
  | { kind: "told" }
  /** What is wrong with the arguments, in one line. */
  | { kind: "unusable"; message: string };

/** @param out Takes help and version. */
export function parse(argv: readonly string[], out: (text: string) => void): Parsed {
  let parsed: Parsed = { kind: "told" };
  const program = new Command("gradient-lens")
    .description("Checks that the backward of each custom autograd Function is the true VJP of its forward.")
    .version(manifest.version, "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: () => {} });

  program
    .command("check")
    .description("Check the Functions in files and folders; by default, in the working directory.")
    .argument("[paths...]", "files, and folders that are searched (but for node_modules, dist and .folders)")
    .addOption(new Option("--format <format>", "what to print").choices(FORMATS).default("pretty"))
    .addOption(
      new Option("--seed <n>", "seed of the inputs; the same seed gives the same findings")
        .default(DEFAULT_SEED)
        .argParser(seed),
    )
    .addOption(
      new Option("--time-limit <seconds>", "stop the check of a Function after this time")
        .default(DEFAULT_LIMITS.timeMs / 1000)
        .argParser(text => atLeast(0.1, text)),
    )
    .addOption(
      new Option("--memory-limit <megabytes>", "stop the check of a Function at this size")
        .default(DEFAULT_LIMITS.memoryMb)
        .argParser(text => atLeast(100, text)),
    )
    .option("--no-cache", "run every Function, known from an earlier run or not")
    .addHelpText(
      "after",
      "\nExit code: 0 nothing is wrong, 1 a backward is wrong, 2 the check could not run.",
    )
    .action((paths: string[], { format, seed, timeLimit, memoryLimit, cache }: Given) => {
      const limits = { timeMs: timeLimit * 1000, memoryMb: memoryLimit };
      parsed = {
        kind: "check",
        arguments: { paths: paths.length > 0 ? paths : ["."], format, seed, limits, cached: cache },
      };
    });

  if (argv.length === 0)
    return {
      kind: "unusable",
      message: 'expected a command; try "gradient-lens check" or "gradient-lens --help"',
    };
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) return { kind: "unusable", message: inOneLine(error.message) };
  }
  return parsed;
}

function seed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new InvalidArgumentError("Expected an integer from 0 to 4294967295.");
}

function atLeast(least: number, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= least) return value;
  throw new InvalidArgumentError(`Expected a number, at least ${least}.`);
}

/** Commander begins with "error:" and puts its suggestion on a second line. */
function inOneLine(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(/\s+/g, " ")
    .trim();
}
