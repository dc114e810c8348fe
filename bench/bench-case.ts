/** @file A benchmark: what it is called, and how its rows are measured with the peers that are there. */

import { rand } from "@gradient-lens/engine";
import type { Contestant } from "./contestant.ts";
import type { Peer, Task } from "./peer.ts";
import type { Row } from "./row.ts";

export interface Case {
  readonly name: string;
  /** What is measured, and in which unit. */
  readonly title: string;
  /** What peers are asked to do; absent where only the engine is looked at. */
  readonly task?: Task;
  /** @param entrants the engine, then the peers that could be opened */
  rows(entrants: readonly Peer[]): AsyncIterable<Row>;
}

type StateOf<T extends Task> = Parameters<NonNullable<Peer[T]>>[0];

/** All contestants for a task; each peer may send several, or none. */
export function contestantsFor<T extends Task>(
  entrants: readonly Peer[],
  task: T,
  state: StateOf<T>,
): Contestant[] {
  return entrants.flatMap(
    peer => (peer[task] as ((state: StateOf<T>) => Contestant[]) | undefined)?.(state) ?? [],
  );
}

/** So many numbers between the two, the same in every run: a case seeds the engine's generator. */
export function uniform(count: number, low: number, high: number): Float64Array {
  return Float64Array.from(rand(count).tolist() as number[], u => low + (high - low) * u);
}
