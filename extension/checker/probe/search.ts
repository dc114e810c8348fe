/** @file Finds arguments that `forward` accepts by trying it on tiny tensors. */

import type { FunctionClass } from "@gradient-lens/engine";
import type { Parameter } from "../sandbox/job.ts";
import { type Choice, choicesFor } from "./candidates.ts";
import { GENERIC, widerThan } from "./domains.ts";
import { type Foothold, findFoothold, repeated, withDiscrete } from "./foothold.ts";
import { generalised } from "./generalise.ts";
import { furtherNumbers } from "./numbers.ts";
import type { Pattern } from "./patterns.ts";
import { type Recipe, slotsOf } from "./recipe.ts";
import type { Found, Sample } from "./sample.ts";
import { textOf } from "./source-hints.ts";
import { Trials } from "./trials.ts";
import { readType } from "./written-type.ts";

export { resample, type Sample } from "./sample.ts";

export interface SearchResult {
  /** The most general pattern for each number of dimensions that was accepted, likeliest first. */
  readonly samples: readonly Sample[];
  readonly tries: number;
  /** What forward threw, by how often. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Tries for all that follows the first arguments that are accepted. */
const MOST_FURTHER_TRIES = 3000;
/** As many differently shaped lists of arguments as are judged. */
const MOST_SHAPES = 4;
/** As many of them as have one tensor's rank changed by itself, where there are many tensors. */
const MOST_BROADCAST = 1;
/** As many further values of the arguments that are no tensors. */
const MOST_VARIANTS = 6;
const DRAWS = 3;
const LARGEST_RANK = 4;

export function search(
  definition: FunctionClass,
  parameters: readonly Parameter[],
  uniform: () => number,
): SearchResult {
  const trials = new Trials(definition, uniform);
  const text = textOf(definition.forward);
  const choices = parameters.map(parameter => choicesFor(parameter, text));
  const foothold = findFoothold(choices, trials);
  const { errors } = trials;
  if (foothold === null) return { samples: [], tries: trials.tries, errors };
  trials.most = trials.tries + MOST_FURTHER_TRIES;
  const first = relaxed(foothold, trials);
  const sample = generalised(first, [], trials);
  const others = ofOtherRanks(first, sample.pattern!, trials);
  const samples = [
    ...likeliestFirst([sample, ...others]),
    ...variants(first, sample.pattern!.letters, choices, parameters, trials),
  ];
  return { samples, tries: trials.tries, errors };
}

/** Each tensor's domain given up where forward does not need it: of A⁻¹b, only A is positive definite. */
function relaxed(foothold: Foothold, trials: Trials): Foothold {
  let best = foothold;
  const slots = slotsOf(foothold.recipes);
  for (const [t, { recipe }] of slots.entries()) {
    if (recipe.discrete !== null) continue;
    for (const wider of widerThan(best.domains[t]!)) {
      const freer = { ...best, domains: best.domains.with(t, wider) };
      if (repeated(freer, trials, 4 * DRAWS) !== null) continue;
      best = freer;
      break;
    }
  }
  return best;
}

/** The same with more dimensions or fewer: all tensors alike first, then one at a time. */
function ofOtherRanks(foothold: Foothold, first: Found, trials: Trials): Sample[] {
  const ranks = foothold.shapes.map(shape => shape.length);
  const found: Sample[] = [];
  const search = (rankings: readonly (readonly number[])[], most: number): void => {
    let left = most;
    for (const other of rankings) {
      if (left === 0 || found.length + 1 === MOST_SHAPES || trials.spent) return;
      const candidate = withRanks(foothold, other);
      if (repeated(candidate, trials, DRAWS) !== null) continue;
      found.push(generalised(candidate, expectedGroups(first.letters, other), trials));
      left--;
    }
  };
  const together = rankingsLike(ranks);
  search(together, MOST_SHAPES);
  const apart = ranks.flatMap((rank, t) => [-1, 1, 2, -2].map(by => ranks.with(t, rank + by)));
  const isNew = (list: readonly number[]): boolean => !together.some(other => other.join() === list.join());
  search(apart.filter(isPossible).filter(isNew), ranks.length > 2 ? MOST_BROADCAST : MOST_SHAPES);
  return found;
}

/** All ranks one higher or lower, two higher or lower; all the same. */
function rankingsLike(ranks: readonly number[]): number[][] {
  const shifted = [1, -1, 2, -2].map(by => ranks.map(rank => rank + by));
  const same = [1, 3, 0, 4, 2].map(rank => ranks.map(() => rank));
  const seen = new Set([ranks.join()]);
  return [...shifted.slice(0, 2), ...same, ...shifted.slice(2)].filter(list => {
    const isNew = !seen.has(list.join()) && isPossible(list);
    seen.add(list.join());
    return isNew;
  });
}

function isPossible(ranks: readonly number[]): boolean {
  return ranks.every(rank => rank >= 0 && rank <= LARGEST_RANK);
}

/** Dimensions that went together at other ranks, as they are counted at these: from the last; and those before them. */
function expectedGroups(letters: Pattern, ranks: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  let at = 0;
  ranks.forEach((rank, t) => {
    at += rank;
    const known = letters[t]!;
    for (let back = 1; back <= rank; back++) {
      const before = known.at(-back);
      const key = back <= known.length ? `${before!.letter}` : `new ${back - known.length}`;
      groups.set(key, [...(groups.get(key) ?? []), at - back]);
    }
  });
  return [...groups.values()].map(members => members.sort((a, b) => a - b));
}

/**
 * Where some tensor needs three dimensions or more, what forward was written for has as many in the others too: fewer are
 * broadcast.
 */
function likeliestFirst(samples: readonly Sample[]): Sample[] {
  const ranksOf = ({ pattern }: Sample): number[] => pattern!.letters.map(({ length }) => length);
  const highest = Math.max(...ranksOf(samples[0]!));
  const whole = (sample: Sample): number => ranksOf(sample).filter(rank => rank === highest).length;
  return highest < 3 ? [...samples] : samples.toSorted((a, b) => whole(b) - whole(a));
}

/** Leading dimensions are what comes and goes, as a batch's do. */
function withRanks({ recipes, shapes, domains }: Foothold, ranks: readonly number[]): Foothold {
  const usual = shapes.flat()[0] ?? 4;
  const fresh = shapes.map((shape, t) => {
    const more = ranks[t]! - shape.length;
    return more >= 0 ? [...new Array<number>(more).fill(usual), ...shape] : shape.slice(-more);
  });
  let slot = 0;
  const changed = (recipe: Recipe): Recipe => {
    switch (recipe.kind) {
      case "tensor":
        return { ...recipe, rank: ranks[slot++]! };
      case "object":
        return {
          kind: "object",
          entries: recipe.entries.map(([key, entry]) => [key, changed(entry)] as const),
        };
      case "list":
      case "spread":
        return { kind: recipe.kind, entries: recipe.entries.map(changed) };
      default:
        return recipe;
    }
  };
  const others = recipes.map(changed);
  return { recipes: others, shapes: fresh, domains: withDiscrete(slotsOf(others), fresh, domains) };
}

/** Other values for the arguments that are no tensors, "sum" where "mean" was first, and a tensor more or less. */
function variants(
  foothold: Foothold,
  letters: Pattern,
  choices: readonly (readonly Choice[])[],
  parameters: readonly Parameter[],
  trials: Trials,
): Sample[] {
  const found: Sample[] = [];
  let searches = MOST_SEARCHES;
  for (const { recipes, changed } of otherValues(foothold.recipes, choices, parameters)) {
    if (found.length === MOST_VARIANTS || trials.spent) break;
    const slots = slotsOf(recipes);
    const isSame = slots.length === foothold.shapes.length;
    let candidate: Foothold | null = isSame ? withRecipes(foothold, recipes) : null;
    if (candidate === null || repeated(candidate, trials, DRAWS) !== null) {
      if (searches-- <= 0) continue;
      const narrowed = choices.with(changed, [{ cost: 0, recipe: recipes[changed]! }]);
      candidate = findFoothold(narrowed, trials, SEARCH_TRIES);
    }
    if (candidate === null) continue;
    const ranks = candidate.shapes.map(shape => shape.length);
    const groups = isSame ? expectedGroups(letters, ranks) : [];
    found.push({ ...generalised(candidate, groups, trials), isVariant: true });
  }
  return found;
}

/** The same with other values; what was an index and is a number now is any number. */
function withRecipes(foothold: Foothold, recipes: readonly Recipe[]): Foothold {
  const before = slotsOf(foothold.recipes);
  const domains = slotsOf(recipes).map(({ recipe }, t) =>
    recipe.discrete === before[t]!.recipe.discrete ? foothold.domains[t]! : GENERIC,
  );
  return { ...foothold, recipes, domains };
}

/** Where a value needs other shapes, they are searched for, briefly: `permute` by [1, 0] takes matrices only. */
const MOST_SEARCHES = 5;
const SEARCH_TRIES = 80;
/** As many further values as are tried of one argument. */
const MOST_VALUES = 5;

/** Lists that differ in one argument, and in it not by a tensor's rank alone; each argument in turn. Numbers for indices come first. */
function* otherValues(
  recipes: readonly Recipe[],
  choices: readonly (readonly Choice[])[],
  parameters: readonly Parameter[],
): Generator<{ readonly recipes: readonly Recipe[]; readonly changed: number }> {
  const alternatives = recipes.map((recipe, i) => {
    const kinds = new Set([kindOf(recipe), ...(isAbsent(recipe) ? ["{}"] : [])]);
    const { name, type } = parameters[i]!;
    const isListed = type !== null && readType(type).some(({ kind }) => kind === "literal");
    let numbers = isListed ? Number.POSITIVE_INFINITY : furtherNumbers(name);
    const others = choices[i]!.filter(choice => {
      const kind = kindOf(choice.recipe);
      const isNew = !kinds.has(kind) && choice.cost < 2.5 && mayReplace(recipe, choice.recipe, type);
      kinds.add(kind);
      const isNumber = choice.recipe.kind === "value" && typeof choice.recipe.value === "number";
      return isNew && (!isNumber || numbers-- > 0);
    });
    const floats = choices[i]!.filter(choice => isFloatOf(recipe, choice.recipe));
    return [...floats, ...oneOfEachKind(others)].slice(0, MOST_VALUES);
  });
  for (let turn = 0; turn < MOST_VALUES; turn++) {
    for (const [i, list] of alternatives.entries()) {
      const choice = list[turn];
      if (choice !== undefined) yield { recipes: recipes.with(i, choice.recipe), changed: i };
    }
  }
}

/** The first of the numbers, of the words, of the lists of each length; then the second of each. */
function oneOfEachKind(choices: readonly Choice[]): Choice[] {
  const seen = new Map<string, number>();
  const turns = choices.map(choice => {
    const { recipe } = choice;
    const value = recipe.kind === "value" ? recipe.value : null;
    const kind = `${recipe.kind} ${typeof value} ${Array.isArray(value) ? value.length : ""}`;
    const turn = seen.get(kind) ?? 0;
    seen.set(kind, turn + 1);
    return { choice, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ choice }) => choice);
}

/** A tensor is left out, but no number takes its place, unless its type says so: that is another function. */
function mayReplace(recipe: Recipe, other: Recipe, type: string | null): boolean {
  if (type !== null && /\bTensor\b/.test(type)) return true;
  if (recipe.kind === "tensor") return isAbsent(other);
  return other.kind !== "tensor" || isAbsent(recipe);
}

/** What by its name holds integers (`positions`, `lengths`, `target`) may be a tensor of numbers all the same. */
function isFloatOf(recipe: Recipe, other: Recipe): boolean {
  if (recipe.kind !== "tensor" || other.kind !== "tensor" || other.discrete !== null) return false;
  return other.rank === recipe.rank && (recipe.discrete === "indices" || recipe.discrete === "lengths");
}

function isAbsent(recipe: Recipe): boolean {
  return recipe.kind === "value" && (recipe.value === undefined || recipe.value === null);
}

/** What tells one value from another; tensors are told by where they are, not by their rank. */
function kindOf(recipe: Recipe): string {
  switch (recipe.kind) {
    case "tensor":
      return "tensor";
    case "value":
      return `value ${typeof recipe.value} ${String(recipe.value)}`;
    case "sized":
      return `sized ${String(recipe.of)}`;
    case "object":
      return `{${recipe.entries.map(([key, entry]) => `${key}: ${kindOf(entry)}`).join()}}`;
    default:
      return `[${recipe.entries.map(kindOf).join()}]`;
  }
}
