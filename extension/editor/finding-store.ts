/**
 * @file What is known of each Function at this moment. An edit makes stale what rests on the edited text, at once; what
 * a check reports for an older text is dropped. So nothing here is ever older than the texts.
 */

import { sep } from "node:path";
import { type FunctionSite, isReduction, type Site } from "../checker/checker.ts";
import type { Finding } from "../checker/finding.ts";
import type { CheckRecord } from "../checker/local-checker.ts";

export type Status =
  | { kind: "unchecked" }
  /** It was checked, or being checked, and the text has changed since. */
  | { kind: "stale" }
  /** `run` stands for this one check: aborted when an edit makes it pointless. */
  | { kind: "checking"; run: AbortController }
  | { kind: "checked"; finding: Finding };

export interface State<S extends Site = Site> {
  /** Which Function or reduction of its file, whatever is inserted above it. */
  readonly key: string;
  readonly site: S;
  readonly status: Status;
  /** Files that the last finding rested on; null where it may be any. */
  readonly sources: readonly string[] | null;
}

export type FunctionState = State<FunctionSite>;

interface Run {
  file: string;
  key: string;
  /** When it began, in edits. */
  began: number;
}

export class FindingStore {
  readonly #files = new Map<string, State[]>();
  readonly #runs = new Map<AbortController, Run>();
  readonly #listeners = new Set<(file: string) => void>();
  /** Counts edits, so that a check can tell which of its sources have changed under way. */
  #edits = 0;
  readonly #lastEdit = new Map<string, number>();

  /** Calls `listener` with each file whose Functions or what is known of them has changed. */
  onDidChange(listener: (file: string) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  files(): Iterable<string> {
    return this.#files.keys();
  }

  functions(file: string): readonly FunctionState[] {
    return this.states(file).filter((state): state is FunctionState => !isReduction(state.site));
  }

  /** Functions and reductions. */
  states(file: string): readonly State[] {
    return this.#files.get(file) ?? [];
  }

  /** Takes over where the Functions and reductions of a file are now; what is known of each stays with it. */
  outline(file: string, sites: readonly Site[]): void {
    const before = new Map(this.states(file).map(state => [state.key, state]));
    const states = keyed(sites).map(([key, site]): State => {
      const { status, sources } = before.get(key) ?? { status: { kind: "unchecked" }, sources: [] };
      before.delete(key);
      return { key, site, status, sources };
    });
    for (const { status } of before.values()) this.#abandon(status);
    if (states.length === 0 && !this.#files.has(file)) return;
    this.#files.set(file, states);
    this.#changed(file);
  }

  /** The text of a file, or what is in a folder, has changed: all that rests on it is stale. */
  edited(place: string): void {
    this.#lastEdit.set(place, ++this.#edits);
    for (const [file, states] of this.#files) {
      const affected = isAt(file, place) ? states : states.filter(state => restsOn(state, place));
      this.#outdate(file, affected);
    }
  }

  /** Something that every finding rests on has changed. */
  editedAll(): void {
    for (const [file, states] of this.#files) this.#outdate(file, states);
  }

  begin(file: string, key: string): AbortController {
    const run = new AbortController();
    this.#update(file, key, state => {
      this.#abandon(state.status);
      return { ...state, status: { kind: "checking", run } };
    });
    this.#runs.set(run, { file, key, began: this.#edits });
    return run;
  }

  /**
   * Takes what a check has found, unless a text it rests on has changed since it began: false then, and what was found
   * is dropped. A check that was abandoned has nothing to settle.
   */
  settle(run: AbortController, { finding, sources }: CheckRecord): boolean {
    const began = this.#runs.get(run)?.began;
    if (began === undefined) return true;
    const since = [...this.#lastEdit].filter(([, edit]) => edit > began);
    const fresh = !since.some(([place]) => restsOn({ sources }, place));
    this.#end(run, fresh ? { kind: "checked", finding } : { kind: "stale" }, sources);
    return fresh;
  }

  /** Ends a check that found nothing. */
  giveUp(run: AbortController): void {
    this.#end(run, { kind: "unchecked" });
  }

  cancelAll(): void {
    for (const run of [...this.#runs.keys()]) {
      run.abort();
      this.giveUp(run);
    }
  }

  forget(file: string): void {
    for (const { status } of this.states(file)) this.#abandon(status);
    if (this.#files.delete(file)) this.#changed(file);
  }

  #outdate(file: string, states: readonly State[]): void {
    const affected = states.filter(({ status }) => status.kind === "checking" || status.kind === "checked");
    for (const { key } of affected) {
      this.#update(file, key, state => {
        this.#abandon(state.status);
        return { ...state, status: { kind: "stale" } };
      });
    }
  }

  #end(run: AbortController, status: Status, sources?: CheckRecord["sources"]): void {
    const place = this.#runs.get(run);
    if (!place) return;
    this.#runs.delete(run);
    this.#update(place.file, place.key, state => ({
      ...state,
      status,
      sources: sources === undefined ? state.sources : sources,
    }));
  }

  #abandon(status: Status): void {
    if (status.kind !== "checking") return;
    this.#runs.delete(status.run);
    status.run.abort();
  }

  #update(file: string, key: string, change: (state: State) => State): void {
    const states = this.#files.get(file);
    const at = states?.findIndex(state => state.key === key) ?? -1;
    if (!states || at < 0) return;
    states[at] = change(states[at]!);
    this.#changed(file);
  }

  #changed(file: string): void {
    for (const listener of this.#listeners) listener(file);
  }
}

/** Whether it was checked before, or being checked: what never was is not checked again. */
export function wasChecked({ status, sources }: State): boolean {
  return status.kind !== "unchecked" || sources === null || sources.length > 0;
}

/** Whether a finding may change with a file, or with what is in a folder. */
export function restsOn({ sources }: Pick<State, "sources">, place: string): boolean {
  return sources === null || sources.some(source => isAt(source, place));
}

/** Whether a path is another one, or lies in that folder. */
export function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(place + sep);
}

/** Two of one name are told apart by their order. */
function keyed(sites: readonly Site[]): [key: string, site: Site][] {
  const seen = new Map<string, number>();
  return sites.map(site => {
    const path = isReduction(site) ? `reduction ${site.name}` : site.path.join(".") || site.name;
    const count = (seen.get(path) ?? 0) + 1;
    seen.set(path, count);
    return [count === 1 ? path : `${path}#${count}`, site];
  });
}
