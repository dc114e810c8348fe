/**
 * @file One benchmark in a process of its own, so that what ran before leaves no trace in it: opens the peers, measures,
 * and sends each row to the process that started it. `run.ts` starts it with the collector exposed.
 */

import { cases } from "./cases/all.ts";
import type { Peer } from "./peer.ts";
import { peers } from "./peers/all.ts";
import { engine } from "./peers/engine.ts";
import type { Row } from "./row.ts";

export type CaseMessage =
  | { readonly kind: "versions"; readonly versions: Readonly<Record<string, string>> }
  | { readonly kind: "row"; readonly row: Row };

const send = (message: CaseMessage): void => void process.send?.(message);

const chosen = cases.find(({ name }) => name === process.argv[2]);
if (chosen === undefined) throw new Error(`no benchmark is called "${process.argv[2]}"`);

const entrants: Peer[] = [engine];
const versions: Record<string, string> = {};
const closed: Record<string, string> = {};
for (const { name, tasks, open } of peers) {
  if (chosen.task === undefined || !tasks.includes(chosen.task)) continue;
  try {
    const peer = await open();
    entrants.push(peer);
    versions[name] = peer.version;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    closed[name] = `cannot be loaded: ${reason}`;
  }
}
send({ kind: "versions", versions });
for await (const row of chosen.rows(entrants)) {
  send({ kind: "row", row: { ...row, missing: { ...closed, ...row.missing } } });
}
for (const peer of entrants) peer.close?.();
// Some peers leave workers behind that would keep the process.
process.disconnect();
process.exit();
