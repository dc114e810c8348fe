/**
 * @file Runs the suite inside the extension host, with the whole `vscode` API: in VS Code on the desktop where that can
 * be had, else in the VS Code server opened by a headless Chromium. The suite is the same in both.
 */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { runTests, TestRunFailedError } from "@vscode/test-electron";
import { inProject, root } from "../../scripts/project.ts";
import { launchBrowser } from "./browser.ts";
import { type Desktop, findDesktop } from "./desktop.ts";
import { canHaveDisplay, withDisplay } from "./display.ts";
import { type HostResults, resultsVariable } from "./host/results.ts";
import { bundleHostSuites } from "./host-bundle.ts";
import { fillWorkspace, scratchFolder, type WorkspaceSource } from "./scratch.ts";
import { calmSettings, startServer, writeSettings } from "./server.ts";
import { inSources } from "./source-places.ts";
import { until } from "./until.ts";

export interface HostSuite {
  /** Folder of `*.test.ts` files. Default: test/editor/host. */
  suites?: string;
  /** The workspace's files; they are copied, so a test may change them. */
  files: WorkspaceSource;
  /** Folder of the extension to load. Default: the project's own. */
  extension?: string;
}

interface Run {
  workspace: string;
  extension: string;
  tests: string;
  profile: string;
  results: string;
}

/** All suites together may take so long. */
const limitSeconds = 600;

export async function runHostSuite(suite: HostSuite): Promise<HostResults> {
  const { folder, remove } = scratchFolder();
  try {
    const run: Run = {
      workspace: join(folder, "workspace"),
      extension: suite.extension ?? root,
      tests: await bundleHostSuites(
        suite.suites ?? inProject("test", "editor", "host"),
        join(folder, "bundle"),
      ),
      profile: join(folder, "profile"),
      results: join(folder, "results.json"),
    };
    mkdirSync(run.workspace);
    fillWorkspace(run.workspace, suite.files);

    const desktop: Desktop = canHaveDisplay()
      ? await findDesktop()
      : { missing: "there is no display, and no Xvfb to stand in for one" };
    if ("executable" in desktop) {
      console.log(`In VS Code for the desktop: ${desktop.executable}`);
      await runOnDesktop(desktop.executable, run);
    } else {
      console.log(`In the VS Code server, as ${desktop.missing}`);
      await runOnServer(run);
    }
    return readResults(run.results);
  } finally {
    remove();
  }
}

function readResults(file: string): HostResults {
  const results = JSON.parse(readFileSync(file, "utf8")) as HostResults;
  const placed = (failures: HostResults["failed"]): HostResults["failed"] =>
    failures.map(({ title, error }) => ({ title, error: inSources(error) }));
  const [failed, retried] = [placed(results.failed), placed(results.retried)];
  return { ...results, failed, retried, broken: results.broken && inSources(results.broken) };
}

async function runOnDesktop(executable: string, run: Run): Promise<void> {
  const userData = join(run.profile, "user");
  writeSettings(userData, calmSettings);
  let log = "";
  const sink = (): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        log += chunk;
        done();
      },
    });
  await withDisplay(env =>
    runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: run.extension,
      extensionTestsPath: run.tests,
      extensionTestsEnv: { ...env, [resultsVariable]: run.results },
      launchArgs: [
        run.workspace,
        `--user-data-dir=${userData}`,
        `--extensions-dir=${join(run.profile, "extensions")}`,
      ],
      stdout: sink(),
      stderr: sink(),
    }),
  ).catch(error => {
    // Failed tests are in the results; without results VS Code itself did not run.
    if (!(error instanceof TestRunFailedError) || !existsSync(run.results))
      throw new Error(`${error}\n${log}`);
  });
}

async function runOnServer(run: Run): Promise<void> {
  const server = await startServer({ profile: run.profile, env: { [resultsVariable]: run.results } });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(server.address(run));
      const finished = async (): Promise<boolean> => existsSync(run.results);
      await until("the suite in the extension host to end", finished, done => done, {
        seconds: limitSeconds,
      });
    } finally {
      await browser.close();
    }
  } catch (error) {
    throw new Error(`${error}\nThe VS Code server said:\n${server.log()}`);
  } finally {
    await server.stop();
  }
}
