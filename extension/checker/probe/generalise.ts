/**
 * @file From arguments that forward accepts to the most general pattern of sizes that it accepts.
 *
 * Dimensions that must agree can only be changed together. So the smallest sets are sought that can be changed while all
 * else stays: each gets a letter. What cannot be changed at all is of a fixed size. In the end every letter gets a size
 * of its own, small and different from the others.
 */

import type { Domain } from "./domains.ts";
import type { Foothold } from "./foothold.ts";
import { repeated, withDiscrete } from "./foothold.ts";
import { discrete } from "./index-tensors.ts";
import {
  type Dimension,
  dimension,
  fixed,
  formatLetter,
  lettersOf,
  type Pattern,
  shapesOf,
} from "./patterns.ts";
import { type Shapes, type Slot, slotsOf } from "./recipe.ts";
import { type Sample, sampleOf } from "./sample.ts";
import type { Trials } from "./trials.ts";

/** Small, so that a check is cheap. Not 1 nor, if it can be, 2: two values less their mean differ in sign only. */
const PREFERRED = [3, 4, 2, 5, 6, 7, 8, 9, 10, 12];
/** The same where some tensor has four dimensions. */
const PREFERRED_OF_MANY = [2, 3, 5, 4, 6, 7, 8, 9, 10, 12];
/** Sizes beyond it make some tensor large. */
const LARGE = 5;
const MOST_ELEMENTS = 200;
/** For there to be different ones and the same twice. */
const ENOUGH_INDICES = 4;
/** As many sets as are tried to find what goes with one dimension. */
const MOST_SETS = 700;
/** The same where many sizes are tried for each. */
const MOST_FAR_SETS = 30;
const DRAWS = 3;

/** Dimensions, by their position among all, that change together. */
interface Group {
  readonly members: readonly number[];
  /** Whether they keep their ratios or their differences. */
  readonly by: "ratio" | "difference";
  /** Whether only even sizes are accepted. */
  readonly isEven: boolean;
}

/** @param expected Sets of dimensions that may well go together, to try before others. */
export function generalised(
  foothold: Foothold,
  expected: readonly (readonly number[])[],
  trials: Trials,
): Sample {
  const start = foothold.shapes.flat();
  const fits = (sizes: readonly number[]): boolean =>
    !trials.spent && repeated(resized(foothold, sizes), trials, 1) === null;
  const groups = groupsOf(start, indexDimensions(foothold), expected, fits).sort(
    (a, b) => a.members[0]! - b.members[0]!,
  );
  const letters = patternOf(foothold.shapes, groups);
  const initial = groups.map(group => unitOf(group, start));
  const flatSizes = (sizes: readonly number[]): number[] => shapesOf(letters, sizes).flat();
  const sizes = distinctSizes(letters, initial, lettersOfIndices(foothold, letters), candidate =>
    fits(flatSizes(candidate)),
  );
  const chosen = resized(foothold, flatSizes(sizes));
  const settled = repeated(chosen, trials, DRAWS) === null ? sizes : initial;
  const shapes = shapesOf(letters, settled);
  const domains = bounded({ ...foothold, shapes }, letters, settled, trials);
  return sampleOf(foothold.recipes, letters, settled, domains, trials.uniform);
}

/** Positions of the dimensions of indices, masks and the like, among all dimensions. */
function indexDimensions({ recipes, shapes }: Foothold): number[] {
  const slots = slotsOf(recipes);
  return shapes
    .flatMap((shape, t) => shape.map(() => slots[t]!.recipe.discrete !== null))
    .flatMap((isIndex, i) => (isIndex ? [i] : []));
}

/** The same arguments with other sizes, given for all dimensions in a row. */
function resized({ recipes, shapes, domains }: Foothold, sizes: readonly number[]): Foothold {
  let at = 0;
  const fresh = shapes.map(shape => {
    at += shape.length;
    return sizes.slice(at - shape.length, at);
  });
  return { recipes, shapes: fresh, domains: withDiscrete(slotsOf(recipes), fresh, domains) };
}

type Fits = (sizes: readonly number[]) => boolean;
/** Makes a group of dimensions if they can be changed together. */
type Take = (members: readonly number[], targets: Targets) => boolean;

function groupsOf(
  start: readonly number[],
  indices: readonly number[],
  expected: readonly (readonly number[])[],
  fits: Fits,
): Group[] {
  const groups: Group[] = [];
  let left = start.map((_, i) => i);
  const take: Take = (members, targets) => {
    if (!members.every(i => left.includes(i))) return false;
    const change = changeTogether(start, members, fits, targets);
    if (change === null) return false;
    groups.push({ members: members.toSorted((a, b) => a - b), ...change });
    left = left.filter(i => !members.includes(i));
    return true;
  };
  for (const i of indices) {
    // Fewer indices than there are rows may do (`gather`), more do not: meant is one for each row.
    if (!take([i], "next")) start.some((_, other) => !indices.includes(other) && take([i, other], "next"));
  }
  for (const members of expected) {
    const isIndex = (i: number): boolean => indices.includes(i);
    const still = members.filter(i => left.includes(i) && (isIndex(i) || !take([i], "next")));
    if (still.length > 1) take(still, "near");
  }
  for (const [alone, targets] of [
    ["related", "next"],
    ["all", "all"],
  ] as const) {
    for (const i of left.filter(dimension => !indices.includes(dimension))) take([i], alone);
    const stuck: number[] = [];
    for (let first = left[0]; first !== undefined; first = left.find(i => !stuck.includes(i))) {
      const others = left.filter(i => i !== first && !stuck.includes(i));
      if (!companions(first, others, targets, take)) stuck.push(first);
    }
  }
  for (const i of left.filter(dimension => indices.includes(dimension))) take([i], "all");
  if (left.length > 1) take(left.slice(), "all");
  return groups;
}

/** Takes the smallest set with `first` in it that can be changed. */
function companions(first: number, others: readonly number[], targets: Targets, take: Take): boolean {
  let sets = 0;
  const most = targets === "next" ? MOST_SETS : MOST_FAR_SETS;
  for (let count = 1; count <= others.length; count++) {
    for (const chosen of subsets(others, count)) {
      if (sets++ > most) return false;
      if (take([first, ...chosen], targets)) return true;
    }
  }
  return false;
}

function* subsets(items: readonly number[], count: number, from = 0): Generator<number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let i = from; i <= items.length - count; i++) {
    for (const rest of subsets(items, count - 1, i + 1)) yield [items[i]!, ...rest];
  }
}

/**
 * Sizes to change to: where one does not do, another may, as with what must be even, or no larger than something else, or a multiple of
 * it. Of dimensions that can change together, one that is related in such a way can also change alone.
 */
type Targets = "next" | "near" | "related" | "all";

const TARGETS: Readonly<Record<Targets, (size: number) => readonly number[]>> = {
  next: size => [size + 1],
  near: size => [size + 1, size - 1],
  related: size => [size + 1, size - 1, size * 2, size / 2],
  all: size => [...new Set([size + 1, size - 1, size * 1.5, size * 2, size / 2, 10, 9, 5, 3])],
};

/** How the members can be changed together while everything else stays, null where they cannot. */
function changeTogether(
  start: readonly number[],
  members: readonly number[],
  fits: Fits,
  targets: Targets,
): Pick<Group, "by" | "isEven"> | null {
  // Of the smallest: half of 5 is no size.
  const first = Math.min(...members.map(i => start[i]!));
  const isUniform = members.every(i => start[i] === first);
  for (const target of TARGETS[targets](first)) {
    if (target < 2 || !Number.isInteger(target) || target === first) continue;
    for (const by of isUniform ? (["ratio"] as const) : (["ratio", "difference"] as const)) {
      const changed = start.slice();
      for (const i of members)
        changed[i] = by === "ratio" ? (start[i]! * target) / first : start[i]! + target - first;
      if (changed.every(size => size >= 1 && Number.isInteger(size)) && fits(changed)) {
        const isFar = targets === "related" || targets === "all";
        const isEven = isFar && target % 2 === 0 && members.every(i => start[i]! % 2 === 0);
        // Neither one more nor one less, nor half as much again: what fits is of a kind of its own, such as n(n+1)/2.
        const isPeculiar = isFar && !isEven && Math.abs(target - first) > 1;
        return isPeculiar ? null : { by, isEven: isEven && by === "ratio" };
      }
    }
  }
  return null;
}

/** The size of the letter: 2 where dimensions of size 4 are even in all cases. */
function unitOf({ members, isEven }: Group, start: readonly number[]): number {
  const least = Math.min(...members.map(i => start[i]!));
  return isEven ? least / 2 : least;
}

function patternOf(shapes: Shapes, groups: readonly Group[]): Pattern {
  const start = shapes.flat();
  const dimensions: Dimension[] = start.map(fixed);
  groups.forEach((group, letter) => {
    const unit = unitOf(group, start);
    for (const i of group.members) {
      const size = start[i]!;
      dimensions[i] =
        group.by === "ratio" ? dimension(letter, size / unit) : dimension(letter, 1, size - unit);
    }
  });
  let at = 0;
  return shapes.map(shape => {
    at += shape.length;
    return dimensions.slice(at - shape.length, at);
  });
}

/** A size for each letter, all different as far as forward accepts it and tensors stay small; at least next to each other. */
function distinctSizes(
  letters: Pattern,
  initial: readonly number[],
  ofIndices: ReadonlySet<number>,
  fits: Fits,
): number[] {
  const sizes = initial.slice();
  const largest = Math.max(0, ...letters.map(dimensions => dimensions.length));
  const preferred = largest > 3 ? PREFERRED_OF_MANY : PREFERRED;
  const used = new Set(letters.flat().flatMap(({ times, plus }) => (times === 0 ? [plus] : [])));
  for (const letter of lettersOf(letters)) {
    const near = new Set(neighboursOf(letter, letters).map(other => sizes[other]!));
    const isRoomy = (size: number): boolean => !ofIndices.has(letter) || size >= ENOUGH_INDICES;
    const fresh = preferred.filter(size => !used.has(size) && isRoomy(size));
    const order = [
      ...fresh.filter(size => size <= LARGE),
      ...preferred.filter(size => used.has(size) && !near.has(size) && size <= LARGE),
      ...fresh.filter(size => size > LARGE),
      ...preferred.filter(size => size > LARGE),
    ];
    // Enough letters to use them all up: rather a larger size than the same twice, while tensors stay small.
    const ordered =
      elementsWith(letters, sizes.with(letter, fresh[0] ?? LARGE)) <= MOST_ELEMENTS
        ? [...fresh, ...order]
        : order;
    const accepted = ordered.find(size => fits(sizes.with(letter, size)));
    sizes[letter] = accepted ?? sizes[letter]!;
    used.add(sizes[letter]!);
  }
  return sizes;
}

/** Letters that only dimensions of indices, masks and the like have. */
function lettersOfIndices({ recipes }: Foothold, letters: Pattern): Set<number> {
  const slots = slotsOf(recipes);
  const ofFloats = new Set(lettersOf(letters.filter((_, t) => slots[t]!.recipe.discrete === null)));
  return new Set(lettersOf(letters).filter(letter => !ofFloats.has(letter)));
}

/** Letters of lower number that stand beside it in some tensor. */
function neighboursOf(letter: number, letters: Pattern): number[] {
  return letters.flatMap(dimensions =>
    dimensions.flatMap((own, d) =>
      own.letter === letter && own.times !== 0
        ? [dimensions[d - 1], dimensions[d + 1]].flatMap(other =>
            other !== undefined && other.times !== 0 && other.letter < letter ? [other.letter] : [],
          )
        : [],
    ),
  );
}

function elementsWith(letters: Pattern, sizes: readonly number[]): number {
  return Math.max(...shapesOf(letters, sizes).map(shape => shape.reduce((a, b) => a * b, 1)));
}

/** Indices up to the largest size that bounds them, rather than below all sizes. */
function bounded(
  foothold: Foothold,
  letters: Pattern,
  sizes: readonly number[],
  trials: Trials,
): readonly Domain[] {
  const slots: readonly Slot[] = slotsOf(foothold.recipes);
  const domains = withDiscrete(slots, foothold.shapes, foothold.domains);
  const bounds = [...new Set(foothold.shapes.flat())].sort((a, b) => b - a);
  for (const [t, { recipe }] of slots.entries()) {
    if (recipe.discrete === null || recipe.discrete === "mask") continue;
    for (const bound of bounds) {
      const letter = lettersOf(letters).find(l => sizes[l] === bound);
      const label = letter === undefined ? `${bound}` : formatLetter(letter);
      const candidate = domains.with(t, discrete(recipe.discrete, bound, label));
      if (repeated({ ...foothold, domains: candidate }, trials, DRAWS) !== null) continue;
      domains[t] = candidate[t]!;
      break;
    }
  }
  return domains;
}
