/** @file Operations on 10⁶ doubles, against the time that moving their bytes takes. */

import { manualSeed } from "@gradient-lens/engine";
import { type Case, contestantsFor, uniform } from "../bench-case.ts";
import { type Bar, racedRow } from "../row.ts";
import { MEMORY_BANDWIDTH, memoryBandwidth } from "../yardsticks/bandwidth.ts";

const ELEMENTS = 1e6;

/** How many arrays each operation reads and writes. */
const ARRAYS = { exp: 2, add: 3, mul: 3, sum: 1 } as const;

const BARS: readonly Bar[] = [
  { text: "within 2× of memory bandwidth", than: [MEMORY_BANDWIDTH], factor: 0.5 },
];

export const elementwise: Case = {
  name: "elementwise",
  title: "1,000,000 doubles (ms)",
  task: "elementwise",
  async *rows(entrants) {
    manualSeed(0);
    const [x, y] = [uniform(ELEMENTS, -1, 1), uniform(ELEMENTS, -1, 1)];
    for (const op of ["exp", "add", "mul", "sum"] as const) {
      const contestants = [
        ...contestantsFor(entrants, "elementwise", { op, x, y }),
        memoryBandwidth(ELEMENTS, 8 * ELEMENTS * ARRAYS[op]),
      ];
      const unit = { name: "ms", of: (ms: number) => ms };
      yield racedRow({ case: "elementwise", size: op, unit, contestants, bars: BARS });
    }
  },
};
