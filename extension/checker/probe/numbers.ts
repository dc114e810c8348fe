/** @file Numbers to try for a parameter that takes one, from its name. None is special if it need not be: not 0, not 1. */

import type { Shapes } from "./recipe.ts";

const ITERATIONS = /(iter|iters|iterations|steps?|repeats?|rounds)$/i;
const DIMENSIONS = /^(dim|axis)(s|es)?\d*$|_?(dim|axis)$/i;

const NAMED: readonly (readonly [RegExp, readonly number[]])[] = [
  [DIMENSIONS, [-1, 0, 1, -2, 2]],
  [/eps|jitter|damping|ridge/i, [0.1, 0.3]],
  [/^(tol|tolerance|rtol|atol)$/i, [1e-10, 1e-6]],
  [ITERATIONS, [20, 50, 3, 1]],
  [/^(heads?|groups?)$|(heads|groups)$/i, [2, 1]],
  [/stride|dilation|kernel|window|factor|chunks|times/i, [2, 1, 3]],
  [/pad/i, [1, 0, 2]],
  [/^(blank|diagonal|offset|start|begin|from)$/i, [0, 1]],
  [/^(index|idx|i|j|end|to|shift|shifts)$/i, [1, 0, -1, 2]],
  [
    /^(n|k|m|size|count|num.*|order|degree|length|len|depth|rank|power)$|^(new|out|in)_?[hwdn]$|(height|width|size|rows|cols|channels|features|classes|segments|bins|levels|bits)$/i,
    [2, 3, 4, 1],
  ],
  [/^(lo|low|min|lower|a|minval)$/i, [-0.6, 0.2]],
  [/^(hi|high|max|upper|b|maxval)$/i, [0.7, 2.5]],
  [/^(p|ord)$/i, [3, 2, 0.4, 1]],
  [/drop|prob|smooth|momentum|rho|decay|quantile|^q$|mix|percent/i, [0.3, 0.1]],
];

const OTHERS = [0.7, 2, 3, 1, -0.5, 0];

export function numbersFor(name: string): readonly number[] {
  const own = NAMED.find(([pattern]) => pattern.test(name))?.[1] ?? [];
  return [...own, ...OTHERS.filter(number => !own.includes(number))];
}

/**
 * Beside a default: what counts goes on counting, and iterations that are to converge are not fewer.
 * @param initial the default as it is written
 */
export function numbersBeside(name: string, initial: unknown): readonly number[] {
  const isCount = typeof initial === "number" && Number.isInteger(initial) && initial >= 2;
  if (!isCount || DIMENSIONS.test(name)) return numbersFor(name);
  return ITERATIONS.test(name) ? [2 * initial, initial + 1] : [initial + 1, initial - 1];
}

/** As many further numbers as are judged where one will do: two of a kind that counts, which may be treated apart. */
export function furtherNumbers(name: string): number {
  return Number.isInteger(numbersFor(name)[0]) ? 2 : 1;
}

/** Whether an argument of this name is a number rather than a tensor, where nothing else is known of it. */
export function isNumberName(name: string): boolean {
  return (
    NAMED.slice(0, 9).some(([pattern]) => pattern.test(name)) ||
    /^(n|k|size|count|num.*|order|degree|alpha|temperature|temp|tau|lambda|lambd|momentum|delta|margin|slope|negativeSlope|p|ord|lo|hi|low|high|min|max|power|exponent|smoothing|scalar|c|factor|threshold|classes|numClasses)$/i.test(
      name,
    )
  );
}

/** Lists of numbers, or of sizes that follow from the tensors' shapes. */
export type NumberList = readonly number[] | ((shapes: Shapes) => readonly number[]);

/** In two parts, of which the first is smaller. */
const SPLIT: readonly NumberList[] = [0, -1].map(d => shapes => [1, (shapes[0]?.at(d) ?? 2) - 1]);

/** One for each row, or for each element of the last dimension. */
function along(value: (i: number) => number): readonly NumberList[] {
  return [0, -1].map(d => shapes => Array.from({ length: shapes[0]?.at(d) ?? 2 }, (_, i) => value(i)));
}

/** Which of two groups each belongs to. */
const GROUPS = along(i => [0, 1, 1][i % 3]!);

export function numberListsFor(name: string): readonly NumberList[] {
  if (/perm|order/i.test(name)) return [[1, 0], [0, 2, 1], [2, 0, 1], [0, 2, 1, 3], [0]];
  if (/dims?$|ax[ie]s$/i.test(name)) return [[-1], [0], [0, 1], [1, 0], [1, 2], [2, 3]];
  if (/shape|sizes?$/i.test(name)) {
    return [
      ...(/^sizes$/i.test(name) ? SPLIT : []),
      shapes => [...(shapes[0] ?? [])].reverse(),
      shapes => (shapes[0] ?? []).slice(-1),
      shapes => [2, ...(shapes[0] ?? [])],
      shapes => [(shapes[0] ?? []).reduce((a, b) => a * b, 1)],
      shapes => (shapes[0] ?? []).slice(-2),
      shapes => shapes[0] ?? [],
      [2, 2],
      [3, 3],
    ];
  }
  if (/split|sections/i.test(name)) return SPLIT;
  if (/pad/i.test(name)) return [[1, 2], [1, 1], [1, 2, 0, 1], [1], [0, 0]];
  if (/stride|dilation|kernel|pool|factor|repeat/i.test(name))
    return [[2, 1], [2, 2], [2], [1, 1], [2, 2, 2]];
  if (/index|indices|idx/i.test(name)) return [[1, 0, 1], [0, 1], [1], ...GROUPS];
  if (/ids?$|labels?$|targets?$|classes$|segments?$|assignments?$/i.test(name))
    return [...GROUPS, [1, 0, 1], [0, 1]];
  if (/knots|times|breaks|grid|edges|thresholds|boundaries/i.test(name))
    return [...along(i => 0.7 * i - 0.9), [-0.9, -0.2, 0.6, 1.1]];
  return [
    [0.7, -1.3],
    [0.7, -1.3, 0.4],
    [2, 3],
    [0],
    [-1],
    [0, 1],
    [1, 0],
    [0.7, -1.3, 0.4, 1.6],
    shapes => shapes[0] ?? [],
    ...along(i => [0.7, -1.3, 0.4, 1.6][i % 4]!),
  ];
}
