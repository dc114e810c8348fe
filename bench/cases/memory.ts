/** @file Whether training leaves anything behind: what 9,000 further steps add to the heap once garbage is collected. */

import { manualSeed, nn, noGrad, randint, randn, type Tensor } from "@gradient-lens/engine";
import type { Case } from "../bench-case.ts";

const [EARLY, LATE] = [1_000, 10_000];
/** Before the counting: what V8 keeps of its own (feedback, compiled code) is settled by then. */
const WARM_UP = 20_000;
/** Less than one number, or one reference, a step. */
const BYTES_A_STEP = 8;

export const memory: Case = {
  name: "memory",
  title: "heap and array buffers, from step 1,000 of a training loop to step 10,000 (bytes)",
  async *rows() {
    manualSeed(0);
    const step = trainingStep();
    for (let i = 0; i < WARM_UP; i++) step();
    // Collections that follow one another also let go of code that no longer runs.
    for (let i = 0; i < 4; i++) live();
    for (let i = 0; i < EARLY; i++) step();
    const early = live();
    for (let i = EARLY; i < LATE; i++) step();
    const late = live();
    const growth = late.held - early.held;
    const limit = BYTES_A_STEP * (LATE - EARLY);
    yield {
      case: "memory",
      size: "growth",
      unit: "bytes",
      ours: growth,
      best: growth,
      peers: {},
      missing: {},
      bar: `less than ${BYTES_A_STEP} bytes a step`,
      met: growth < limit,
      note: `of ${count(early.held)} bytes held; resident memory: ${count(late.resident - early.resident)} more`,
    };
  },
};

const count = (bytes: number): string => bytes.toLocaleString("en-US");

/** A small perceptron's: forward, backward, gradient descent. */
function trainingStep(): () => void {
  const x = randn(8, 16);
  const target = randint(0, 4, [8]);
  const parameters = [randn(16, 16), randn(16), randn(16, 4), randn(4)].map(p => p.requiresGrad_());
  const [w1, b1, w2, b2] = parameters as [Tensor, Tensor, Tensor, Tensor];
  return () => {
    for (const parameter of parameters) parameter.grad = null;
    const scores = x.matmul(w1).add(b1).relu().matmul(w2).add(b2);
    nn.functional.crossEntropy(scores, target).backward();
    noGrad(() => {
      for (const parameter of parameters) parameter.sub_((parameter.grad as Tensor).mul(0.01));
    });
  };
}

/** Bytes that are still held, after as much garbage as there is has been collected. */
function live(): { held: number; resident: number } {
  if (globalThis.gc === undefined) throw new Error("the memory case needs node --expose-gc");
  // Finalizers that a collection calls may free more.
  for (let i = 0; i < 4; i++) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss };
}
