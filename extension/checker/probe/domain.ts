/** @file Says where forward is defined, as far as the search went: "input: (n, n); square matrices only". */

import { formatPattern, isSquare, lettersOf } from "./patterns.ts";
import { slotsOf } from "./recipe.ts";
import type { Found, Sample } from "./sample.ts";

/** As many other numbers of dimensions as are listed before "…". */
const MOST_LISTED = 3;

/** @returns null where the inputs were given rather than found */
export function domainText(samples: readonly Sample[], names: readonly string[]): string | null {
  const [first, ...others] = patternsOf(samples);
  if (first === undefined) return null;
  const notes = valueNotes(first, names);
  if (acceptsAnyShape([first, ...others]))
    return [`${tensorNames(first, names)[0]!}: any shape`, ...notes].join("; ");

  const square = tensorNames(first, names).filter((_, t) => isSquare(first.letters[t]!));
  const which = first.tensors.length === 1 ? "" : ` for ${square.join(" and ")}`;
  if (square.length > 0) notes.unshift(`square matrices only${which}`);
  const shapes = shapesText(first, names);
  const ranks = [...new Set(others.map(other => shapesText(other, names)))].filter(text => text !== shapes);
  const listed = ranks.slice(0, MOST_LISTED).join(" or ");
  if (listed !== "") notes.push(`other ranks: ${listed}${ranks.length > MOST_LISTED ? " …" : ""}`);
  return [shapes, ...notes].join("; ");
}

/** The first kind of inputs, and whether there are others: "x: (n, m, m) …"; null where there is none. */
export function firstKind(samples: readonly Sample[], names: readonly string[]): string | null {
  const kinds = new Set(patternsOf(samples).map(pattern => shapesText(pattern, names)));
  const [first] = kinds;
  return first === undefined ? null : first + (kinds.size > 1 ? " …" : "");
}

function patternsOf(samples: readonly Sample[]): Found[] {
  return samples.flatMap(({ pattern }) => (pattern === null ? [] : [pattern]));
}

function shapesText(found: Found, names: readonly string[]): string {
  return tensorNames(found, names)
    .map((name, t) => `${name}: ${formatPattern(found.letters[t]!)}`)
    .join(", ");
}

/** "x", "xs[0]", "options.weight"; the arguments of a rest parameter by its name and their number. */
export function tensorNames({ recipes }: Found, names: readonly string[]): string[] {
  const rest = recipes.at(-1)?.kind === "spread" ? recipes.length - 1 : Number.POSITIVE_INFINITY;
  return slotsOf(recipes).map(({ argument, path }) => {
    const name =
      argument < rest
        ? (names[argument] ?? `argument ${argument}`)
        : `${names[rest] ?? "argument"}[${argument - rest}]`;
    return name.startsWith("{") && path !== "" ? path.slice(1) : `${name}${path}`;
  });
}

/** "positive values", "symmetric positive definite matrices for A", "indices below m for index". */
function valueNotes(found: Found, names: readonly string[]): string[] {
  const all = tensorNames(found, names);
  const byDomain = new Map<string, string[]>();
  found.domains.forEach(({ name }, t) => {
    if (name !== null) byDomain.set(name, [...(byDomain.get(name) ?? []), all[t]!]);
  });
  return [...byDomain].map(([domain, tensors]) =>
    tensors.length === all.length ? domain : `${domain} for ${tensors.join(" and ")}`,
  );
}

/** Vectors, matrices and more, none of their dimensions bound to another. */
function acceptsAnyShape(all: readonly Found[]): boolean {
  if (all[0]!.tensors.length > 1) return false;
  const ranks = new Set(all.map(({ letters }) => letters[0]!.length));
  const free = all.every(
    ({ letters }) =>
      lettersOf(letters).length === letters[0]!.length &&
      letters[0]!.every(({ times, plus }) => times === 1 && plus === 0),
  );
  return free && [1, 2, 3].every(rank => ranks.has(rank));
}
