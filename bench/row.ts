/** @file One line of the benchmark: a figure of ours, the peers' beside it, and whether it meets what we ask of it. */

import committed from "./committed.json" with { type: "json" };
import type { Contestant } from "./contestant.ts";
import { type Result, race } from "./race.ts";

export interface Figure {
  /** In the row's unit: the median. */
  readonly value: number;
  /** The same of the best sample; absent from committed figures. */
  readonly best?: number;
  /** How many times faster ours is. */
  readonly ratio: number;
  /** Whether it was measured in this run, or on another machine (committed.json). */
  readonly source: "measured" | "committed";
  readonly precision: Contestant["precision"];
}

export interface Row {
  readonly case: string;
  readonly size: string;
  readonly unit: string;
  readonly ours: number;
  readonly best: number;
  readonly peers: Readonly<Record<string, Figure>>;
  /** Who could not take part, and why. */
  readonly missing: Readonly<Record<string, string>>;
  /** What is asked, in words; empty where nothing is. */
  readonly bar: string;
  /** null where nothing is asked, or where what it is compared with was not measured in this run. */
  readonly met: boolean | null;
  /** What the committed figures say, and what else there is to say. */
  readonly note: string;
}

/** Something asked of a row: to be at least `factor` times as fast as each of these peers. */
export interface Bar {
  readonly text: string;
  readonly than: readonly string[];
  readonly factor: number;
}

export interface Unit {
  readonly name: string;
  /** The figure for a run of so many milliseconds. */
  readonly of: (ms: number) => number;
  readonly higherIsBetter?: boolean;
}

export const OURS = "gradient-lens";

interface RacedRow {
  case: string;
  size: string;
  unit: Unit;
  /** The first is ours. */
  contestants: readonly Contestant[];
  bars?: readonly Bar[];
}

export async function racedRow({ case: name, size, unit, contestants, bars = [] }: RacedRow): Promise<Row> {
  const results = await race(contestants);
  const own = results.get(OURS);
  if (own === undefined || "failure" in own) throw new Error(`${name}, ${size}: ${own?.failure}`);
  const ours = unit.of(own.median);
  const peers: Record<string, Figure> = {};
  const missing: Record<string, string> = {};
  for (const { name: peer, precision } of contestants) {
    const result = results.get(peer) as Result;
    if (peer === OURS) continue;
    if ("failure" in result) missing[peer] = result.failure;
    else {
      peers[peer] = {
        value: unit.of(result.median),
        best: unit.of(result.minimum),
        ratio: result.median / own.median,
        source: "measured",
        precision,
      };
    }
  }
  for (const [peer, value] of Object.entries(committedFigures(name, size))) {
    const ratio = unit.higherIsBetter ? ours / value : value / ours;
    // Beside what was measured here: another build of the same peer may be a weaker one.
    const name = peer in peers ? committedName(peer) : peer;
    peers[name] = { value, ratio, source: "committed", precision: "float64" };
  }
  const best = unit.of(own.minimum);
  return { case: name, size, unit: unit.name, ours, best, peers, missing, ...judged(bars, peers) };
}

const committedName = (peer: string): string => `${peer}, committed`;

function committedFigures(name: string, size: string): Record<string, number> {
  const figures: Record<string, Record<string, Record<string, number>>> = committed.figures;
  return figures[name]?.[size] ?? {};
}

/** Whether the bars are met, on what was measured here; a note says what the committed figures add to it. */
export function judged(
  bars: readonly Bar[],
  peers: Readonly<Record<string, Figure>>,
): Pick<Row, "bar" | "met" | "note"> {
  const bar = bars.map(({ text }) => text).join("; ");
  const asked = bars.flatMap(({ than, factor }) => than.map(peer => ({ peer, factor, figure: peers[peer] })));
  const isMet = (figure: Figure | undefined, factor: number): boolean => (figure?.ratio ?? 0) >= factor;
  const open = asked.filter(({ figure }) => figure?.source !== "measured");
  const missed = asked.some(one => !open.includes(one) && !isMet(one.figure, one.factor));
  const notes = asked.flatMap(({ peer, factor, figure }) => {
    const known = figure?.source === "committed" ? figure : peers[committedName(peer)];
    if (known)
      return [`${isMet(known, factor) ? "would be met" : "would not be met"} against the committed ${peer}`];
    return figure ? [] : [`${peer} was not measured`];
  });
  const met = missed ? false : open.length > 0 || asked.length === 0 ? null : true;
  return { bar, met, note: notes.join("; ") };
}
