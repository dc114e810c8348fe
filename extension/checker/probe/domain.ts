/** @file Says where forward is defined, as far as the search went: "input: (n, n); square matrices only". */

import { formatPattern, isSquare } from "./patterns.ts";
import type { Sample } from "./search.ts";

/** As many other numbers of dimensions as are listed before "…". */
const MOST_LISTED = 3;

/** @returns null where the inputs were given rather than found */
export function domainText(samples: readonly Sample[], names: readonly string[]): string | null {
  const [first, ...others] = samples;
  if (first?.pattern == null) return null;
  const name = (argument: number): string => names[argument] ?? `argument ${argument}`;
  const shapes = ({ pattern }: Sample): string =>
    pattern!.tensors
      .map((argument, t) => `${name(argument)}: ${formatPattern(pattern!.letters[t]!)}`)
      .join(", ");
  const notes: string[] = [];
  if (first.domain.name !== null) notes.push(first.domain.name);
  if (acceptsAnyShape(samples)) return [`${name(first.pattern.tensors[0]!)}: any shape`, ...notes].join("; ");

  const square = first.pattern.tensors.filter((_, t) => isSquare(first.pattern!.letters[t]!));
  const which = first.pattern.tensors.length === 1 ? "" : ` for ${square.map(name).join(" and ")}`;
  if (square.length > 0) notes.unshift(`square matrices only${which}`);
  const ranks = [...new Set(others.map(shapes))].filter(text => text !== shapes(first));
  const listed = ranks.slice(0, MOST_LISTED).join(" or ");
  if (listed !== "") notes.push(`other ranks: ${listed}${ranks.length > MOST_LISTED ? " …" : ""}`);
  return [shapes(first), ...notes].join("; ");
}

/** Vectors, matrices and more, none of their dimensions bound to another. */
function acceptsAnyShape(samples: readonly Sample[]): boolean {
  if (samples[0]!.pattern!.tensors.length > 1) return false;
  const ranks = new Set(samples.map(sample => sample.pattern!.letters[0]!.length));
  const free = samples.every(
    sample => new Set(sample.pattern!.letters[0]).size === sample.pattern!.letters[0]!.length,
  );
  return free && [1, 2, 3].every(rank => ranks.has(rank));
}
