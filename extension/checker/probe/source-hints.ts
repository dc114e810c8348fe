/** @file What forward's own text says about its arguments: options it reads, words it knows. Hints only; trying decides. */

/** The text of a function as the runtime has it, "" where it has none. Not by a method the checked code may have set. */
export function textOf(fn: unknown): string {
  return typeof fn === "function" ? Reflect.apply(globalThis.Function.prototype.toString, fn, []) : "";
}

/** As many numbers as are taken for sizes. */
const MOST_SIZES = 3;

/** Whole numbers that may be sizes: 9 of `c.size(0) !== 9`. */
export function sizesIn(text: string): number[] {
  const compared = [...text.matchAll(/(?:[!=]==?|[<>]=?)\s*(\d{1,2})\b(?!\.)/g)].map(match =>
    Number(match[1]),
  );
  return [...new Set(compared)].filter(size => size > 1).slice(0, MOST_SIZES);
}

/** Whether a tensor is what another is indexed with: `pos.indexSelect(0, from)`. */
export function isUsedAsIndex(name: string, text: string): boolean {
  const methods = "index_?[sS]elect|index_?[aA]dd_?|gather|scatter\\w*|take\\w*|oneHot|one_hot|embedding";
  return new RegExp(`\\b(?:${methods})\\((?:[^()]*,\\s*)?${escaped(name)}\\b`).test(text);
}

/** Words in quotes; those that `name` is compared with, where it is compared. */
export function wordsFor(name: string, text: string): string[] {
  const words = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(match => match[1]!);
  const compared = words(new RegExp(`\\b${escaped(name)}\\s*[!=]==?\\s*["'\`]([\\w-]+)["'\`]`, "g"));
  const cases = new RegExp(`switch\\s*\\(\\s*${escaped(name)}\\s*\\)`).test(text)
    ? words(/\bcase\s*["'`]([\w-]+)["'`]/g)
    : [];
  const known = [...compared, ...cases];
  return [...new Set(known.length > 0 ? known : words(/["'`]([a-z][\w-]{1,20})["'`]/g))];
}

/** An option that forward reads, and its default as written. */
export interface Option {
  readonly name: string;
  readonly initializer: string | null;
}

/** Options that are read from `name`: `opts.eps`, `opts?.eps`, `const { eps = 1e-5 } = opts`. */
export function optionsReadFrom(name: string, text: string): Option[] {
  const at = escaped(name);
  const taken = [...text.matchAll(new RegExp(`\\{([^{}]*)\\}\\s*=\\s*${at}\\b`, "g"))].flatMap(match =>
    boundNames(match[1]!),
  );
  const read = [
    ...text.matchAll(new RegExp(`\\b${at}\\??\\.([A-Za-z_]\\w*)(\\s*\\?\\?\\s*([\\w.+-]+))?`, "g")),
  ]
    .filter(match => text[match.index + match[0].length] !== "(")
    .map(match => ({ name: match[1]!, initializer: match[3] ?? null }));
  const all = new Map<string, Option>();
  for (const option of [...taken, ...read]) if (!all.has(option.name)) all.set(option.name, option);
  return [...all.values()];
}

/** Names in a binding pattern without its braces: `eps = 1e-5, dim: axis`. */
export function boundNames(pattern: string): Option[] {
  return pattern.split(",").flatMap(part => {
    const [, name, initializer] = /^\s*(\w+)(?:\s*:\s*\w+)?(?:\s*=\s*(.+?))?\s*$/.exec(part) ?? [];
    return name === undefined ? [] : [{ name, initializer: initializer ?? null }];
  });
}

function escaped(name: string): string {
  return name.replace(/[^\w]/g, "\\$&");
}
