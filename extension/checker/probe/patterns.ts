/**
 * @file Shapes to try a function at: how many dimensions each tensor has, and which dimensions are equal.
 *
 * A pattern gives every dimension of every tensor a letter; equal letters are equal sizes. The pattern
 * with the most letters that `forward` accepts says what it is defined for: "x: (n, m), A: (m, m)".
 */

/** One letter (a number from 0) for each dimension of each tensor: [[0, 1], [1, 1]] is (n, m), (m, m). */
export type Pattern = readonly (readonly number[])[];

/** Sizes that the letters stand for: all different, so that dimensions that must agree cannot agree by chance. */
const SIZES = [3, 2, 4, 5, 6, 7, 8, 9];

/** Numbers of dimensions that tensors are tried with, the commonest in custom Functions first. */
const RANKS = [2, 1, 3, 0, 4];

const LETTERS = ["n", "m", "k", "p", "q", "r", "s", "t"];

/** More dimensions than this in all are not tried with every way of making them equal: there are too many. */
const MOST_DIMENSIONS = 7;

/** Numbers of dimensions for each of `count` tensors, likeliest first: what is rare in any tensor comes late. */
export function rankings(count: number): number[][] {
  let lists: number[][] = [[]];
  for (let i = 0; i < count; i++) lists = lists.flatMap(list => RANKS.map(rank => [...list, rank]));
  const rarity = (list: readonly number[]): number =>
    list.reduce((sum, rank) => sum + RANKS.indexOf(rank) ** 2, 0);
  return lists
    .filter(list => list.reduce((sum, rank) => sum + rank, 0) <= MOST_DIMENSIONS)
    .sort((a, b) => rarity(a) - rarity(b));
}

/** All patterns for tensors of the given ranks, those that demand least (most letters) first. */
export function* patternsOf(ranks: readonly number[]): Generator<Pattern> {
  const dimensions = ranks.reduce((sum, rank) => sum + rank, 0);
  for (let letters = dimensions; letters >= Math.min(dimensions, 1); letters--) {
    for (const assignment of assignments(dimensions, letters)) {
      let start = 0;
      yield ranks.map(rank => {
        start += rank;
        return assignment.slice(start - rank, start);
      });
    }
  }
}

/** Ways to give `count` dimensions exactly `letters` letters, each new letter one higher (restricted growth strings). */
function* assignments(count: number, letters: number, prefix: number[] = [], used = 0): Generator<number[]> {
  if (used + (count - prefix.length) < letters) return;
  if (prefix.length === count) {
    yield prefix;
    return;
  }
  // Later dimensions take a new letter first: (n, m), (m, k) comes before (n, n), (m, k).
  for (let letter = Math.min(used, letters - 1); letter >= 0; letter--) {
    yield* assignments(count, letters, [...prefix, letter], Math.max(used, letter + 1));
  }
}

/** The pattern in which all sizes are the same. */
export function allEqual(ranks: readonly number[]): Pattern {
  return ranks.map(rank => new Array<number>(rank).fill(0));
}

export function shapesOf(pattern: Pattern): number[][] {
  return pattern.map(letters => letters.map(letter => SIZES[letter]!));
}

/** "(n, m)" */
export function formatPattern(letters: readonly number[]): string {
  return `(${letters.map(letter => LETTERS[letter]!).join(", ")}${letters.length === 1 ? "," : ""})`;
}

/** Whether the pattern asks for a matrix (or a batch of them) whose last two dimensions are equal. */
export function isSquare(letters: readonly number[]): boolean {
  return letters.length >= 2 && letters.at(-1) === letters.at(-2);
}
