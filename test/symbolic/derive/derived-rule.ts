/** @file One rule: what is derived for it, whether the judge finds that right, what it costs beside the rule's own, and how long it takes. */

import { isTensor, noGrad } from "@gradient-lens/engine";
import {
  type BackwardCost,
  costOfBackward,
  derive,
  type Names,
  type Traceable,
} from "../../../engine/symbolic.ts";
import type { Derivation } from "../../../extension/checker/derivation.ts";
import { derivationOf } from "../../../extension/checker/diagnose/derivation-of.ts";
import type { Judgement } from "../../../extension/checker/finding.ts";
import { prepare } from "../../verdict/mutants/examination.ts";
import { elements, type Point, pointsOf, type RuleClass } from "../../verdict/mutants/points.ts";
import type { Rule } from "../../verdict/mutants/rules.ts";
import { type DerivedClass, derivedClass } from "./derived-class.ts";
import { larger } from "./larger.ts";

export interface DerivedRule {
  readonly rule: string;
  /** "input: [3,4], dim: -1": what it was derived at. */
  readonly at: string;
  /** Why there is none; else null. */
  readonly refusal: string | null;
  readonly derivation: Derivation | null;
  /** Names of forward's arguments. */
  readonly names: readonly string[];
  /** Whether the formulas are the same for other sizes; null where that could not be tried. */
  readonly anySize: boolean | null;
  /** What the judge says of the TypeScript; null where there is none to judge. */
  readonly verdict: Judgement["verdict"] | null;
  readonly message: string | null;
  /** Scalar operations. */
  readonly operations: number | null;
  readonly textbook: BackwardCost | null;
  /** operations / textbook; 1 where both are 0. */
  readonly ratio: number | null;
  /** Milliseconds, once warm. */
  readonly ms: number | null;
}

/** How often it is derived to be timed; the last counts. */
const TIMES = 3;
const SEED = 0;

export async function deriveRule(rule: Rule): Promise<DerivedRule> {
  const prepared = await prepare(rule.file, rule.text, rule.site.name);
  if ("refused" in prepared) return refused(rule, prepared.refused.message);
  const points = pointsOf(prepared.program);
  const [point] = points;
  if (point === undefined) return refused(rule, "The judge finds no inputs.");
  const definition = prepared.program.evaluate(SEED) as RuleClass & Traceable;
  const names = namesFor(rule, definition, point);
  const about = {
    at: point.map((arg, i) => `${names.inputs[i]}: ${argumentText(arg)}`).join(", "),
    names: names.inputs,
    textbook: costOf(definition, point, names),
  };
  const elsewhere = larger(point).find(other => isAccepted(definition, other)) ?? null;
  const derived = derive(definition, point, names, elsewhere === null ? {} : { elsewhere });
  if ("untraceable" in derived) return { ...refused(rule, derived.untraceable), ...about };
  const same = points.filter(other => kindOf(other) === kindOf(point));
  // A formula with a size in it as a number is one for that size.
  const judgedAt =
    derived.anySize === true && elsewhere !== null
      ? [...same, elsewhere]
      : same.filter(other => sizesOf(other) === sizesOf(point));
  const derivation = derivationOf(derived);
  const written = derivedClass(rule, definition, derivation, names, judgedAt);
  return {
    ...refused(rule, null),
    ...about,
    derivation,
    anySize: derived.anySize,
    ...(written === null
      ? { message: "It cannot be written with public functions." }
      : await judged(rule, written)),
    operations: derived.cost,
    ratio: about.textbook === null ? null : ratioOf(derived.cost, about.textbook.operations),
    ms: timed(() => derive(definition, point, names)),
  };
}

function refused(rule: Rule, refusal: string | null): DerivedRule {
  return {
    rule: rule.id,
    at: "",
    names: [],
    refusal,
    derivation: null,
    anySize: null,
    verdict: null,
    message: null,
    operations: null,
    textbook: null,
    ratio: null,
    ms: null,
  };
}

/** As in the rule's text; its outputs are numbered where there are several. */
function namesFor(
  { site }: Rule,
  definition: RuleClass,
  point: Point,
): Required<Omit<Names, "tangents" | "intermediates">> {
  const declared = site.forward?.parameters ?? [];
  const result = noGrad(() => definition.apply(...copies(point)));
  const count = Array.isArray(result) ? result.length : 1;
  const numbered = (name: string): string[] =>
    count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}${i}`);
  return {
    inputs: point.map((_, i) => (/^\w+$/.test(declared[i]?.name ?? "") ? declared[i]!.name : `argument${i}`)),
    outputs: numbered("output"),
    gradOutputs: numbered("gradOutput"),
  };
}

function costOf(definition: Traceable, point: Point, names: Names): BackwardCost | null {
  const cost = costOfBackward(definition, point, names);
  return "untraceable" in cost ? null : cost;
}

async function judged(
  rule: Rule,
  { text, name }: DerivedClass,
): Promise<Pick<DerivedRule, "verdict" | "message">> {
  const prepared = await prepare(rule.file, text, name);
  const { verdict, message } = "refused" in prepared ? prepared.refused : prepared.program.examine(SEED);
  return { verdict, message };
}

function ratioOf(operations: number, textbook: number): number {
  return operations === textbook ? 1 : operations / textbook;
}

/** Arguments of the same dimensions and options: what a formula is derived for. */
function kindOf(point: Point): string {
  return JSON.stringify(point.map(arg => (isTensor(arg) ? [arg.dtype, arg.ndim] : arg)));
}

function sizesOf(point: Point): string {
  return JSON.stringify(point.map(arg => (isTensor(arg) ? arg.shape : null)));
}

function copies(point: Point): Point {
  return point.map(arg => (isTensor(arg) ? arg.clone() : arg));
}

/** Whether forward gives finite numbers at a point. */
function isAccepted(definition: RuleClass, point: Point): boolean {
  try {
    const result = noGrad(() => definition.apply(...copies(point)));
    const outputs = (Array.isArray(result) ? result : [result]).filter(isTensor);
    return outputs.every(y => elements(y).every(Number.isFinite));
  } catch {
    return false;
  }
}

function argumentText(arg: unknown): string {
  return isTensor(arg) ? `[${arg.shape.join(", ")}]` : (JSON.stringify(arg) ?? "undefined");
}

function timed(body: () => unknown): number {
  let ms = 0;
  for (let i = 0; i < TIMES; i++) {
    const start = performance.now();
    body();
    ms = performance.now() - start;
  }
  return ms;
}
