/** @file All mistakes, on the road that every check takes: in a sandbox built for it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "../../../extension/checker/runtime.ts";
import { buildSandbox } from "../../../scripts/sandbox-bundle.ts";
import type { Mistake } from "../../verdict/mistakes.ts";
import { type ExplainedMistake, explain } from "./explained-mistake.ts";

/** @param report called before each */
export async function explainAll(
  mistakes: readonly Mistake[],
  report: (done: number, next: Mistake) => void,
): Promise<ExplainedMistake[]> {
  const folder = await mkdtemp(join(tmpdir(), "gradient-lens-"));
  const realm = join(folder, "sandbox.cjs");
  await buildSandbox(realm);
  const runtime = createRuntime(realm);
  try {
    const explained: ExplainedMistake[] = [];
    for (const mistake of mistakes) {
      report(explained.length, mistake);
      explained.push(await explain(mistake, runtime));
    }
    return explained;
  } finally {
    await runtime.dispose();
    await rm(folder, { recursive: true });
  }
}
