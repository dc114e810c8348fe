/** @file What to try for one parameter of `forward`, likeliest first, from its type, its name, its default and its use. */

import { isTensor, type Tensor } from "@gradient-lens/engine";
import type { Parameter } from "../sandbox/job.ts";
import type { Discrete } from "./index-tensors.ts";
import { isNumberName, numberListsFor, numbersBeside, numbersFor } from "./numbers.ts";
import { optionChoices } from "./options.ts";
import type { Recipe, Shapes } from "./recipe.ts";
import { boundNames, isUsedAsIndex, wordsFor } from "./source-hints.ts";
import { literalOf, readType, type WrittenType } from "./written-type.ts";

/** One way to make an argument. Costs add up; the cheapest list of arguments is tried first. */
export interface Choice {
  readonly cost: number;
  readonly recipe: Recipe;
}

/** What each further value for the same argument costs. */
const STEP = 0.5;
/** How much less likely an argument is left out, where it may be, than a tensor is given. */
const LEFT_OUT = 0.7;

/** Costs of ranks 0 to 4: matrices are commonest in custom Functions, and tell most. */
const RANK_COSTS = [2, 0.5, 0, 1, 1.6];
const VECTOR_COSTS = [0.8, 0, 0.6, 1.4, 2.4];
const SCALAR_COSTS = [0, 0.4, 0.8, 1.6, 2.4];
const IMAGE_COSTS = [2.4, 1.6, 1, 0.8, 0];

/** By the field's custom a capital letter is a matrix. */
const VECTOR_NAMES = /^[bc]\d*$|^([Bb]eta|[Gg]amma)\d*$|[Bb]ias|[Ll]engths?$|^running/;
const SCALAR_NAMES = /^(sigma|lengthscale|scale|temperature|alpha|tau|theta)$/i;
const IMAGE_NAMES = /^(images?|img|feature_?maps?|kernel)$/i;
const INDEX_NAMES =
  /ind(ex|ices|exes)$|^idx|idx$|^ids?$|Ids$|tokens|positions|^(edges|faces|triangles|pairs|triplets|neighbou?rs|bonds)$/i;
const LABEL_NAMES = /labels?$|targets?$|classes$|segments?$|^batch$|assignments?/i;
const LENGTH_NAMES = /lengths?$|counts?$|sizes$/i;
const MASK_NAMES = /mask|^where$|^condition$|^cond$|keep$|^observed$|^active$/i;
const FLAG_NAMES =
  /^(is|has|use|with|keep|return)(_|[A-Z])|^(keepdim|training|inplace|transposed?|reverse|causal|upper|lower|log|affine|unbiased|largest|sorted|descending|normalize)$/;
const WORD_NAMES = /^(reduction|mode|kind|how|method|activation|approximate|ord|type)$/i;
const OPTION_NAMES = /^(opts?|options?|config|params|settings|args)$/i;
const FUNCTION_NAMES = /^(f|fn|func|function|g|map)$/i;

/** @param text Of forward, for what its use says. */
export function choicesFor(parameter: Parameter, text: string): Choice[] {
  const { name, type, optional, initializer, rest } = parameter;
  const types = typesOf(type, initializer);
  if (rest) {
    const each = restElement(types);
    return spread(each.length > 0 ? fromTypes(name, each, text) : tensors(name));
  }
  const initial = initializer === null ? undefined : literalOf(initializer)?.value;
  const choices = name.startsWith("{")
    ? optionChoices(name, types, text)
    : fromTypes(name, types, text, initial);
  const canBeLeftOut = optional || initializer !== null;
  if (!canBeLeftOut) return sorted(choices);
  // A tensor that may be left out is likelier to be differentiated than not; a default is likelier kept.
  const givesTensor = choices[0]?.recipe.kind === "tensor";
  const later = givesTensor ? choices : delayed(choices, STEP);
  return sorted([{ cost: givesTensor ? LEFT_OUT : 0, recipe: value(undefined) }, ...later]);
}

/** The type that was written, or that the default shows. */
function typesOf(type: string | null, initializer: string | null): readonly WrittenType[] {
  if (type !== null) return readType(type);
  const literal = initializer === null ? undefined : literalOf(initializer)?.value;
  if (literal !== undefined) return [{ kind: typeof literal as "number" | "boolean" | "string" }];
  if (initializer?.startsWith("{")) return [{ kind: "object", members: [] }];
  if (initializer?.startsWith("[")) return [{ kind: "list", of: [{ kind: "number" }] }];
  if (initializer !== null && /^[-\d(]|^Math\./.test(initializer)) return [{ kind: "number" }];
  return [{ kind: "unknown" }];
}

function restElement(types: readonly WrittenType[]): readonly WrittenType[] {
  return types.flatMap(type =>
    type.kind === "list" ? type.of : type.kind === "tuple" ? (type.entries[0] ?? []) : [],
  );
}

function spread(choices: readonly Choice[]): Choice[] {
  return sorted(
    [2, 3, 1].flatMap((length, i) =>
      choices.map(({ cost, recipe }) => ({
        cost: cost + i * STEP,
        recipe: { kind: "spread" as const, entries: new Array<Recipe>(length).fill(recipe) },
      })),
    ),
  );
}

/** Choices for a union of types. */
export function fromTypes(
  name: string,
  types: readonly WrittenType[],
  text: string,
  initial?: unknown,
): Choice[] {
  const literals = types.flatMap(type => (type.kind === "literal" ? [type.value] : []));
  const others = types.filter(type => type.kind !== "literal");
  return sorted([
    ...values(literals),
    ...others.flatMap((type, i) => delayed(fromType(name, type, text, initial), i * STEP)),
  ]);
}

function fromType(name: string, type: WrittenType, text: string, initial: unknown): Choice[] {
  switch (type.kind) {
    case "tensor":
      return tensors(name, text);
    case "number":
      return values(numbersBeside(name, initial));
    case "boolean":
      return values([false, true]);
    case "string":
      return values([...wordsFor(name, text).slice(0, 8), "mean"]);
    case "nothing":
      return [{ cost: LEFT_OUT, recipe: value(null) }];
    case "literal":
      return values([type.value]);
    case "function":
      return values([contraction]);
    case "list":
      return lists(name, type.of, text);
    case "tuple": {
      const names = name.startsWith("[") ? boundNames(name.slice(1, -1)) : [];
      const parts = type.entries.map((entry, i) => fromTypes(names[i]?.name ?? name, entry, text));
      return combined(parts).map(({ cost, entries }) => ({ cost, recipe: { kind: "list", entries } }));
    }
    case "object":
      return optionChoices(name, [type], text);
    case "unknown":
      return guessed(name, text);
  }
}

/** For an argument of which only its name is known. */
function guessed(name: string, text: string): Choice[] {
  const late = 2.5;
  if (OPTION_NAMES.test(name)) return optionChoices(name, [], text);
  if (FLAG_NAMES.test(name)) return [...values([false, true]), ...delayed(tensors(name), late)];
  if (WORD_NAMES.test(name))
    return [...values(wordsFor(name, text).slice(0, 8)), ...delayed(values(numbersFor(name)), 1)];
  if (FUNCTION_NAMES.test(name)) return [...values([contraction]), ...delayed(tensors(name), 1)];
  const numbers = values(numbersFor(name));
  const lasts = [
    ...delayed(lists(name, [{ kind: "number" }], text), late + 0.5),
    ...delayed(lists(name, [{ kind: "tensor" }], text), late + 0.5),
    ...delayed(values([false, true]), late + 1),
    ...delayed(optionChoices(name, [], text), late + 0.5),
    ...delayed(values(wordsFor(name, text).slice(0, 4)), late + 0.5),
  ];
  if (/shape|sizes?$|dims$|axes$|perm/i.test(name) && !/^size$/i.test(name))
    return [
      ...lists(name, [{ kind: "number" }], text),
      ...delayed(numbers, 1),
      ...delayed(tensors(name), late),
    ];
  return isNumberName(name) && !INDEX_NAMES.test(name)
    ? [...numbers, ...delayed(tensors(name), 1.5), ...lasts]
    : [...tensors(name, text), ...delayed(numbers, late - 1), ...lasts];
}

/** A tensor of each rank, of floating-point numbers or of whatever its name or its use says. */
export function tensors(name: string, text = ""): Choice[] {
  const ranked = (discrete: Discrete | null, costs: readonly number[], extra: number): Choice[] =>
    costs.map((cost, rank) => ({ cost: cost + extra, recipe: { kind: "tensor", rank, discrete } }));
  const ranks = VECTOR_NAMES.test(name)
    ? VECTOR_COSTS
    : SCALAR_NAMES.test(name)
      ? SCALAR_COSTS
      : IMAGE_NAMES.test(name)
        ? IMAGE_COSTS
        : RANK_COSTS;
  const [floats, indices, lengths, masks] = INDEX_NAMES.test(name)
    ? [2.5, 0, 3, 4]
    : isUsedAsIndex(name, text)
      ? [2, 0, 3, 4]
      : LABEL_NAMES.test(name)
        ? [0, 0.3, 3, 3]
        : MASK_NAMES.test(name)
          ? [1, 3, 4, 0]
          : isLengthName(name)
            ? [1.5, 1, 0, 4]
            : [0, 3, 5, 4];
  return sorted([
    ...ranked(null, ranks, floats),
    ...ranked("indices", VECTOR_COSTS, indices),
    ...ranked("lengths", VECTOR_COSTS, lengths),
    ...ranked("mask", RANK_COSTS, masks),
  ]);
}

/** Whether a tensor of this name is likely to hold indices, labels or lengths. */
export function isIntegerName(name: string): boolean {
  return INDEX_NAMES.test(name) || LABEL_NAMES.test(name) || isLengthName(name);
}

function isLengthName(name: string): boolean {
  return LENGTH_NAMES.test(name) && !/lengthscale/i.test(name);
}

function lists(name: string, of: readonly WrittenType[], text: string): Choice[] {
  if (of.some(type => type.kind === "tensor")) {
    return [2, 3, 1].flatMap((length, i) =>
      tensors(name).map(({ cost, recipe }) => ({
        cost: cost + i * STEP,
        recipe: { kind: "list" as const, entries: new Array<Recipe>(length).fill(recipe) },
      })),
    );
  }
  if (of.some(type => type.kind === "number")) {
    return numberListsFor(name).map((list, i) => ({
      cost: i * STEP,
      recipe: typeof list === "function" ? { kind: "sized", of: list } : value(list),
    }));
  }
  const two = combined([fromTypes(name, of, text), fromTypes(name, of, text)]).map(
    ({ cost, entries }): Choice => ({ cost, recipe: { kind: "list", entries } }),
  );
  if (!of.some(type => type.kind === "boolean" || isTable(type))) return two;
  const flags = tables(of.some(isTable)).map(
    (table, i): Choice => ({ cost: i * STEP, recipe: { kind: "sized", of: table } }),
  );
  return [...flags, ...delayed(two, STEP)];
}

const isTable = (type: WrittenType): boolean =>
  type.kind === "list" && type.of.some(({ kind }) => kind === "boolean");

/** Flags for each row, or for each element of the last dimension; or a table of them, of what may look at what before it. */
function tables(isTable: boolean): ((shapes: Shapes) => unknown)[] {
  const size = (shapes: Shapes, t: number, d: number): number => shapes[t]?.at(d) ?? 2;
  if (!isTable)
    return [0, -1].map(d => shapes => Array.from({ length: size(shapes, 0, d) }, (_, i) => i % 2 === 0));
  return [0, 1].map(
    t => shapes =>
      Array.from({ length: size(shapes, 0, -2) }, (_, i) =>
        Array.from({ length: size(shapes, t, -2) }, (_, j) => j <= i),
      ),
  );
}

/** The cheapest of each, then what changes one of them. */
export function combined(
  parts: readonly (readonly Choice[])[],
): { readonly cost: number; readonly entries: readonly Recipe[] }[] {
  if (parts.some(choices => choices.length === 0)) return [];
  const first = parts.map(choices => choices[0]!);
  const base = first.reduce((sum, { cost }) => sum + cost, 0);
  const changed = parts.flatMap((choices, at) =>
    choices.slice(1, 9).map(choice => ({
      cost: base - first[at]!.cost + choice.cost,
      entries: first.map((other, i) => (i === at ? choice.recipe : other.recipe)),
    })),
  );
  return [{ cost: base, entries: first.map(({ recipe }) => recipe) }, ...changed];
}

export function values(list: readonly unknown[]): Choice[] {
  return list.map((entry, i) => ({ cost: i * STEP, recipe: value(entry) }));
}

function value(entry: unknown): Recipe {
  return { kind: "value", value: entry };
}

export function delayed(choices: readonly Choice[], by: number): Choice[] {
  return choices.map(({ cost, recipe }) => ({ cost: cost + by, recipe }));
}

function sorted(choices: readonly Choice[]): Choice[] {
  return choices.toSorted((a, b) => a.cost - b.cost);
}

/** For an argument that is a function of tensors: smooth, and with a fixed point. */
function contraction(...args: unknown[]): unknown {
  const [first, ...others] = args.filter(isTensor);
  return others
    .reduce((sum: Tensor, other) => sum.add(other), first!)
    .tanh()
    .mul(0.5);
}
