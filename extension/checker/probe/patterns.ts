/**
 * @file Shapes to try a function at: how many dimensions each tensor has, and which dimensions depend on which.
 *
 * A pattern gives every dimension of every tensor a letter; equal letters are equal sizes. The pattern
 * with the most letters that `forward` accepts says what it is defined for: "x: (n, m), A: (m, m)".
 */

/** A dimension of size `times` · (its letter's size) + `plus`; one that forward takes at a single size has `times` 0. */
export interface Dimension {
  /** A number from 0. */
  readonly letter: number;
  readonly times: number;
  readonly plus: number;
}

/** The dimensions of each tensor: (n, 2m), (m,). */
export type Pattern = readonly (readonly Dimension[])[];

const LETTERS = ["n", "m", "k", "p", "q", "r", "s", "t", "u", "v", "w", "a", "b", "c", "d", "e"];

export function dimension(letter: number, times = 1, plus = 0): Dimension {
  return { letter, times, plus };
}

export function fixed(size: number): Dimension {
  return { letter: 0, times: 0, plus: size };
}

/** @param sizes Of each letter. */
export function shapesOf(pattern: Pattern, sizes: readonly number[]): number[][] {
  return pattern.map(dimensions =>
    dimensions.map(({ letter, times, plus }) => (times === 0 ? plus : times * sizes[letter]! + plus)),
  );
}

/** How many letters a pattern has: the higher, the less it demands. */
export function lettersOf(pattern: Pattern): number[] {
  const used = pattern.flat().flatMap(({ letter, times }) => (times === 0 ? [] : [letter]));
  return [...new Set(used)].sort((a, b) => a - b);
}

/** "(n, 2m)" */
export function formatPattern(dimensions: readonly Dimension[]): string {
  return `(${dimensions.map(formatDimension).join(", ")}${dimensions.length === 1 ? "," : ""})`;
}

function formatDimension({ letter, times, plus }: Dimension): string {
  if (times === 0) return `${plus}`;
  const name = LETTERS[letter] ?? `n${letter}`;
  const scaled =
    times === 1 ? name : Number.isInteger(times) ? `${times}${name}` : `${name}/${Math.round(1 / times)}`;
  if (plus === 0) return scaled;
  return `${scaled}${plus < 0 ? "−" : "+"}${Math.abs(plus)}`;
}

export function formatLetter(letter: number): string {
  return formatDimension(dimension(letter));
}

/** Whether the pattern asks for a matrix (or a batch of them) whose last two dimensions are equal. */
export function isSquare(dimensions: readonly Dimension[]): boolean {
  const [a, b] = [dimensions.at(-2), dimensions.at(-1)];
  return a !== undefined && b !== undefined && formatDimension(a) === formatDimension(b) && a.times !== 0;
}
