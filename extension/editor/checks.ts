/** @file Runs checks and hands what they find to the store. */

import type * as vscode from "vscode";
import { documentAt, pathOf } from "./buffers.ts";
import type { CheckerClient } from "./checker-client.ts";
import type { Faults } from "./faults.ts";
import type { FindingStore, State } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { settings } from "./settings.ts";
import { isTrusted } from "./trust.ts";

/** Which Functions and reductions of a file to check. */
export type Wanted = (state: State) => boolean;

export const all: Wanted = () => true;

/** Those of which nothing current is known, or about to be. */
export const outdated: Wanted = ({ status }) => status.kind === "unchecked" || status.kind === "stale";

/** An imported file that changes all the time is waited out: its next save checks again. */
const MOST_TRIES = 3;

export class Checks {
  readonly #client: CheckerClient;
  readonly #store: FindingStore;
  readonly #outlines: Outlines;
  readonly #log: vscode.LogOutputChannel;
  readonly #faults: Faults;
  readonly #kept = new Set<string>();
  #batch = new AbortController();

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
    const { cancelled } = this;
    await this.#faults.guard(async () => {
      await this.#outlines.read(document);
      if (!document.isClosed && !cancelled.aborted) await this.#each(pathOf(document), wanted);
    });
  }

  /** Checks all Functions of a file, and keeps what is found when the file is not open: somebody asked for it. */
  async keep(path: string): Promise<void> {
    this.#kept.add(path);
    await this.kept(path);
    if (this.#store.states(path).length === 0) this.release(path);
  }

  isKept(path: string): boolean {
    return this.#kept.has(path);
  }

  release(path: string): void {
    this.#kept.delete(path);
  }

  /** Checks all Functions of a file that is kept, whether or not it is open. Never rejects. */
  async kept(path: string): Promise<void> {
    if (!isTrusted()) return;
    const document = documentAt(path);
    if (document) return this.document(document, all);
    const { cancelled } = this;
    await this.#faults.guard(async () => {
      const sites = await this.#client.sites(path);
      // It may have been deleted meanwhile.
      if (!this.isKept(path) || cancelled.aborted) return;
      this.#store.outline(path, sites);
      await this.#each(path, all);
    });
  }

  /** Aborted when all checks are cancelled: to be taken before the first wait, and looked at after each. */
  get cancelled(): AbortSignal {
    return this.#batch.signal;
  }

  cancelAll(): void {
    this.#batch.abort();
    this.#batch = new AbortController();
    this.#store.cancelAll();
  }

  async #each(path: string, wanted: Wanted): Promise<void> {
    await Promise.all(
      this.#store
        .states(path)
        .filter(wanted)
        .map(state => this.#checkUntilFresh(path, state)),
    );
  }

  /** Once more when an imported file changes under way: who asked wants to know how things stand now. */
  async #checkUntilFresh(path: string, state: State): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (await this.#check(path, state)) return;
    }
  }

  async #check(path: string, { key, site }: State): Promise<boolean> {
    const run = this.#store.begin(path, key);
    try {
      const record = await this.#client.record(path, site, settings().check, run.signal);
      const { name, verdict, durationMs, message } = record.finding;
      this.#log.info(`${name}: ${verdict} (${durationMs} ms) ${message}`);
      for (const line of record.logs) this.#log.info(`${name} printed: ${line}`);
      return this.#store.settle(run, record);
    } catch (error) {
      this.#store.giveUp(run);
      if (run.signal.aborted) return true;
      throw error;
    }
  }
}
