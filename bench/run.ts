/**
 * @file Measures the engine as it ships against its peers, each benchmark in a process of its own.
 *
 *     npm run bench [-- --json] [-- --only NAME]
 */

import { fork } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../engine/package.json" with { type: "json" };
import { build } from "../scripts/build.ts";
import { emitEngineTypes } from "../scripts/engine-types.ts";
import type { CaseMessage } from "./case-process.ts";
import { cases } from "./cases/all.ts";
import committed from "./committed.json" with { type: "json" };
import { installPeers } from "./install-peers.ts";
import type { Row } from "./row.ts";
import { renderTable } from "./table.ts";

interface Measured {
  rows: Row[];
  versions: Record<string, string>;
  failure?: string;
}

const { values: options } = parseArgs({
  options: { json: { type: "boolean", default: false }, only: { type: "string" } },
});
const chosen = cases.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) {
  console.error(`bench: expected --only ${cases.map(({ name }) => name).join(", ")}, got "${options.only}"`);
  process.exit(2);
}

const problem = installPeers();
if (problem) console.error(problem);
await build();
emitEngineTypes();

const machine = {
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${process.platform} ${process.arch}`,
  node: process.version,
};
const { cpu, cores, memory, system, node } = machine;
if (!options.json) console.log(`${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node}\n`);

const all: Measured = { rows: [], versions: {} };
for (const { name, title } of chosen) {
  if (options.json) console.error(title);
  const { rows, versions, failure } = await measured(name);
  all.rows.push(...rows);
  Object.assign(all.versions, versions);
  if (!options.json && rows.length > 0) console.log(`${renderTable(title, rows)}\n`);
  if (failure === undefined) continue;
  console.error(`bench: ${name} ended early: ${failure}`);
  process.exitCode = 1;
}

if (options.json) {
  const engine = { name: manifest.name, version: manifest.version };
  const { about, versions } = committed;
  const report = { machine, engine, peers: all.versions, committed: { about, versions }, rows: all.rows };
  console.log(JSON.stringify(report, null, 2));
} else {
  const versions = Object.entries(all.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`Peers: ${versions.join(", ") || "none"}`);
  console.log(
    "A ratio says how many times faster we are. ≈: torch 2.13 and the floor as measured once on another",
  );
  console.log("machine of this kind (bench/committed.json), where they could not be measured here.");
}

/** Runs one benchmark; when it fails, with the rows it has measured before. */
function measured(name: string): Promise<Measured> {
  const result: Measured = { rows: [], versions: {} };
  return new Promise(resolve => {
    const child = fork(join(import.meta.dirname, "case-process.ts"), [name], {
      execArgv: ["--expose-gc"],
      // What a peer prints must not come between our lines of JSON.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    child.on("message", (message: CaseMessage) => {
      if (message.kind === "row") result.rows.push(message.row);
      else Object.assign(result.versions, message.versions);
    });
    child.on("error", error => resolve({ ...result, failure: error.message }));
    child.on("close", (code, signal) =>
      resolve(code === 0 ? result : { ...result, failure: `exit code ${code ?? signal}` }),
    );
  });
}
