/** @file Saved tensors that new code of backward needs, unpacked where the others are. */

import type { TextChange } from "../candidate.ts";
import { savedNames, unpackingOf } from "./saved-names.ts";
import type { Spot } from "./spot.ts";

/**
 * Saved tensors that backward does not unpack yet, under forward's names for them: `const [, w] = ctx.savedTensors` becomes
 * `const [x, w] = …` where code reads `ctx.savedTensors[0]`.
 */
export function unpackedFurther(
  codes: readonly string[],
  { ground, method }: Spot,
): { named: (code: string) => string; edits: TextChange[] } {
  const reads = /(?<![\w$.])[\w$]+\.savedTensors\[(\d+)\]/g;
  const pattern = unpackingOf(method);
  const saved = savedNames(ground);
  const names = new Map<number, string>();
  for (const [, place] of codes.flatMap(code => [...code.matchAll(reads)])) {
    const name = saved[Number(place)];
    const taken = new RegExp(`(?<![\\w$.])${name}(?![\\w$])`);
    if (name !== undefined && !taken.test(method.body.getText())) names.set(Number(place), name);
  }
  if (pattern === null || names.size === 0) return { named: code => code, edits: [] };
  const length = Math.max(pattern.elements.length, ...[...names.keys()].map(place => place + 1));
  const elements = Array.from({ length }, (_, i) => names.get(i) ?? pattern.elements[i]?.getText() ?? "");
  return {
    named: code => code.replace(reads, (read, place) => names.get(Number(place)) ?? read),
    edits: [difference(ground.text, pattern.getStart(), pattern.end, `[${elements.join(", ")}]`)],
  };
}

/** A stretch of the text becomes another: without what both begin and end with, in whole words. */
export function difference(text: string, start: number, end: number, newText: string): TextChange {
  const words = (code: string): string[] => code.match(/[\w$]+|\s+|[^\w$\s]/gu) ?? [];
  const [before, after] = [words(text.slice(start, end)), words(newText)];
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first++;
  let last = 0;
  while (last < most - first && before.at(-1 - last) === after.at(-1 - last)) last++;
  const lengthOf = (list: readonly string[]): number => list.join("").length;
  return {
    start: start + lengthOf(before.slice(0, first)),
    end: end - lengthOf(before.slice(before.length - last)),
    newText: after.slice(first, after.length - last).join(""),
  };
}
