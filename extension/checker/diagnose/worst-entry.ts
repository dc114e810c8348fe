/** @file What can be said where no hypothesis fits: which entries are wrong, and by how much. */

import { isTensor } from "@gradient-lens/engine";
import type { Case, Scene } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import { factorText } from "./factor.ts";
import { largest } from "./numbers-alike.ts";

/** Parts of a matrix in which mistakes gather. */
const PLACES: readonly (readonly [text: string, holds: (i: number, j: number) => boolean])[] = [
  ["is wrong on the diagonal only", (i, j) => i === j],
  ["is wrong above the diagonal only", (i, j) => j > i],
  ["is wrong below the diagonal only", (i, j) => j < i],
  ["is wrong off the diagonal only", (i, j) => i !== j],
  ...[0, 1, 2].flatMap((n): (readonly [string, (i: number, j: number) => boolean])[] => [
    [`is wrong in row ${n} only`, i => i === n],
    [`is wrong in column ${n} only`, (_, j) => j === n],
  ]),
];

/** @param worst the entry that the judge found worst */
export function worstEntry(
  c: Case,
  argument: number,
  worst: { readonly at: readonly number[]; readonly returned: number; readonly expected: number },
): Explanation {
  const name = c.names[argument] ?? `argument ${argument}`;
  const off = c.scenes.map(scene => offEntries(scene, argument));
  const arg = c.scenes[0].args[argument];
  const details = { argument: name };
  const ratio = commonRatio(c.scenes, off, argument);
  const factor = ratio === null ? {} : { factor: factorText(ratio) };
  if (isTensor(arg) && arg.ndim === 2) {
    const columns = arg.size(1);
    const place = PLACES.find(([, holds]) =>
      off.every(
        entries => entries.size > 0 && [...entries].every(k => holds(Math.floor(k / columns), k % columns)),
      ),
    );
    if (place !== undefined)
      return { kind: "worst-entry", details: { ...details, ...factor, where: place[0] } };
  }
  const at = worst.at.length === 0 ? "" : `[${worst.at.join(", ")}]`;
  const here = worst.returned / worst.expected;
  return {
    kind: "worst-entry",
    details: {
      ...details,
      where: `is furthest off at \`${name}${at}\``,
      ...(Number.isFinite(here) && here !== 0 ? { factor: factorText(here) } : {}),
    },
  };
}

function offEntries({ returned, expected }: Scene, argument: number): Set<number> {
  const [got, right] = [returned[argument], expected[argument]];
  const entries = new Set<number>();
  if (got == null || right == null) return entries;
  const slack = 1e-6 * largest(right);
  right.forEach((value, k) => {
    if (!(Math.abs(got[k]! - value) <= slack)) entries.add(k);
  });
  return entries;
}

function commonRatio(
  scenes: Case["scenes"],
  off: readonly ReadonlySet<number>[],
  argument: number,
): number | null {
  const ratios = scenes.flatMap((scene, s) =>
    [...off[s]!].map(k => scene.returned[argument]![k]! / scene.expected[argument]![k]!),
  );
  const [first] = ratios;
  if (first === undefined || !Number.isFinite(first) || first === 0) return null;
  return ratios.every(ratio => Math.abs(ratio - first) <= 1e-5 * Math.abs(first)) ? first : null;
}
