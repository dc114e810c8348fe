/**
 * @file Times contestants against each other in one run: all are warmed up, then take turns in short samples
 * (A B C, C B A, …), so that a machine that slows down or speeds up does so for all of them.
 */

import type { Contestant, Sample } from "./contestant.ts";
import { agree, type Timing, timingOf } from "./statistics.ts";

/** How long a sample should take, in ms: far above the clock's step, far below a time slice's effects. */
const SAMPLE = 10;
/** Milliseconds of warming up, and of samples, for each contestant. */
const WARM_UP = 400;
const BUDGET = 800;
const FEWEST_SAMPLES = 5;
/** Of witnesses: wide enough for float32, far too narrow for other work. */
const TOLERANCE = 1e-3;

/** A contestant's timing, or why there is none. */
export type Result = Timing | { readonly failure: string };

interface Runner {
  readonly contestant: Contestant;
  readonly runs: number;
  readonly samples: number[];
  spent: number;
}

/** Races the contestants; the first one's witness is what the others' is compared with. One that fails drops out. */
export async function race(contestants: readonly Contestant[]): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  const runners: Runner[] = [];
  let expected: number | undefined;
  globalThis.gc?.();
  for (const contestant of contestants) {
    try {
      const first = await contestant.sample(1);
      if (!Number.isNaN(first.witness)) {
        expected ??= first.witness;
        if (!agree(first.witness, expected, TOLERANCE)) {
          throw new Error(`computed something else: ${first.witness} where ${expected} was expected`);
        }
      }
      runners.push(await warmedUp(contestant, first));
    } catch (error) {
      results.set(contestant.name, { failure: messageOf(error) });
    }
  }
  await takeTurns(runners, results);
  for (const { contestant, samples } of runners) {
    if (!results.has(contestant.name)) results.set(contestant.name, timingOf(samples));
  }
  return results;
}

/** Runs it until the compiler has had its time, and finds how many runs make a sample. */
async function warmedUp(contestant: Contestant, first: Sample): Promise<Runner> {
  let runs = 1;
  let { ms } = first;
  for (let spent = ms; spent < WARM_UP; spent += ms) {
    runs = Math.max(1, Math.min(runs * 4, Math.round((SAMPLE * runs) / Math.max(ms, 1e-3))));
    ({ ms } = await contestant.sample(runs));
  }
  runs = Math.max(1, Math.round((SAMPLE * runs) / Math.max(ms, 1e-3)));
  return { contestant, runs, samples: [], spent: 0 };
}

async function takeTurns(runners: readonly Runner[], results: Map<string, Result>): Promise<void> {
  const isDone = ({ contestant, samples, spent }: Runner): boolean =>
    results.has(contestant.name) || (spent >= BUDGET && samples.length >= FEWEST_SAMPLES);
  for (let round = 0; ; round++) {
    const active = runners.filter(runner => !isDone(runner));
    if (active.length === 0) return;
    for (const runner of round % 2 === 0 ? active : active.toReversed()) {
      try {
        const { ms } = await runner.contestant.sample(runner.runs);
        runner.samples.push((ms / runner.runs) * runner.contestant.work);
        runner.spent += ms;
      } catch (error) {
        results.set(runner.contestant.name, { failure: messageOf(error) });
      }
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
