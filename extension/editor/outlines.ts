/** @file Where the Functions of each open document are, for the version of its text that stands. */

import { setTimeout } from "node:timers/promises";
import type * as vscode from "vscode";
import { mayHoldSites, pathOf } from "./buffers.ts";
import type { CheckerClient } from "./checker-client.ts";
import type { FindingStore } from "./finding-store.ts";

/** Wait for a pause in the typing before the text is read again. */
const PAUSE_MS = 150;

export class Outlines {
  readonly #client: CheckerClient;
  readonly #store: FindingStore;
  readonly #versions = new WeakMap<vscode.TextDocument, number>();
  readonly #reading = new WeakMap<vscode.TextDocument, Promise<void>>();

  constructor(client: CheckerClient, store: FindingStore) {
    this.#client = client;
    this.#store = store;
  }

  has(document: vscode.TextDocument): boolean {
    return this.#versions.has(document);
  }

  forget(document: vscode.TextDocument): void {
    this.#versions.delete(document);
  }

  /** When it resolves, the store holds the document's Functions at the places they have now. */
  async read(document: vscode.TextDocument): Promise<void> {
    while (this.#versions.get(document) !== document.version && !document.isClosed) {
      let reading = this.#reading.get(document);
      if (!reading) {
        reading = this.#readOnce(document).finally(() => this.#reading.delete(document));
        this.#reading.set(document, reading);
      }
      await reading;
    }
  }

  async #readOnce(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const text = document.getText();
    const path = pathOf(document);
    const sites = mayHoldSites(text) ? await this.#client.sites(path, text) : [];
    if (document.isClosed) return;
    if (document.version !== version) {
      await setTimeout(PAUSE_MS);
      return;
    }
    this.#store.outline(path, sites);
    this.#versions.set(document, version);
  }
}
