/**
 * @file The entry for the lens alone: what a Function's backward should return, derived from its forward, and what it does return,
 * read off its code. Formulas come as expressions, as maths and as TypeScript. Not published.
 */

import { type Checked, derived } from "./symbolic/attempts.ts";
import type { Kept } from "./symbolic/derive.ts";
import { derivedTangent, type Tangent, tangentNames } from "./symbolic/derive-tangent.ts";
import type { Expression, Leaf } from "./symbolic/expression.ts";
import { type Formula, formulasOf } from "./symbolic/formula.ts";
import type { Names, Refusal } from "./symbolic/function-trace.ts";
import { ofLoss } from "./symbolic/loss.ts";
import { type SizeFactor, sizeFactors } from "./symbolic/sizes.ts";
import { type Step, stepsOf } from "./symbolic/steps.ts";
import type { CallStyle, Surroundings } from "./symbolic/typescript.ts";
import type { Traceable } from "./symbolic/verify.ts";

export { Algebra, numberOf } from "./symbolic/algebra.ts";
export { type BackwardCost, costOfBackward } from "./symbolic/backward-cost.ts";
export { replaced } from "./symbolic/derive.ts";
export { costOf, evaluate } from "./symbolic/evaluate.ts";
export {
  type Application,
  type Constant,
  type Expression,
  isCalled,
  type Leaf,
  type Role,
  reachable,
} from "./symbolic/expression.ts";
export { Flow, type Passage } from "./symbolic/flow.ts";
export type { Formula, Formulas } from "./symbolic/formula.ts";
export type { Intermediate, Names, Refusal } from "./symbolic/function-trace.ts";
export { asLatex } from "./symbolic/latex.ts";
export { asMaths } from "./symbolic/maths.ts";
export { commonParts, type Part } from "./symbolic/naming.ts";
export { type Reading, read } from "./symbolic/read.ts";
export type { RowProductsFormula } from "./symbolic/row-products-formula.ts";
export { type MatrixCode, rowProducts } from "./symbolic/row-products-of.ts";
export type { LineKind, Step, StepLine } from "./symbolic/steps.ts";
export { asTypeScript, type CallStyle, type Program } from "./symbolic/typescript.ts";
export type { Traceable } from "./symbolic/verify.ts";
export { type Workings, workings } from "./symbolic/workings.ts";

/** A tensor that backward uses, and so must get from forward. */
export interface SavedTensor {
  readonly name: string;
  readonly role: "input" | "output" | "saved";
  /** How forward computes it, for one that is neither input nor output. */
  readonly formula: Formula | null;
  /** Common parts of that. */
  readonly parts: readonly Formula[];
  /** Where forward's text has it; null where that is not known. */
  readonly place: number | null;
}

export interface DerivedBackward {
  /** For each argument of forward; null where no gradient is due. */
  readonly formulas: readonly (Formula | null)[];
  /** Common parts, in the order in which they are computed; the formulas use their names. */
  readonly parts: readonly Formula[];
  /** All of it as TypeScript; null where the engine has no public function for an operation. */
  readonly statements: readonly string[] | null;
  /** What of the engine's entry the TypeScript uses, that of what is saved included. */
  readonly imports: readonly string[];
  readonly saved: readonly SavedTensor[];
  /** Scalar operations. */
  readonly cost: number;
  /** Whether the formulas are the same for the other sizes that were given; null where none were. */
  readonly anySize: boolean | null;
  /** How it is derived; null where that was not asked for, or is too long to be followed. */
  readonly steps: readonly Step[] | null;
}

export interface DeriveOptions {
  readonly style?: CallStyle;
  /** Arguments of other sizes, to tell the numbers that come of sizes from those that are in the code. */
  readonly elsewhere?: readonly unknown[];
  /** Whether the steps are wanted, too. Default: false. */
  readonly steps?: boolean;
  /** Whether forward is a loss, from which differentiation starts: what flows into it is 1. Default: false. */
  readonly loss?: boolean;
}

/**
 * What backward must return, from forward traced at arguments that it accepts.
 * @param args forward's arguments, ctx left out; where sizes differ from one another, the text asks the right tensor for each
 */
export function derive(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  { style = "methods", elsewhere, steps = false, loss = false }: DeriveOptions = {},
): DerivedBackward | Refusal {
  const found = derived(definition, args, names);
  const checked = loss ? ofLoss(found) : found;
  if ("untraceable" in checked) return checked;
  const { grads, kept } = checked.derivation;
  const taken = [...names.inputs, ...(names.outputs ?? []), ...(names.gradOutputs ?? [])];
  const available = checked.forward.inputs.filter(x => x !== null);
  const other = elsewhere === undefined ? undefined : derived(definition, elsewhere, names);
  const there = other && loss ? ofLoss(other) : other;
  const sizes = there && sizesBeside(checked, there);
  const beside = there === undefined || "untraceable" in there ? null : there;
  const told = steps ? stepsOf(checked, names, { elsewhere: beside, sizes: sizes ?? new Map(), loss }) : null;
  return { ...writtenOut(grads, kept, { taken, available, style, sizes }), steps: told };
}

interface Writing {
  readonly taken: readonly string[];
  readonly available: readonly Leaf[];
  readonly style: CallStyle;
  /** Null where the formulas are not the same for other sizes; undefined where none were given. */
  readonly sizes: Map<Expression, SizeFactor> | null | undefined;
}

function writtenOut(
  results: readonly (Expression | null)[],
  kept: readonly Kept[],
  { taken, available, style, sizes }: Writing,
): DerivedBackward {
  const { formulas, parts, statements, imports, cost, leaves } = formulasOf(results, taken, style, {
    available,
    sizes: sizes ?? new Map(),
  });
  const inputs = available.filter(({ role }) => role === "input");
  const found = leaves
    .filter(leaf => leaf.role !== "gradOutput")
    .map(leaf => savedTensor(leaf, kept, style, { available: inputs, sizes: sizes ?? new Map() }));
  const saved = found.map(({ tensor }) => tensor);
  const all = new Set([...imports, ...found.flatMap(one => one.imports)]);
  const anySize = sizes === undefined ? null : sizes !== null;
  return { formulas, parts, statements, imports: [...all].sort(), saved, cost, anySize, steps: null };
}

/**
 * What jvp must return: as {@link derive}, with a formula for each output, in terms of tangents `dx`.
 */
export function deriveTangent(
  definition: Traceable,
  args: readonly unknown[],
  names: Names,
  { style = "methods", elsewhere }: DeriveOptions = {},
): DerivedBackward | Refusal {
  const found = derivedTangent(definition, args, names);
  if ("untraceable" in found) return found;
  const there = elsewhere === undefined ? undefined : derivedTangent(definition, elsewhere, names);
  const taken = [...names.inputs, ...(names.outputs ?? []), ...tangentNames(names)];
  const available = [...found.tangents, ...found.forward.inputs].filter(x => x !== null);
  const sizes = there === undefined ? undefined : "untraceable" in there ? null : tangentSizes(found, there);
  return writtenOut(found.results, found.kept, { taken, available, style, sizes });
}

function tangentSizes(here: Tangent, there: Tangent): Map<Expression, SizeFactor> | null {
  const leavesOf = ({ forward, tangents }: Tangent): Leaf[] =>
    [...tangents, ...forward.inputs].filter(leaf => leaf !== null);
  return sizeFactors(here.results, there.results, leavesOf(here), leavesOf(there));
}

/** The coefficients that come of sizes; null where the formulas are not the same for other sizes. */
function sizesBeside(here: Checked, there: Checked | Refusal): Map<Expression, SizeFactor> | null {
  if ("untraceable" in there) return null;
  const leavesOf = ({ forward, derivation }: Checked): Leaf[] =>
    [...forward.inputs, ...derivation.gradOutputs].filter(leaf => leaf !== null);
  const rootsOf = ({ derivation: { grads, kept } }: Checked): (Expression | null)[] => [
    ...grads,
    ...kept.map(({ expression }) => expression),
  ];
  return sizeFactors(rootsOf(here), rootsOf(there), leavesOf(here), leavesOf(there));
}

function savedTensor(
  { name, role }: Leaf,
  kept: readonly Kept[],
  style: CallStyle,
  surroundings: Surroundings,
): { tensor: SavedTensor; imports: readonly string[] } {
  const own = kept.find(({ leaf }) => leaf.name === name);
  const written = own === undefined ? null : formulasOf([own.expression], [name], style, surroundings);
  const tensor = {
    name,
    role: role as SavedTensor["role"],
    formula: written?.formulas[0] ?? null,
    parts: written?.parts ?? [],
    place: own?.place ?? null,
  };
  return { tensor, imports: written?.imports ?? [] };
}
