/** @file Checks again what rests on a file that somebody saved, deleted or changed from outside. */

import { documentAt } from "./buffers.ts";
import { type Checks, outdated } from "./checks.ts";
import { type FindingStore, isAt, restsOn, type State, wasChecked } from "./finding-store.ts";

/** A build or a checkout changes many files at once: one check for all of them. */
const PAUSE_MS = 200;

const again = (state: State): boolean => outdated(state) && wasChecked(state);

export class Dependents {
  readonly #store: FindingStore;
  readonly #checks: Checks;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: FindingStore, checks: Checks) {
    this.#store = store;
    this.#checks = checks;
  }

  /** Checks what is known of and rests on a file, or on what is in a folder. */
  checkSoon(place: string): void {
    this.#changed.add(place);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#checkNow(), PAUSE_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #checkNow(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const file of [...this.#store.files()]) {
      const states = this.#store
        .states(file)
        .filter(state => changed.some(place => isAt(file, place) || restsOn(state, place)));
      const keys = new Set(states.filter(again).map(({ key }) => key));
      if (keys.size === 0) continue;
      const document = documentAt(file);
      if (document) void this.#checks.document(document, state => keys.has(state.key) && again(state));
      else if (this.#checks.isKept(file)) void this.#checks.kept(file);
    }
  }
}
