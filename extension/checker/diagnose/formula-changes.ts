/** @file Hypotheses by small changes of formulas: of the right one, until it is what is returned; of what is returned, until it is right. */

import { isTensor, type Tensor } from "@gradient-lens/engine";
import { type Expression, evaluate, isCalled, numberOf } from "@gradient-lens/engine/symbolic";
import { attempt, type Case, flat, type Scene } from "./case.ts";
import type { Details, Explanation } from "./explanation.ts";
import { alike, isZero, multiple } from "./numbers-alike.ts";
import type { Kind } from "./sentences.ts";
import { type Change, isOfGradOutputAlone, type Variation, variations } from "./variations.ts";
import { partText } from "./wording-of-parts.ts";

/** For each change: what it means where the right formula is changed, and where what is returned is; the simpler first. */
const MEANINGS: Readonly<Record<Change, readonly [ofRight: Kind, ofReturned: Kind, rank: number]>> = {
  "transpose-removed": ["transpose-missing", "transpose-superfluous", 1],
  "transpose-added": ["transpose-superfluous", "transpose-missing", 1.5],
  "flip-dropped": ["flip-missing", "flip-superfluous", 1],
  "inverse-dropped": ["inverse-missing", "inverse-superfluous", 2],
  "operands-swapped": ["operands-swapped", "operands-swapped", 2],
  "operands-exchanged": ["wrong-operand", "wrong-operand", 2],
  condition: ["wrong-condition", "wrong-condition", 2],
  direction: ["wrong-direction", "wrong-direction", 2],
  operand: ["wrong-operand", "wrong-operand", 2],
  axis: ["wrong-axis", "wrong-axis", 1.4],
  sign: ["wrong-sign", "wrong-sign", 3],
  "reduction-dropped": ["not-reduced", "reduced", 3],
  "all-taken": ["reduced", "one-of-several", 1],
  power: ["wrong-exponent", "wrong-exponent", 1.8],
  "factor-dropped": ["factor-missing", "factor-superfluous", 4],
  "divisor-dropped": ["factor-missing", "factor-superfluous", 4],
  "condition-dropped": ["factor-missing", "factor-superfluous", 4],
  "term-dropped": ["term-missing", "term-superfluous", 4.4],
  "function-dropped": ["function-missing", "function-superfluous", 4],
  "product-to-elementwise": ["elementwise-for-matrix-product", "matrix-product-for-elementwise", 5],
  "elementwise-to-product": ["matrix-product-for-elementwise", "elementwise-for-matrix-product", 5],
};

interface Found {
  readonly variation: Variation;
  /** Whether the right formula was changed, or what is returned. */
  readonly of: "right" | "returned";
  /** The changed formula is right but for this factor. */
  readonly times: number;
  readonly rank: number;
}

/** More operations are no formula that a person has written or would read. */
const MOST_OPERATIONS = 60;

export function explainByChanges(c: Case, argument: number): Explanation | null {
  const { workings } = c;
  if (workings === null) return null;
  const right = workings.expected[argument] ?? null;
  const returned = workings.returned?.[argument] ?? null;
  const leaves = [...workings.inputs, ...workings.outputLeaves].filter(leaf => leaf !== null);
  const found: Found[] = [];
  for (const [of, formula] of [
    ["right", right],
    ["returned", returned],
  ] as const) {
    if (formula === null) continue;
    let left = MOST_OPERATIONS * 20;
    for (const variation of variations(workings.algebra, formula, leaves)) {
      if (left-- === 0) break;
      if (variation.after === null && numberOf(variation.before) === 0) continue;
      const times = fitsHere(c, argument, of, variation);
      if (times === null) continue;
      // A factor and its number, −2x say, are forgotten together.
      // What can be told of the code as it stands is told of that: elsewhere a condition, say, may stand the other way round.
      const afar = of === "right" ? 0.3 : 0;
      const rank = MEANINGS[variation.change][2] + (times === 1 ? 0 : 3) + afar;
      found.push({ variation, of, times, rank });
    }
  }
  found.sort((a, b) => a.rank - b.rank);
  const fitting = found.find(({ variation, of, times }) =>
    c.scenes.every(scene => fitsAt(scene, argument, of, variation.formula, times)),
  );
  return fitting === undefined ? null : explanationOf(c, argument, fitting);
}

/** By the numbers that the formula was traced with, which are those of the first scene: how many times it is what is wanted. */
function fitsHere(c: Case, argument: number, of: Found["of"], { change, formula }: Variation): number | null {
  const [scene] = c.scenes;
  const got = fitted(scene, argument, formula.value);
  const wanted = (of === "right" ? scene.returned : scene.expected)[argument];
  if (got === null || wanted == null) return null;
  if (alike(got, wanted)) return 1;
  if (of !== "right" || change !== "factor-dropped" || got.length < 2 || isZero(got)) return null;
  return multiple(wanted, got);
}

function fitsAt(
  scene: Scene,
  argument: number,
  of: Found["of"],
  formula: Expression,
  times: number,
): boolean {
  if (scene.leaves === null) return false;
  const { leaves } = scene;
  const value = attempt(() => evaluate([formula], leaves)[0]!);
  const got = value === null ? null : fitted(scene, argument, value);
  const wanted = (of === "right" ? scene.returned : scene.expected)[argument];
  return got !== null && wanted != null && alike(times === 1 ? got : got.map(x => times * x), wanted);
}

/** In the shape of the argument, to which the engine would bring it. */
function fitted({ args }: Scene, argument: number, value: Tensor): number[] | null {
  const arg = args[argument];
  if (!isTensor(arg)) return null;
  const { shape } = arg;
  const whole = value.shape.join() === shape.join() ? value : attempt(() => value.expand(shape).contiguous());
  const made = whole ?? attempt(() => value.sumToSize(shape));
  return made === null ? null : flat(made);
}

function explanationOf(c: Case, argument: number, { variation, of, times }: Found): Explanation {
  const { change, before, after } = variation;
  const [ofRight, ofReturned] = MEANINGS[change];
  let kind = of === "right" ? ofRight : ofReturned;
  const details: Details = { argument: c.names[argument] ?? `argument ${argument}` };
  const [is, should] = of === "right" ? [after, before] : [before, after];
  const text = (e: Expression | null): string | undefined => (e === null ? undefined : partText(e));
  if (change === "operand") {
    const roles = [is, should].map(e => (e?.kind === "leaf" ? e.role : null));
    if (roles.join() === "output,input") kind = "output-for-input";
    if (roles.join() === "input,output") kind = "input-for-output";
  }
  if (change === "function-dropped" && of === "returned" && isOfGradOutputAlone(before))
    kind = "grad-output-distorted";
  if (change === "axis") {
    const [of, along] = [is, should].map(e => text(reductionIn(e)));
    return { kind, details: { ...details, ...(of !== along && { part: of, instead: along }) } };
  }
  const dropped = times === 1 || c.workings === null ? before : c.workings.algebra.scaled(1 / times, before);
  const part = after === null ? text(dropped) : text(is);
  const instead = after === null ? undefined : text(should);
  const unnamed = change === "condition-dropped" && before.dtype !== "bool";
  if (part !== undefined && !unnamed) details.part = part;
  if (instead !== undefined) details.instead = instead;
  if (change === "divisor-dropped") details.where = "divisor";
  if (change === "condition-dropped") details.where = "condition";
  if (change === "operands-exchanged") details.where = "both";
  return { kind, details };
}

/** Without the size that a mean divides by: here it is that of a sample. */
function reductionIn(e: Expression | null): Expression | null {
  return e !== null && isCalled(e, "div", "mul") && numberOf(e.call.inputs[1]!) !== null
    ? e.call.inputs[0]!
    : e;
}
