/**
 * @file The command: mutated inputs for all that reads what others wrote.
 *
 *     npm run fuzz -- [--runs N] [--target NAME] [--seed N]
 *
 * Each target runs in a thread, so that an input it never comes back from is seen and told.
 */

import { inspect } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Command, InvalidArgumentError, Option } from "commander";
import { targets } from "./targets.ts";

interface Options {
  runs: number;
  target?: string[];
  seed: number;
}

interface Work {
  name: string;
  runs: number;
  seed: number;
}

const HANG_MS = 30_000;

if (isMainThread) await main();
else await work(workerData as Work);

async function main(): Promise<void> {
  const {
    runs,
    target: names,
    seed,
  } = new Command("fuzz")
    .description(
      "Feeds mutated inputs to the source reader, the bundler's plugin, the protocol and the finding decoder.",
    )
    .addOption(new Option("--runs <n>", "inputs for each target").default(100_000).argParser(toCount))
    .addOption(new Option("--target <name...>", "only these").choices(targets.map(({ name }) => name)))
    .addOption(new Option("--seed <n>", "the same seed gives the same inputs").default(0).argParser(toCount))
    .addHelpText(
      "after",
      "\nExit code: 0 when every input was taken, 1 when one crashed or hung its target, 2 for a bad option.",
    )
    .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse()
    .opts<Options>();
  for (const { name } of targets) {
    if (names !== undefined && !names.includes(name)) continue;
    const started = performance.now();
    const failure = await fuzzed({ name, runs, seed });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(
      failure ?? `${name}: ${runs.toLocaleString("en-US")} inputs in ${seconds} s, no crash, no hang`,
    );
    if (failure !== null) process.exitCode = 1;
  }
}

/** What was wrong, or null. */
function fuzzed(work: Work): Promise<string | null> {
  return new Promise(resolve => {
    const worker = new Worker(new URL(import.meta.url), { workerData: work });
    let last: unknown = "the first one";
    let timer: NodeJS.Timeout;
    const end = (failure: string | null) => {
      clearTimeout(timer);
      void worker.terminate().then(() => resolve(failure));
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(
        () => end(`${work.name}: hangs at ${inspect(last, { depth: 8, maxStringLength: null })}`),
        HANG_MS,
      );
    };
    wait();
    worker.on("message", ({ input }: { input: unknown }) => {
      last = input;
      wait();
    });
    worker.once("error", error =>
      end(`${work.name}: ${error instanceof Error ? error.message : inspect(error)}`),
    );
    worker.once("exit", code => end(code === 0 ? null : `${work.name}: its thread ended with code ${code}`));
  });
}

async function work({ name, runs, seed }: Work): Promise<void> {
  const { fuzz } = targets.find(target => target.name === name)!;
  await fuzz(runs, seed, input =>
    parentPort!.postMessage({ input: inspect(input, { maxStringLength: 10_000 }) }),
  );
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}
