/** @file What one check costs once everything is warm: each rule of the corpus, on the whole road from its text to the finding. */

import { readdirSync, readFileSync } from "node:fs";
import { DEFAULT_LIMITS, DEFAULT_SEED } from "../../extension/checker/limits.ts";
import { createChecker } from "../../extension/checker/local-checker.ts";
import { inProject } from "../../scripts/project.ts";
import type { Case } from "../bench-case.ts";
import { median } from "../statistics.ts";

const RULES = inProject("test", "verdict", "rules");
const BAR = 20;
/** The last of so many checks of a rule counts. */
const TIMES = 3;

export const check: Case = {
  name: "check",
  title: "a check of a rule of the corpus, warm, from text to finding (ms)",
  async *rows() {
    const checker = createChecker({
      realm: inProject("dist", "sandbox.cjs"),
      readText: async path => readFileSync(path, "utf8"),
    });
    const times: number[] = [];
    const slow: string[] = [];
    const limits = { ...DEFAULT_LIMITS, timeMs: 60_000 };
    try {
      for (const name of readdirSync(RULES)) {
        const file = `${RULES}/${name}`;
        for (const site of await checker.functions(file, readFileSync(file, "utf8"))) {
          if (site.backward === null || site.unreachable !== undefined) continue;
          let last = 0;
          for (let i = 0; i < TIMES; i++) {
            const start = performance.now();
            await checker.check(file, site, { seed: DEFAULT_SEED, limits });
            last = performance.now() - start;
          }
          times.push(last);
          if (last > 5 * BAR) slow.push(`${site.name} ${Math.round(last)}`);
        }
      }
    } finally {
      await checker.dispose();
    }
    const ours = median(times);
    yield {
      case: "check",
      size: `${times.length} rules`,
      unit: "ms",
      ours,
      best: Math.min(...times),
      peers: {},
      missing: {},
      bar: `a median under ${BAR} ms`,
      met: ours < BAR,
      note: slow.length === 0 ? "" : `slowest: ${slow.join(", ")}`,
    };
  },
};
