/** @file One mistake: what the check says its cause is, and whether the fix that it offers is right, and as small as it can be. */

import type { Finding, Fix, TextEdit } from "../../../extension/checker/finding.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../../extension/checker/limits.ts";
import { checkerOn } from "../../../extension/checker/local-checker.ts";
import type { Runtime } from "../../../extension/checker/runtime.ts";
import { LineIndex } from "../../../extension/checker/source/line-index.ts";
import { readFromDisk, withBuffers } from "../../../extension/checker/texts.ts";
import { edited, type Mistake } from "../../verdict/mistakes.ts";

export interface ExplainedMistake {
  /** Of the class. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** Anything but `wrong` misses the mistake. */
  readonly verdict: Finding["verdict"];
  readonly rule: string | null;
  readonly message: string;
  /** Kinds of cause; null where no comment says it, or none was found. */
  readonly causeExpected: string | null;
  readonly causeFound: string | null;
  readonly sentence: string | null;
  readonly returned: string | null;
  readonly expected: string | null;
  /** Title of the first fix; null where none is offered. */
  readonly fix: string | null;
  /** What the text becomes, made and checked once more with another seed. */
  readonly fixVerified: boolean;
  /** Whether the fix is that edit, or one of no more characters; null where no smallest edit is known. */
  readonly smallestEditFound: boolean | null;
  readonly ms: number;
}

/** Not the seed by which the fix was found. */
const OTHER_SEED = DEFAULT_SEED + 1;

export async function explain(mistake: Mistake, runtime: Runtime): Promise<ExplainedMistake> {
  const { file, text, site, kind } = mistake;
  const finding = await check(runtime, mistake, text, DEFAULT_SEED);
  const wrong = finding.verdict === "wrong" ? finding : null;
  const [fix] = finding.fixes;
  return {
    name: site.name,
    file,
    verdict: finding.verdict,
    rule: finding.rule,
    message: finding.message,
    causeExpected: kind,
    causeFound: wrong?.cause?.kind ?? null,
    sentence: wrong?.cause?.sentence ?? null,
    returned: wrong?.returned ?? null,
    expected: wrong?.expected ?? null,
    fix: fix?.title ?? null,
    fixVerified: fix?.verified === true && (await isRight(mistake, fix, runtime)),
    smallestEditFound: smallestFound(mistake, fix),
    ms: finding.durationMs,
  };
}

async function isRight(mistake: Mistake, fix: Fix, runtime: Runtime): Promise<boolean> {
  const { verdict } = await check(runtime, mistake, applied(mistake.text, fix.edits), OTHER_SEED);
  return verdict === "correct" || verdict === "surrogate";
}

async function check(
  runtime: Runtime,
  { file, site }: Mistake,
  text: string,
  seed: number,
): Promise<Finding> {
  const checker = checkerOn(runtime, withBuffers({ [file]: text }, readFromDisk));
  const found = (await checker.functions(file, text)).find(({ name }) => name === site.name);
  if (found === undefined) throw new Error(`expected a Function ${site.name} in ${file}, found none`);
  return checker.check(file, found, { seed, limits: DEFAULT_LIMITS });
}

function smallestFound(mistake: Mistake, fix: Fix | undefined): boolean | null {
  const { text, smallest } = mistake;
  if (smallest === null) return null;
  if (fix === undefined) return false;
  if (applied(text, fix.edits) === edited(mistake, smallest)) return true;
  const lines = new LineIndex(text);
  const size = fix.edits.reduce((n, { range, newText }) => {
    const before = text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
    return n + changed(before, newText);
  }, 0);
  return size <= changed(smallest.before, smallest.after);
}

/** Characters that come and go, without those that both begin and end with. */
function changed(before: string, after: string): number {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return before.length + after.length - 2 * (head + tail);
}

function applied(text: string, edits: readonly TextEdit[]): string {
  const lines = new LineIndex(text);
  const changes = edits
    .map(({ range, newText }) => ({
      start: lines.offsetAt(range.start),
      end: lines.offsetAt(range.end),
      newText,
    }))
    .sort((a, b) => b.start - a.start || b.end - a.end);
  return changes.reduce(
    (changing, { start, end, newText }) => changing.slice(0, start) + newText + changing.slice(end),
    text,
  );
}
