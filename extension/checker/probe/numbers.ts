/** @file Numbers to try for a parameter that takes one, from its name. None is special if it need not be: not 0, not 1. */

import type { Shapes } from "./recipe.ts";

const NAMED: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^(dim|axis)(s|es)?\d*$|_?(dim|axis)$/i, [-1, 0, 1, -2, 2]],
  [/eps|jitter|damping|ridge/i, [0.1, 0.3]],
  [/^(tol|tolerance|rtol|atol)$/i, [1e-10, 1e-6]],
  [/(iter|iters|iterations|steps?|repeats?|rounds)$/i, [20, 3, 50, 1]],
  [/^(heads?|groups?)$|(heads|groups)$/i, [2, 1]],
  [/stride|dilation|kernel|window|factor|chunks|times/i, [2, 1, 3]],
  [/pad/i, [1, 0, 2]],
  [/^(blank|diagonal|offset|start|begin|from)$/i, [0, 1]],
  [/^(index|idx|i|j|end|to|shift|shifts)$/i, [1, 0, -1, 2]],
  [
    /^(n|k|m|size|count|num.*|order|degree|classes|bins|length|len|depth|rank|width|height|power)$/i,
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

export function numberListsFor(name: string): readonly NumberList[] {
  if (/perm|order/i.test(name)) return [[1, 0], [0, 2, 1], [2, 0, 1], [0, 2, 1, 3], [0]];
  if (/dims?$|ax[ie]s$/i.test(name)) return [[-1], [0], [0, 1], [1, 0], [1, 2], [2, 3]];
  if (/shape|sizes?$/i.test(name)) {
    return [
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
  if (/split|sections/i.test(name)) {
    return [shapes => [1, (shapes[0]?.[0] ?? 2) - 1], shapes => [1, (shapes[0]?.at(-1) ?? 2) - 1]];
  }
  if (/pad/i.test(name)) return [[1, 2], [1, 1], [1, 2, 0, 1], [1], [0, 0]];
  if (/stride|dilation|kernel|pool|factor|repeat/i.test(name))
    return [[2, 1], [2, 2], [2], [1, 1], [2, 2, 2]];
  if (/index|indices|idx/i.test(name)) return [[1, 0, 1], [0, 1], [1]];
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
  ];
}
