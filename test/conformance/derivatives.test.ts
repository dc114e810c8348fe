/**
 * @file Every op against the engine's own gradcheck, VJP and JVP, at random inputs of several shapes, in float64 and in float32:
 * around PyTorch's samples, whose shapes and domains are the op's, at values that nobody chose.
 */

import { join } from "node:path";
import { autograd, isTensor, manualSeed, randn, type Tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { resolve } from "./call.ts";
import { type Inputs, inputsOf, putTensor, tensorAt } from "./inputs.ts";
import { evaluate } from "./sample.ts";
import { nameOf, readVectors, type Sample } from "./vectors.ts";

/** Samples of each op, of different shapes, the smallest first. */
const SAMPLES = 3;
/** Entries of the inputs together: each is moved on its own. */
const MOST_ENTRIES = 250;

const all = readVectors(join(import.meta.dirname, "vectors"));
const cases = all.flatMap(vectors => {
  const samples = suitable(vectors.samples);
  return samples.length === 0 ? [] : [{ name: nameOf(vectors), call: vectors.call, samples }];
});

test("nearly every op that has a derivative is here", () => {
  const differentiable = all.filter(({ samples }) => samples.some(sample => sample.wrt.length > 0));
  expect(cases.length).toBeGreaterThan(0.95 * differentiable.length);
});

describe.each(cases)("$name", ({ call, samples }) => {
  const callee = resolve(call)!;
  const check = (sample: Sample, dtype: "float64" | "float32"): boolean => {
    manualSeed(sample.i);
    const inputs = inputsOf(sample);
    eachTensor(inputs, t => (t.isFloatingPoint() ? t.detach().to(dtype) : t));
    const xs = sample.wrt.map(path => {
      const x = tensorAt(inputs, path);
      // Toward 0, so that what is between −1 and 1 stays there.
      return x.sub(randn(x.shape).abs().mul(0.01).mul(x).to(dtype)).detach().requiresGrad_();
    });
    const f = (...moved: Tensor[]): Tensor[] => {
      const fresh: Inputs = { args: structured(inputs.args), kwargs: { ...inputs.kwargs } };
      sample.wrt.forEach((path, k) => {
        putTensor(fresh, path, moved[k]!);
      });
      return evaluate(sample, callee, fresh).filter((_, k) => sample.grad_out[k] != null);
    };
    return autograd.gradcheck(f, xs, { checkForwardAd: true });
  };

  test.each(samples.map(sample => [sample.i, sample] as const))("sample %i", (_, sample) => {
    expect(check(sample, "float64")).toBe(true);
  });

  test("in float32", () => {
    expect(check(samples[0]!, "float32")).toBe(true);
  });
});

function suitable(samples: readonly Sample[]): Sample[] {
  const shapes = new Set<string>();
  const found: Sample[] = [];
  const sized = samples
    .filter(
      ({ wrt, src, after, flags }) =>
        wrt.length > 0 && src.startsWith("sample") && !after && !flags?.includes("nonfinite"),
    )
    .map(sample => ({ sample, size: sizeOf(sample) }))
    .filter(({ size }) => size > 0 && size <= MOST_ENTRIES)
    .sort((a, b) => a.size - b.size);
  for (const { sample } of sized) {
    const inputs = inputsOf(sample);
    const shape = JSON.stringify(sample.wrt.map(path => tensorAt(inputs, path).shape));
    if (shapes.has(shape) || found.length === SAMPLES) continue;
    shapes.add(shape);
    found.push(sample);
  }
  return found;
}

function sizeOf(sample: Sample): number {
  const inputs = inputsOf(sample);
  return sample.wrt.reduce((n, path) => n + tensorAt(inputs, path).numel(), 0);
}

/** A copy of lists within lists: tensors are put in their places. */
function structured(args: unknown[]): unknown[] {
  return args.map(arg => (Array.isArray(arg) ? structured(arg) : arg));
}

function eachTensor(inputs: Inputs, change: (t: Tensor) => Tensor): void {
  const changed = (value: unknown): unknown =>
    isTensor(value) ? change(value) : Array.isArray(value) ? value.map(changed) : value;
  inputs.args.splice(0, inputs.args.length, ...inputs.args.map(changed));
  for (const key of Object.keys(inputs.kwargs)) inputs.kwargs[key] = changed(inputs.kwargs[key]);
}
