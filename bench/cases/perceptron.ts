/** @file One training step of a 784-128-10 perceptron, batch 64: forward, cross entropy, backward, gradient descent. */

import { manualSeed } from "@gradient-lens/engine";
import { type Case, contestantsFor, uniform } from "../bench-case.ts";
import type { Matrix } from "../peer.ts";
import { JS_PYTORCH } from "../peers/js-pytorch.ts";
import { tfjsName } from "../peers/tfjs.ts";
import { TORCH } from "../peers/torch.ts";
import { type Bar, racedRow } from "../row.ts";

const BATCH = 64;
const [PIXELS, HIDDEN, CLASSES] = [784, 128, 10];

const BARS: readonly Bar[] = [
  {
    text: "faster than tfjs (cpu and wasm) and js-pytorch",
    than: [tfjsName("cpu"), tfjsName("wasm"), JS_PYTORCH],
    factor: 1,
  },
  { text: "within 2× of torch", than: [TORCH], factor: 0.5 },
];

export const perceptron: Case = {
  name: "perceptron",
  title: "a training step of a 784-128-10 perceptron (ms)",
  task: "perceptron",
  async *rows(entrants) {
    manualSeed(0);
    const matrix = (rows: number, columns: number, low: number, high: number): Matrix => ({
      shape: [rows, columns],
      values: uniform(rows * columns, low, high),
    });
    const contestants = contestantsFor(entrants, "perceptron", {
      images: matrix(BATCH, PIXELS, 0, 1),
      labels: Array.from(uniform(BATCH, 0, CLASSES), Math.floor),
      weights: [matrix(PIXELS, HIDDEN, -0.05, 0.05), matrix(HIDDEN, CLASSES, -0.1, 0.1)],
      biases: [uniform(HIDDEN, -0.1, 0.1), uniform(CLASSES, -0.1, 0.1)],
      rate: 0.01,
    });
    const unit = { name: "ms", of: (ms: number) => ms };
    yield racedRow({ case: "perceptron", size: "batch 64", unit, contestants, bars: BARS });
  },
};
