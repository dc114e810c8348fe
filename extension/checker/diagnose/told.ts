/** @file What forward's text tells of its results while it runs. Runs inside the sandbox; what the checked code says may be anything. */

import * as engine from "@gradient-lens/engine";
import type { Intermediate } from "@gradient-lens/engine/symbolic";
import type { Notation } from "../notation.ts";

/** More are not looked at. */
const MOST = 1_000;

export class Told {
  #run: Map<number, Intermediate> | null = null;

  /** The script's function of the name `TELL`. */
  readonly tell = (place?: unknown, value?: unknown, name?: unknown): unknown => {
    if (place === undefined) this.#run = new Map();
    else if (this.#run !== null && this.#run.size < MOST && isPlace(place) && engine.isTensor(value))
      this.#run.set(place, { place, value, name: typeof name === "string" ? name : null });
    return value;
  };

  /** Of the run that was last; undefined where the script tells nothing. */
  intermediates({ style }: Notation): (() => readonly Intermediate[]) | undefined {
    if (this.#run === null) return undefined;
    // A free function would be hidden by a variable of its name.
    const isHidden = (name: string | null): boolean =>
      style === "functions" && name !== null && name in engine;
    return () =>
      [...this.#run!.values()].map(intermediate =>
        isHidden(intermediate.name) ? { ...intermediate, name: null } : intermediate,
      );
  }
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
