/** @file Runs vitest for people to read and counts what it reports. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { inCache, inProject, nodeExecutable, root } from "./project.ts";
import type { Tally } from "./tally.ts";

/** The part of vitest's JSON report that is counted; its format is Jest's. */
interface Report {
  numPassedTests: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

export function runVitest(name: string, config: string, args: string[]): Tally {
  const file = inCache("results", `${name}.json`);
  rmSync(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const vitest = inProject("node_modules", "vitest", "vitest.mjs");
  const { status } = spawnSync(nodeExecutable, [vitest, "run", `--config=${config}`, ...reporters, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (!existsSync(file)) return { passed: 0, failed: 1 };

  const { numPassedTests, testResults } = JSON.parse(readFileSync(file, "utf8")) as Report;
  const others = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== "passed");
  for (const { fullName } of others.filter(({ status }) => status !== "failed")) {
    console.error(`Skipped, which counts as failed: ${fullName}`);
  }
  // A file that does not load, or an error outside of any test, has no test to be counted by.
  const failed = others.length > 0 ? others.length : Number(status !== 0);
  return { passed: numPassedTests, failed };
}
