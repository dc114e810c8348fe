/** @file Runs checks and hands what they find to the store. */

import type * as vscode from "vscode";
import { documentAt, pathOf } from "./buffers.ts";
import type { CheckerClient } from "./checker-client.ts";
import type { Faults } from "./faults.ts";
import type { FindingStore, FunctionState } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { settings } from "./settings.ts";
import { isTrusted } from "./trust.ts";

/** Which Functions of a file to check. */
export type Wanted = (state: FunctionState) => boolean;

export const all: Wanted = () => true;

/** Those of which nothing current is known, or about to be. */
export const outdated: Wanted = ({ status }) => status.kind === "unchecked" || status.kind === "stale";

export class Checks {
  readonly #client: CheckerClient;
  readonly #store: FindingStore;
  readonly #outlines: Outlines;
  readonly #log: vscode.LogOutputChannel;
  readonly #faults: Faults;
  readonly #kept = new Set<string>();

  constructor(rooms: {
    client: CheckerClient;
    store: FindingStore;
    outlines: Outlines;
    log: vscode.LogOutputChannel;
    faults: Faults;
  }) {
    this.#client = rooms.client;
    this.#store = rooms.store;
    this.#outlines = rooms.outlines;
    this.#log = rooms.log;
    this.#faults = rooms.faults;
  }

  /** Checks Functions of a document, on the buffer as it stands. Never rejects. */
  async document(document: vscode.TextDocument, wanted: Wanted): Promise<void> {
    if (!isTrusted()) return;
    await this.#faults.guard(async () => {
      await this.#outlines.read(document);
      if (!document.isClosed) await this.#each(pathOf(document), wanted);
    });
  }

  /** As `file`, and what is found stays when the file is not open, as somebody asked for it. */
  async keep(path: string): Promise<void> {
    this.#kept.add(path);
    await this.file(path);
  }

  isKept(path: string): boolean {
    return this.#kept.has(path);
  }

  /** Checks all Functions of a file, whether or not it is open. Never rejects. */
  async file(path: string): Promise<void> {
    if (!isTrusted()) return;
    const document = documentAt(path);
    if (document) return this.document(document, all);
    await this.#faults.guard(async () => {
      this.#store.outline(path, await this.#client.functionsOnDisk(path));
      await this.#each(path, all);
    });
  }

  async #each(path: string, wanted: Wanted): Promise<void> {
    await Promise.all(
      this.#store
        .functions(path)
        .filter(wanted)
        .map(state => this.#check(path, state)),
    );
  }

  async #check(path: string, { key, site }: FunctionState): Promise<void> {
    const run = this.#store.begin(path, key);
    try {
      const record = await this.#client.record(path, site, settings().check, run.signal);
      const { name, verdict, durationMs, message } = record.finding;
      this.#log.info(`${name}: ${verdict} (${durationMs} ms) ${message}`);
      for (const line of record.logs) this.#log.info(`${name} printed: ${line}`);
      this.#store.settle(run, record);
    } catch (error) {
      this.#store.giveUp(run);
      if (!run.signal.aborted) throw error;
    }
  }
}
