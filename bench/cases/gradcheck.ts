/** @file Checking the gradient of X·X, a Function with a backward of its own: the full Jacobian, n² × n². */

import { manualSeed } from "@gradient-lens/engine";
import { type Case, contestantsFor, uniform } from "../bench-case.ts";
import { TORCH_FAST, TORCH_SLOW } from "../peers/torch.ts";
import { type Bar, racedRow } from "../row.ts";

const timesSlow = (factor: number): Bar => ({
  text: `at least ${factor}× torch's slow mode`,
  than: [TORCH_SLOW],
  factor,
});
const fasterThanFast: Bar = { text: "faster than torch's fast mode", than: [TORCH_FAST], factor: 1 };

const BARS: Readonly<Record<number, readonly Bar[]>> = {
  5: [timesSlow(20), fasterThanFast],
  8: [fasterThanFast],
  16: [timesSlow(5)],
};

export const gradcheck: Case = {
  name: "gradcheck",
  title: "gradcheck of X·X with a custom backward, full Jacobian (ms)",
  task: "gradcheck",
  async *rows(entrants) {
    manualSeed(0);
    for (const n of [5, 8, 16]) {
      const contestants = contestantsFor(entrants, "gradcheck", { n, x: uniform(n * n, -1, 1) });
      const unit = { name: "ms", of: (ms: number) => ms };
      yield racedRow({ case: "gradcheck", size: `n = ${n}`, unit, contestants, bars: BARS[n] });
    }
  },
};
