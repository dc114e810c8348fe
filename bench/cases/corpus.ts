/** @file What the checker needs for a rule of the corpus once everything is warm, from its text to the answer: to check it, to derive its backward. */

import { readdirSync, readFileSync } from "node:fs";
import type { FunctionSite } from "../../extension/checker/checker.ts";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker, type LocalChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";
import type { Case } from "../bench-case.ts";
import { median } from "../statistics.ts";

const RULES = inProject("test", "verdict", "rules");

/** So often each rule is asked of in turn, once all have been; the median counts. */
const ROUNDS = 3;

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
      const rules: { file: string; site: FunctionSite; times: number[] }[] = [];
      try {
        for (const entry of readdirSync(RULES)) {
          const file = `${RULES}/${entry}`;
          for (const site of await checker.functions(file, readFileSync(file, "utf8"))) {
            if (site.backward !== null && site.unreachable === undefined)
              rules.push({ file, site, times: [] });
          }
        }
        for (let round = 0; round <= ROUNDS; round++) {
          for (const { file, site, times } of rules) {
            const start = performance.now();
            await ask(checker, file, site);
            if (round > 0) times.push(performance.now() - start);
          }
        }
      } finally {
        await checker.dispose();
      }
      const times = rules.map(rule => median(rule.times));
      const slow = rules.flatMap(({ site }, r) =>
        times[r]! > 5 * bar ? [`${site.name} ${Math.round(times[r]!)}`] : [],
      );
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
