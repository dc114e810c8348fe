/** @file Says where forward is defined, as far as the search went: "input: (n, n); square matrices only". */

import { formatPattern, isSquare, lettersOf } from "./patterns.ts";
import { slotsOf } from "./recipe.ts";
import type { Found, Sample } from "./sample.ts";

/**
 * @param forwardAlone what forward takes and backward does not
 * @returns null where the inputs were given rather than found
 */
export function domainText(
  samples: readonly Sample[],
  names: readonly string[],
  forwardAlone: readonly Sample[] = [],
): string | null {
  const [first, ...others] = patternsOf(samples);
  if (first === undefined) return null;
  const notes = valueNotes(first, names);
  const tooWide = listed(patternsOf(forwardAlone), names, 1);
  const end = tooWide === "" ? [] : [`forward alone takes ${tooWide}`];
  if (acceptsAnyShape([first, ...others]) && tooWide === "")
    return [`${tensorNames(first, names)[0]!}: any shape`, ...notes].join("; ");

  const square = tensorNames(first, names).filter((_, t) => isSquare(first.letters[t]!));
  const which = first.tensors.length === 1 ? "" : ` for ${square.join(" and ")}`;
  if (square.length > 0) notes.unshift(`square matrices only${which}`);
  const shapes = shapesText(first, names);
  const ranks = listed(
    others.filter(other => shapesText(other, names) !== shapes),
    names,
    3,
  );
  if (ranks !== "") notes.push(`other ranks: ${ranks}`);
  return [shapes, ...notes, ...end].join("; ");
}

function patternsOf(samples: readonly Sample[]): Found[] {
  return samples.flatMap(({ pattern }) => (pattern === null ? [] : [pattern]));
}

/** "x: (n,) or x: (n, m, k)" */
function listed(all: readonly Found[], names: readonly string[], most: number): string {
  const shapes = [...new Set(all.map(found => shapesText(found, names)))];
  return shapes.slice(0, most).join(" or ") + (shapes.length > most ? " …" : "");
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
