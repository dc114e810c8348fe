/** @file One mistake: what the check says its cause is, and whether the fix that it offers is right, and as small as it can be. */

import type { Finding, Fix } from "../../../extension/checker/finding.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../../extension/checker/limits.ts";
import { checkerOn } from "../../../extension/checker/local-checker.ts";
import type { Runtime } from "../../../extension/checker/runtime.ts";
import { readFromDisk, withBuffers } from "../../../extension/checker/texts.ts";
import { edited } from "../../../extension/checker/write/changes.ts";
import { lengthOfEdits, lengthOfSmallest } from "../../verdict/edit-length.ts";
import type { Mistake } from "../../verdict/mistakes.ts";

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
  /** Whether the fix is no longer than the smallest edit; null where no smallest edit is known. */
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
  const { verdict } = await check(runtime, mistake, edited(mistake.text, fix.edits), OTHER_SEED);
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
  return fix !== undefined && lengthOfEdits(text, fix.edits) <= lengthOfSmallest(mistake, smallest);
}
