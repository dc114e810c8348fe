/** @file The product of two square matrices, against the machine's peak of 128-bit multiply-adds. */

import { manualSeed } from "@gradient-lens/engine";
import { type Case, contestantsFor, uniform } from "../bench-case.ts";
import { PLAIN_LOOPS } from "../peers/plain.ts";
import { type Bar, racedRow } from "../row.ts";
import { MULTIPLY_ADD_PEAK, multiplyAddPeak } from "../yardsticks/multiply-add.ts";

const nearPeak: Bar = { text: "at least 75 % of the peak", than: [MULTIPLY_ADD_PEAK], factor: 0.75 };
const noSlowerThanPlain: Bar = { text: "no slower than plain loops", than: [PLAIN_LOOPS], factor: 1 };

export const matmul: Case = {
  name: "matmul",
  title: "matmul, n × n (GFLOP/s)",
  task: "matmul",
  async *rows(entrants) {
    manualSeed(0);
    for (const n of [8, 64, 128, 512]) {
      const state = { n, a: uniform(n * n, -1, 1), b: uniform(n * n, -1, 1) };
      const flops = 2 * n ** 3;
      const contestants = [...contestantsFor(entrants, "matmul", state), multiplyAddPeak(flops)];
      const unit = { name: "GFLOP/s", of: (ms: number) => flops / ms / 1e6, higherIsBetter: true };
      const bars = n < 16 ? [noSlowerThanPlain] : n >= 128 ? [nearPeak] : [];
      yield racedRow({ case: "matmul", size: `n = ${n}`, unit, contestants, bars });
    }
  },
};
