/** @file What VS Code calls in its extension host (`extensionTestsPath`): runs the suites beside it with mocha. */

import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MochaOptions, Test } from "mocha";
import { type HostResults, resultsVariable } from "./results.ts";

/** The base reporter prints nothing. A second try is shown, as in the suites that drive VS Code from outside. */
const options: MochaOptions = {
  ui: "bdd",
  timeout: 120_000,
  retries: 1,
  forbidOnly: true,
  reporter: "base",
};

export async function run(): Promise<void> {
  const results: HostResults = { passed: [], failed: [], retried: [], skipped: [] };
  try {
    await runSuites(results);
    const count = results.passed.length + results.failed.length + results.skipped.length;
    if (count === 0) throw new Error("no tests were found");
  } catch (error) {
    results.broken = describe(error);
  }
  publish(results);
  if (results.broken || results.failed.length > 0)
    throw new Error(results.broken ?? `${results.failed.length} failed`);
}

async function runSuites(results: HostResults): Promise<void> {
  // Mocha is an ES module, this bundle is not: VS Code asks for CommonJS here.
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha(options);
  const suites = join(import.meta.dirname, "suites");
  for (const file of readdirSync(suites).filter(name => name.endsWith(".cjs")))
    mocha.addFile(join(suites, file));
  await mocha.loadFilesAsync();
  await new Promise<void>(resolve => {
    const runner = mocha.run(() => resolve());
    const title = (test: Test): string => test.titlePath().join(" › ");
    runner.on("pass", test => results.passed.push(title(test)));
    runner.on("fail", (test, error) => results.failed.push({ title: title(test), error: describe(error) }));
    runner.on("retry", (test, error) => results.retried.push({ title: title(test), error: describe(error) }));
    runner.on("pending", test => results.skipped.push(title(test)));
  });
}

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Whole or not at all: the other side waits for the file to appear. */
function publish(results: HostResults): void {
  const file = process.env[resultsVariable];
  if (!file) throw new Error(`${resultsVariable} does not name the file for the results`);
  writeFileSync(`${file}.part`, JSON.stringify(results, null, 2));
  renameSync(`${file}.part`, file);
}
