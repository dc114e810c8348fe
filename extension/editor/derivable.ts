/** @file What of a document can be derived, and its derivation: worked out once for a state of the texts, in the worker, in bounded time. */

import * as vscode from "vscode";
import type { DerivableSite } from "../checker/checker.ts";
import type { Derived } from "../checker/derivation.ts";
import type { DeriveRecord } from "../checker/local-checker.ts";
import { isCode, isSource, mayHoldFunctions, pathOf } from "./buffers.ts";
import type { CheckerClient } from "./checker-client.ts";
import type { FindingStore } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { rangeOf } from "./places.ts";
import { settings } from "./settings.ts";
import { isTrusted } from "./trust.ts";

/** What is to be derived: a Function or plain function of a file, by its key; a loss, by where it is. Travels in links, so it is plain data. */
export interface Derivable {
  readonly path: string;
  readonly key: string;
}

/** Whether what a command was called with is one: links can be written by anybody. */
export function isDerivable(value: unknown): value is Derivable {
  const { path, key } = (value ?? {}) as { path?: unknown; key?: unknown };
  return typeof path === "string" && typeof key === "string";
}

/** What can be derived at a place. */
export interface DerivablePlace {
  readonly derivable: Derivable;
  readonly site: DerivableSite;
  /** What a hover is about. */
  readonly range: vscode.Range;
  /** Of a loss: the file's text with a function of it. */
  readonly loss?: string;
}

/** A derivation is a help: what takes longer is given up, whatever a check may take. */
const MOST_MS = 8_000;

export class Derivables implements vscode.Disposable {
  readonly #client: CheckerClient;
  readonly #store: FindingStore;
  readonly #outlines: Outlines;
  readonly #records = new Map<string, Promise<DeriveRecord>>();
  readonly #plain = new WeakMap<vscode.TextDocument, { version: number; sites: Promise<DerivableSite[]> }>();
  readonly #changed: vscode.Disposable[];
  #texts = new AbortController();

  constructor(rooms: { client: CheckerClient; store: FindingStore; outlines: Outlines }) {
    this.#client = rooms.client;
    this.#store = rooms.store;
    this.#outlines = rooms.outlines;
    // A derivation may rest on any text that its code imports.
    const forget = () => this.#forget();
    this.#changed = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isSource(document)) forget();
      }),
      vscode.workspace.onDidSaveTextDocument(document => isSource(document) && forget()),
      vscode.workspace.onDidChangeConfiguration(forget),
    ];
  }

  dispose(): void {
    for (const listener of this.#changed) listener.dispose();
    this.#forget();
  }

  #forget(): void {
    this.#texts.abort();
    this.#texts = new AbortController();
    this.#records.clear();
  }

  /**
   * What a place of a document is about: a Function by its own name or those of its `forward` and `backward`, a plain function of
   * tensors by its name, or the loss that it lies in.
   */
  async at(document: vscode.TextDocument, position: vscode.Position): Promise<DerivablePlace | undefined> {
    const places = await this.#places(document);
    const named = places
      .flatMap(place => namesOf(place.site).map(range => ({ ...place, range })))
      .find(({ range }) => range.contains(position));
    return named ?? this.#loss(document, position);
  }

  async #loss(document: vscode.TextDocument, position: vscode.Position): Promise<DerivablePlace | undefined> {
    if (!isTrusted() || !isCode(document)) return undefined;
    const path = pathOf(document);
    const { line, character } = position;
    const found = await this.#client.loss(path, document.getText(), { line, character });
    if (!found) return undefined;
    const { site, range, text } = found;
    const key = `@${range.start.line}:${range.start.character}`;
    return { derivable: { path, key }, site, range: rangeOf(range), loss: text };
  }

  /** The innermost Function or plain function that a place lies in. */
  async around(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<DerivablePlace | undefined> {
    return (await this.#places(document)).findLast(({ range }) => range.contains(position));
  }

  async find(document: vscode.TextDocument, { key }: Derivable): Promise<DerivablePlace | undefined> {
    const place = /^@(\d+):(\d+)$/.exec(key);
    if (place) return this.#loss(document, new vscode.Position(Number(place[1]), Number(place[2])));
    return (await this.#places(document)).find(({ derivable }) => derivable.key === key);
  }

  /** Undefined where nothing may run, or the texts change under way. */
  async derive({ derivable: { path, key }, site, loss }: DerivablePlace): Promise<Derived | undefined> {
    if (!isTrusted()) return undefined;
    const cached = JSON.stringify([path, key]);
    const texts = this.#texts.signal;
    let record = this.#records.get(cached);
    if (record === undefined) {
      const { seed, limits } = settings().check;
      const bounded = { ...limits, timeMs: Math.min(limits.timeMs, MOST_MS) };
      const of = loss === undefined ? "backward" : "gradient";
      record = this.#client.derive(path, site, { seed, limits: bounded, of }, texts, loss);
      this.#records.set(cached, record);
    }
    try {
      return (await record).derived;
    } catch (error) {
      if (texts.aborted) return undefined;
      this.#records.delete(cached);
      throw error;
    }
  }

  async #places(document: vscode.TextDocument): Promise<DerivablePlace[]> {
    if (!isTrusted() || !isCode(document)) return [];
    const path = pathOf(document);
    await this.#outlines.read(document);
    const functions = mayHoldFunctions(document.getText()) ? this.#store.functions(path) : [];
    const plain = await this.plainFunctions(document);
    return [
      ...functions
        .filter(({ site }) => site.forward !== null)
        .map(({ key, site }) => ({ derivable: { path, key }, site, range: rangeOf(site.range) })),
      ...plain.map(site => ({
        derivable: { path, key: `${site.name}()` },
        site,
        range: rangeOf(site.range),
      })),
    ];
  }

  /** The plain functions of tensors of a document as it stands. */
  plainFunctions(document: vscode.TextDocument): Promise<DerivableSite[]> {
    const { version } = document;
    const path = pathOf(document);
    const known = this.#plain.get(document);
    if (known?.version === version) return known.sites;
    const sites = this.#client.tensorFunctions(path, document.getText());
    this.#plain.set(document, { version, sites });
    sites.catch(() => this.#plain.delete(document));
    return sites;
  }
}

function namesOf(site: DerivableSite): vscode.Range[] {
  const { nameRange, forward } = site;
  const backward = "backward" in site ? site.backward : null;
  return [nameRange, forward?.nameRange, backward?.nameRange]
    .filter(range => range !== undefined)
    .map(rangeOf);
}
