/** @file Half-typed and broken code, for the reader of Functions and for the bundler and its plugin. */

import fc from "fast-check";
import { Bundler } from "../../../extension/checker/bundle/bundler.ts";
import type { FunctionSite, ReadText } from "../../../extension/checker/checker.ts";
import { findReductions, prepareReduction } from "../../../extension/checker/cross-terms/reduction-check.ts";
import type { Position, Range } from "../../../extension/checker/finding.ts";
import { PLAIN_NOTATION } from "../../../extension/checker/notation.ts";
import { findFunctions } from "../../../extension/checker/source/functions.ts";
import { mutatedText } from "./mutation.ts";
import { target } from "./target.ts";
import { FILE, MODULES, OTHER, WORDS } from "./texts.ts";

const EXTENSIONS = [".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs"];

const input = fc.record({
  extension: fc.constantFrom(...EXTENSIONS),
  text: mutatedText(MODULES, WORDS),
  other: fc.oneof(fc.constantFrom(...MODULES), mutatedText(MODULES, WORDS)),
});

type Input = typeof input extends fc.Arbitrary<infer T> ? T : never;

function workspace({ extension, text, other }: Input): { file: string; readText: ReadText } {
  const file = FILE.replace(".ts", extension);
  const texts: Record<string, string> = { [OTHER]: other, [file]: text };
  return { file, readText: async path => (Object.hasOwn(texts, path) ? texts[path] : undefined) };
}

export const reader = target("reader", input, async given => {
  const { file, readText } = workspace(given);
  const lines = given.text.split(/\r\n|[\n\r]/);
  for (const site of await findFunctions(file, given.text, readText)) {
    mustBeInside(rangesOf(site), lines);
  }
  for (const { range } of await findReductions(file, given.text)) {
    const { rewrites, ignore } = prepareReduction(file, given.text, range)!;
    const edits = [...rewrites.map(({ fix }) => fix), ignore].flatMap(fix => fix.edits);
    mustBeInside([range, ...edits.map(edit => edit.range)], lines);
  }
});

function mustBeInside(ranges: readonly Range[], lines: readonly string[]): void {
  const stray = ranges.find(range => !inside(range, lines));
  if (stray) throw new RangeError(`${JSON.stringify(stray)} is not in the text`);
}

function rangesOf({ range, nameRange, backward, forward }: FunctionSite): Range[] {
  const parts = [range, nameRange, backward?.nameRange, forward?.nameRange, ...(backward?.returns ?? [])];
  return parts.filter(part => part !== undefined);
}

function inside({ start, end }: Range, lines: readonly string[]): boolean {
  const isPlace = ({ line, character }: Position) =>
    character >= 0 && character <= (lines[line]?.length ?? -1);
  const ordered = start.line < end.line || (start.line === end.line && start.character <= end.character);
  return ordered && isPlace(start) && isPlace(end);
}

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Also where the reader finds nothing in a text, an older text may have had a Function there. */
const REMEMBERED: FunctionSite[] = [
  ["Square"],
  ["default"],
  ["ops", "Relu"],
  ["exports", "Twice"],
  ["Leaf"],
].map(path => ({
  name: path.at(-1)!,
  path,
  range: NOWHERE,
  nameRange: NOWHERE,
  backward: null,
  forward: null,
  notation: PLAIN_NOTATION,
  declares: { backward: true, jvp: false },
}));

const bundler = new Bundler();

export const plugin = target(
  "plugin",
  input,
  async given => {
    const { file, readText } = workspace(given);
    const [site = REMEMBERED[given.text.length % REMEMBERED.length]!] = await findFunctions(
      file,
      given.text,
      readText,
    );
    const bundle = await bundler.bundle(file, site, readText);
    const isWhole =
      "refused" in bundle ? bundle.refused.message !== "" : bundle.script.startsWith('"use strict";');
    if (!isWhole) throw new TypeError("expected a script, or a reason why there is none");
  },
  () => bundler.dispose(),
);
