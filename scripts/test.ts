/**
 * @file Builds what ships and proves it: types, lint and format; the tests of the parts; then the extension in a real
 * VS Code. The last line is the sum: `N passed, N failed`.
 *
 *     npm test [-- check | unit | editor] [arguments for vitest: a path, -u …]
 */

import { spawnSync } from "node:child_process";
import { runHostSuite } from "../test/editor/host-suite.ts";
import { installServer } from "../test/editor/server-install.ts";
import { build } from "./build.ts";
import { root } from "./project.ts";
import { single, sum, type Tally } from "./tally.ts";
import { runVitest } from "./vitest-run.ts";

type Part = (args: string[]) => Tally | Promise<Tally>;

const parts: Record<string, Part> = {
  check: () =>
    single(spawnSync("npm run --silent check", { cwd: root, stdio: "inherit", shell: true }).status === 0),
  unit: args => runVitest("unit", "vitest.config.ts", args),
  editor: async args => {
    await installServer();
    return sum([await attempt(runInHost), runVitest("editor", "test/editor/vitest.config.ts", args)]);
  },
};

async function runInHost(): Promise<Tally> {
  const { passed, failed, retried, skipped, broken } = await runHostSuite({ files: "examples" });
  for (const { title, error } of retried) console.warn(`Tried twice: ${title}\n${error}\n`);
  for (const { title, error } of failed) console.error(`✗ ${title}\n${error}\n`);
  for (const title of skipped) console.error(`Skipped, which counts as failed: ${title}`);
  if (broken) console.error(`The suite in the extension host broke: ${broken}`);
  console.log(`In the extension host: ${passed.length} passed, ${failed.length + skipped.length} failed`);
  return { passed: passed.length, failed: failed.length + skipped.length + Number(broken !== undefined) };
}

/** What throws has failed once, and the rest goes on. */
async function attempt(part: () => Tally | Promise<Tally>): Promise<Tally> {
  try {
    return await part();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return single(false);
  }
}

async function test([name, ...args]: string[]): Promise<Tally> {
  const chosen = name === undefined ? Object.keys(parts) : [name];
  const unknown = chosen.find(part => !parts[part]);
  if (unknown) {
    console.error(`test: expected ${Object.keys(parts).join(", ")} or nothing, got "${unknown}"`);
    return single(false);
  }
  try {
    await build({ production: true });
  } catch (error) {
    console.error(`test: ${error instanceof Error ? error.message : error}`);
    return single(false);
  }
  const tallies: Tally[] = [];
  for (const part of chosen) {
    console.log(`\n${part}`);
    tallies.push(await attempt(() => parts[part]?.(args) ?? single(false)));
  }
  const total = sum(tallies);
  return total.passed + total.failed > 0 ? total : single(false);
}

const { passed, failed } = await test(process.argv.slice(2));
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
