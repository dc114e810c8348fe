/** @file What an operation on a small tensor costs: 1,000 of them in a chain (mul, add, exp, sqrt), forward and backward. */

import { manualSeed } from "@gradient-lens/engine";
import { type Case, contestantsFor, uniform } from "../bench-case.ts";
import { ADNN, ADNN_NUMBERS } from "../peers/adnn.ts";
import { DEEPBOX } from "../peers/deepbox.ts";
import { JAX_EAGER } from "../peers/jax-js.ts";
import { JS_PYTORCH } from "../peers/js-pytorch.ts";
import { tfjsName } from "../peers/tfjs.ts";
import { TORCH } from "../peers/torch.ts";
import { type Bar, racedRow } from "../row.ts";

const LINKS = 250;
const OPERATIONS = 4 * LINKS;

const barsFor = (elements: number): readonly Bar[] => [
  { text: "at least 8× torch", than: [TORCH], factor: 8 },
  {
    text: "faster than every eager JavaScript peer",
    than: [
      ...(elements === 1 ? [ADNN_NUMBERS] : []),
      ADNN,
      tfjsName("cpu"),
      tfjsName("wasm"),
      JS_PYTORCH,
      DEEPBOX,
      JAX_EAGER,
    ],
    factor: 1,
  },
];

const SIZES = { "1 element": [1], "5×5": [5, 5] };

export const chain: Case = {
  name: "chain",
  title: "chain of 1,000 operations (mul, add, exp, sqrt), forward + backward (ns an operation)",
  task: "chain",
  async *rows(entrants) {
    manualSeed(0);
    for (const [size, shape] of Object.entries(SIZES)) {
      const start = uniform(
        shape.reduce((a, b) => a * b),
        0.1,
        0.9,
      );
      const contestants = contestantsFor(entrants, "chain", { shape, start, links: LINKS });
      const unit = { name: "ns an operation", of: (ms: number) => (ms * 1e6) / OPERATIONS };
      yield racedRow({ case: "chain", size, unit, contestants, bars: barsFor(start.length) });
    }
  },
};
