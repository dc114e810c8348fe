/** @file What the checker needs for a rule of the corpus once everything is warm, from its text to the answer: to check it, to derive its backward. */

import { readdirSync, readFileSync } from "node:fs";
import type { FunctionSite } from "../../extension/checker/checker.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";
import type { Case } from "../bench-case.ts";
import { median } from "../statistics.ts";

const RULES = inProject("test", "verdict", "rules");

/** The last of so many runs of a rule counts. */
const TIMES = 3;

const OPTIONS = { seed: DEFAULT_SEED, limits: { ...DEFAULT_LIMITS, timeMs: 60_000 } };

interface Asked {
  name: string;
  title: string;
  /** Milliseconds, for the median rule. */
  bar: number;
  ask(checker: LocalChecker, file: string, site: FunctionSite): Promise<unknown>;
}

function overCorpus({ name, title, bar, ask }: Asked): Case {
  return {
    name,
    title,
    async *rows() {
      const checker = createChecker({
        realm: inProject("dist", "sandbox.cjs"),
        readText: async path => readFileSync(path, "utf8"),
      });
      const times: number[] = [];
      const slow: string[] = [];
      try {
        for (const entry of readdirSync(RULES)) {
          const file = `${RULES}/${entry}`;
          for (const site of await checker.functions(file, readFileSync(file, "utf8"))) {
            if (site.backward === null || site.unreachable !== undefined) continue;
            let last = 0;
            for (let i = 0; i < TIMES; i++) {
              const start = performance.now();
              await ask(checker, file, site);
              last = performance.now() - start;
            }
            times.push(last);
            if (last > 5 * bar) slow.push(`${site.name} ${Math.round(last)}`);
          }
        }
      } finally {
        await checker.dispose();
      }
      const ours = median(times);
      yield {
        case: name,
        size: `${times.length} rules`,
        unit: "ms",
        ours,
        best: Math.min(...times),
        peers: {},
        missing: {},
        bar: `a median under ${bar} ms`,
        met: ours < bar,
        note: slow.length === 0 ? "" : `slowest: ${slow.join(", ")}`,
      };
    },
  };
}

export const check = overCorpus({
  name: "check",
  title: "a check of a rule of the corpus, warm, from text to finding (ms)",
  bar: 20,
  ask: (checker, file, site) => checker.check(file, site, OPTIONS),
});

export const derive = overCorpus({
  name: "derive",
  title: "a rule's backward derived from its forward, warm, from text to formulas (ms)",
  bar: 50,
  ask: (checker, file, site) => checker.derive(file, site, { ...OPTIONS, of: "backward" }),
});
