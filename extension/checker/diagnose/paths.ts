/**
 * @file Hypotheses about the ways from an input to the output: one of them, or all through an intermediate result, was left out, counted
 * with the wrong sign or too often.
 */

import { type Expression, Flow, type Leaf, type Passage } from "@gradient-lens/engine/symbolic";
import { attempt, type Case, flat, partsOf, type Scene } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import { factorExplanation } from "./factor.ts";
import { alike, isZero, multiple } from "./numbers-alike.ts";
import { partText } from "./wording-of-parts.ts";

/** Beyond this, forward is no formula that a person has in mind. */
const MOST_PASSAGES = 150;
/** Sums, means and extremes, of which people treat several as constants at once. */
const MOST_STATISTICS = 5;

export function explainPaths(c: Case, argument: number): Explanation | null {
  const { workings } = c;
  const leaf = workings?.inputs[argument] ?? null;
  if (workings === null || leaf === null) return null;
  const flows = c.scenes.map(scene => flowAt(c, scene));
  const [flow] = flows;
  if (flow == null || flows.includes(null) || flow.passages.length > MOST_PASSAGES) return null;
  const all = flows as Flow[];
  return onePath(c, all, argument, leaf) ?? constants(c, all, argument, leaf);
}

/** What reaches an intermediate result is returned, as if that were the input: the last step of the chain rule is missing. */
export function explainStop(c: Case, argument: number): Explanation | null {
  const flows = c.scenes.map(scene => flowAt(c, scene));
  const [flow] = flows;
  if (flow == null || flows.includes(null) || flow.passages.length > MOST_PASSAGES) return null;
  const between = [...new Set(flow.passages.map(({ by }) => by))];
  const stop = between.find(e =>
    c.scenes.every((scene, s) => {
      const reached = flows[s]!.reaching(e);
      const got = scene.returned[argument];
      return reached !== null && got != null && alike(flat(reached), got);
    }),
  );
  if (stop === undefined || c.workings!.outputs.includes(stop)) return null;
  const where = partText(stop);
  return { kind: "stopped-early", details: { argument: nameOf(c, argument), ...(where && { where }) } };
}

function flowAt({ workings }: Case, { cotangent, oracle, leaves }: Scene): Flow | null {
  if (leaves === null || workings === null) return null;
  return attempt(() => new Flow(workings.outputs, partsOf(cotangent, oracle.shapes), leaves));
}

/** How far what is returned is off what is right. */
function offBy({ returned, expected }: Scene, argument: number): Float64Array | null {
  const [got, right] = [returned[argument], expected[argument]];
  return got != null && right != null ? got.map((value, k) => value - right[k]!) : null;
}

function onePath(c: Case, flows: readonly Flow[], argument: number, leaf: Leaf): Explanation | null {
  const fitting: { passage: Passage; times: number }[] = [];
  for (const [p, passage] of flows[0]!.passages.entries()) {
    let times: number | null = null;
    const holds = c.scenes.every((scene, s) => {
      const off = offBy(scene, argument);
      const share = attempt(() => flows[s]!.along(flows[s]!.passages[p]!, leaf));
      if (off === null || share === null) return false;
      const values = flat(share);
      if (isZero(values) || alike(values, scene.expected[argument]!)) return false;
      const by = multiple(off, values);
      if (
        by === null ||
        Math.abs(by) < 1e-7 ||
        (times !== null && Math.abs(by - times) > 1e-6 * Math.abs(by))
      )
        return false;
      times = by;
      return true;
    });
    if (holds && times !== null) fitting.push({ passage, times });
  }
  const dropped = fitting.filter(({ times }) => Math.abs(times + 1) < 1e-6);
  if (dropped.length > 0)
    return droppedPath(
      c,
      argument,
      dropped.map(({ passage }) => passage),
    );
  const [first] = fitting;
  if (first === undefined) return null;
  const details = { argument: nameOf(c, argument), ...throughDetails(fitting.map(({ passage }) => passage)) };
  return factorExplanation(c, 1 + first.times, null, details);
}

function droppedPath(c: Case, argument: number, passages: readonly Passage[]): Explanation {
  const details = { argument: nameOf(c, argument) };
  const direct = passages.find(({ into }) => into.kind === "leaf");
  const between = passages.filter(({ into }) => into.kind !== "leaf");
  if (direct !== undefined && !between.some(({ into }) => isTelling(into))) {
    const where = partText(direct.by);
    return { kind: "term-missing", details: { ...details, ...(where === undefined ? {} : { where }) } };
  }
  return { kind: "path-missing", details: { ...details, ...throughDetails(between) } };
}

/** The intermediate that says best where a path leads through: a sum or a mean before all else, then the shortest. */
function throughDetails(passages: readonly Passage[]): { where?: string } {
  const named = passages.flatMap(({ into }) => {
    const text = into.kind === "leaf" ? undefined : partText(into);
    return text === undefined ? [] : [{ text, statistic: isStatistic(into) }];
  });
  named.sort((a, b) => Number(b.statistic) - Number(a.statistic) || a.text.length - b.text.length);
  return named[0] === undefined ? {} : { where: named[0].text };
}

/** Several statistics are taken for constants: mean and variance, say. */
function constants(c: Case, flows: readonly Flow[], argument: number, leaf: Leaf): Explanation | null {
  const found = [...new Set(flows[0]!.passages.map(({ into }) => into))].filter(isStatistic);
  if (found.length === 0 || found.length > MOST_STATISTICS) return null;
  const sets = Array.from({ length: 2 ** found.length - 1 }, (_, mask) =>
    found.filter((_, i) => ((mask + 1) >> i) % 2 === 1),
  ).sort((a, b) => a.length - b.length);
  for (const set of sets) {
    const holds = c.scenes.every((scene, s) => {
      const rest = attempt(() => flows[s]!.without(new Set(set), leaf));
      const got = scene.returned[argument];
      return got != null && rest !== null && alike(flat(rest), got);
    });
    if (!holds) continue;
    const texts = set.map(partText).filter(text => text !== undefined);
    const where = texts.length === 0 ? {} : { where: texts.join("` and `") };
    return { kind: "path-missing", details: { argument: nameOf(c, argument), ...where } };
  }
  return null;
}

/** Products of the input, and its entries in other places, are no intermediate that people would name. */
const PASSING = "matmul mul div permute reshape expand slice neg add sub clone".split(" ");

function isTelling(e: Expression): boolean {
  return isStatistic(e) || (e.kind === "application" && !PASSING.includes(e.call.name));
}

function isStatistic(e: Expression): boolean {
  if (e.kind !== "application") return false;
  const size = (x: Expression): number => x.shape.reduce((n, d) => n * d, 1);
  return e.call.inputs.length === 1 && size(e.call.inputs[0]!) > size(e);
}

function nameOf(c: Case, i: number): string {
  return c.names[i] ?? `argument ${i}`;
}
