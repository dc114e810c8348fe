/** @file Every small change of a wrong Function that may make it right, the smallest first. */

import ts from "typescript";
import { type Candidate, costOf, editsOf, type Group } from "./candidate.ts";
import { derivedGradients } from "./edits/derived.ts";
import { freshResult, outOfPlace, stateOnContext } from "./edits/effects.ts";
import { dropped, further, numbers, signs } from "./edits/factors.ts";
import { fixedPoint } from "./edits/fixed-point.ts";
import { otherIndex, otherName, saving, unpacking } from "./edits/names.ts";
import { arithmetic, bothTerms, operands, otherOperation, transposes } from "./edits/products.ts";
import { reductionTerms } from "./edits/reduction-terms.ts";
import { results, timesGradOutput } from "./edits/results.ts";
import { dimensions, orders, sums } from "./edits/shapes.ts";
import type { Edit, Spot } from "./edits/spot.ts";
import { transposedJvp } from "./edits/transposed-jvp.ts";
import type { Ground } from "./ground.ts";
import { LIKELY, likelihood } from "./likelihood.ts";
import type { Wrong } from "./repair.ts";
import { isSwitchable } from "./switches.ts";

const EDITS: readonly (readonly [Group, Edit])[] = [
  ["transposes", transposes],
  ["operands", operands],
  ["operations", otherOperation],
  ["operations", arithmetic],
  ["operations", bothTerms],
  ["drops", dropped],
  ["signs", signs],
  ["further", further],
  ["numbers", numbers],
  ["sums", sums],
  ["further", reductionTerms],
  ["dimensions", dimensions],
  ["orders", orders],
  ["names", otherName],
  ["names", otherIndex],
  ["effects", outOfPlace],
  ["effects", freshResult],
];

/** As many are tried: the smallest. */
const MOST = 1_600;

export function candidatesFor(
  ground: Ground,
  wrong: Pick<Wrong, "rule" | "cause" | "derivation">,
): Candidate[] {
  const { forward, setupContext, backward, jvp } = ground.methods;
  const own = (wrong.rule === "wrong-jvp" ? [jvp] : [backward ?? jvp, ...ground.called]).filter(
    method => method !== undefined,
  );
  const found = own.flatMap(method => {
    const spot = { ground, method };
    return [
      ...everywhere(spot, EDITS),
      ...grouped("results", results(spot)),
      ...grouped("further", timesGradOutput(spot)),
      ...grouped("names", unpacking(spot)),
    ];
  });
  for (const method of [forward, setupContext]) {
    if (method === undefined) continue;
    const spot = { ground, method };
    found.push(...everywhere(spot, [["effects", outOfPlace]]), ...grouped("saving", saving(spot)));
  }
  found.push(...grouped("effects", stateOnContext(ground)));
  const written = wrong.rule === "wrong-jvp" ? jvp : backward;
  if (wrong.derivation !== null && written !== undefined)
    found.push(...grouped("derived", derivedGradients({ ground, method: written }, wrong.derivation)));
  if (wrong.rule !== "wrong-jvp")
    found.push(...grouped("derived", [...transposedJvp(ground), ...fixedPoint(ground)]));
  const { only, likely } = likelihood(wrong);
  const sorted = distinct(found)
    .filter(({ group }) => only === null || only.includes(group!))
    .map(candidate =>
      likely.includes(candidate.group!)
        ? { ...candidate, surcharge: (candidate.surcharge ?? 0) - LIKELY }
        : candidate,
    )
    .sort((a, b) => costOf(a) - costOf(b));
  return sorted.filter(({ group }, i) => i < MOST || group === "derived");
}

const grouped = (group: Group, candidates: readonly Candidate[]): Candidate[] =>
  candidates.map(candidate => ({ ...candidate, group }));

/** The edits at every expression that something else can stand for. */
function everywhere(spot: Spot, edits: readonly (readonly [Group, Edit])[]): Candidate[] {
  const found: Candidate[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isClassLike(node)) return;
    // A loop that ends when something is small enough may else not end at all.
    if (ts.isWhileStatement(node) || ts.isDoStatement(node)) return;
    if (ts.isForStatement(node)) {
      visit(node.statement);
      return;
    }
    if (ts.isExpression(node) && isSwitchable(node))
      for (const [group, edit] of edits) found.push(...grouped(group, edit(node, spot)));
    ts.forEachChild(node, visit);
  };
  visit(spot.method.body);
  return found;
}

/** Of those that change the text in the same way, the first. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(candidate => {
    const key = editsOf(candidate)
      .map(({ start, end, newText }) => `${start} ${end} ${newText}`)
      .join("\n");
    if (seen.has(key) || key === "") return false;
    seen.add(key);
    return true;
  });
}
