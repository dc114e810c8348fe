/**
 * @file Whether backward may itself be differentiated: its derivative as autograd finds it against how its values change. What was
 * detached, read out as numbers, or kept on ctx as an intermediate is a constant to autograd, and its share is lost in silence.
 */

import { grad } from "../autograd/backward.ts";
import { applyFunction } from "../autograd/function.ts";
import { enableGrad } from "../autograd/mode.ts";
import { isOnceDifferentiable } from "../autograd/once-differentiable.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import type { Generator } from "../tensor/random.ts";
import { readings } from "../tensor/readings.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { drawn } from "./cotangents.ts";
import { COARSEST, confirms, type Estimates } from "./finite-differences.ts";
import { sameValues } from "./flat.ts";
import { moved } from "./measured.ts";
import { outputsOf, partsOf } from "./outputs.ts";
import type { Hint, JudgedFunction, Ruling } from "./ruling.ts";
import { keptBy, Subject } from "./subject.ts";

type Found =
  | { readonly kind: "hint"; readonly hint: Hint }
  | { readonly kind: "ruling"; readonly ruling: Ruling };

/** What is cut off is a term: rounding, of ill-conditioned gradients too, is smaller than this part of the whole. */
const TOLERANCE = 1e-2;

/** @param moves which arguments backward is differentiated by */
export function checkSecondOrder(
  definition: JudgedFunction,
  args: readonly unknown[],
  moves: readonly boolean[],
  cotangent: Float64Array,
  random: Generator,
): Found | null {
  const { backward } = definition;
  if (backward === undefined || isOnceDifferentiable(backward)) return null;
  const sizes = args.map((arg, i) =>
    moves[i] && isTensor(arg) && arg.isFloatingPoint() ? arg.numel() : null,
  );
  const weights = sizes.map(size => (size === null ? null : drawn(size, random)));
  const flat = args.map((arg, i) => (sizes[i] === null ? null : toFlatArray((arg as Tensor).detach())));
  const steps = flat.map(at =>
    at === null ? null : drawn(at.length, random).map((s, j) => s * Math.max(Math.abs(at[j]!), 1e-3)),
  );
  const gStep = drawn(cotangent.length, random);

  const recorded = differentiated(definition, args, cotangent, weights, steps, gStep);
  if (recorded === null) return null;

  const at = (t: number): unknown[] =>
    args.map((arg, i) => (steps[i] == null ? arg : moved(arg as Tensor, flat[i]!, steps[i]!, t)));
  const weighed = (t: number): Float64Array | null => {
    const subject = Subject.at(definition, at(t));
    if (!(subject instanceof Subject) || subject.total !== cotangent.length) return null;
    const gradients = subject.pull(cotangent.map((g, k) => g + t * gStep[k]!));
    if ("kind" in gradients) return null;
    let sum = 0;
    gradients.forEach((gradient, i) => {
      gradient?.forEach((value, j) => {
        sum += value * weights[i]![j]!;
      });
    });
    return Float64Array.of(sum);
  };
  const center = weighed(0);
  if (center === null) return null;
  const { returned, size, records, intermediates, reads } = recorded;
  // Gradients that are 0 but for rounding have derivatives of any sign.
  const rounding = 1e-10 * cotangent.reduce((sum, g) => sum + Math.abs(g), 0);
  let expected = 0;
  const agrees = ({ values: [slope], errors: [error] }: Estimates): boolean => {
    expected = slope!;
    const scale = Math.max(Math.abs(expected), size, Math.abs(center[0]!) * 1e-3, rounding);
    const isKnown = error! <= COARSEST * scale;
    return !isKnown || Math.abs(returned - expected) <= TOLERANCE * scale;
  };
  if (confirms(weighed, center, 1, agrees) !== false) return null;
  // Whoever read numbers out, or saved what forward computed on the way, did not mean it to be differentiated twice.
  const ruling: Ruling = { kind: "wrong-double-backward", returned, expected };
  if (!records || reads) return { kind: "hint", hint: { ...ruling, intermediates } };
  const numbers = (t: number): Float64Array => keptNumbers(definition, at(t));
  return intermediates || !sameValues(numbers(0), numbers(1e-3))
    ? { kind: "hint", hint: { ...ruling, intermediates: true } }
    : { kind: "ruling", ruling };
}

interface Recorded {
  /** Derivative along the steps, as autograd finds it. */
  readonly returned: number;
  /** Sum of its terms' absolute values. */
  readonly size: number;
  /** Whether backward's result depends on anything at all, to autograd. */
  readonly records: boolean;
  /** Whether a tensor was saved that is neither an input nor an output. */
  readonly intermediates: boolean;
  /** Whether backward reads numbers out. */
  readonly reads: boolean;
}

/** Null where backward refuses to be differentiated. */
function differentiated(
  definition: JudgedFunction,
  args: readonly unknown[],
  cotangent: Float64Array,
  weights: readonly (Float64Array | null)[],
  steps: readonly (Float64Array | null)[],
  gStep: Float64Array,
): Recorded | null {
  try {
    return enableGrad(() => {
      const leaves = args.map((arg, i) =>
        isTensor(arg) ? (steps[i] === null ? arg.clone() : arg.detach().clone().requiresGrad_()) : arg,
      );
      const call = applyFunction(definition, leaves);
      const outputs = outputsOf(call.result).filter(y => y?.requiresGrad) as Tensor[];
      const parts = partsOf(cotangent, outputs);
      const gradOutputs = outputs.map((y, o) => ofValues(parts[o]!, shapeOf(y), y.dtype).requiresGrad_());
      const moving = leaves.flatMap((leaf, i) => (steps[i] === null ? [] : [{ leaf: leaf as Tensor, i }]));
      const inputs = moving.map(({ leaf }) => leaf);
      const before = readings();
      const first = grad(outputs, inputs, { gradOutputs, createGraph: true, allowUnused: true });
      const reads = readings() > before;
      let sum: Tensor | null = null;
      first.forEach((g, n) => {
        if (g === null || !g.requiresGrad) return;
        const term = g.mul(ofValues(weights[moving[n]!.i]!, shapeOf(g), g.dtype)).sum();
        sum = sum === null ? term : sum.add(term);
      });
      const intermediates = keptBy(call).some(
        t =>
          t.isFloatingPoint() &&
          !leaves.includes(t) &&
          !outputsOf(call.result).includes(t) &&
          !t.requiresGrad,
      );
      if (sum === null) return { returned: 0, size: 0, records: false, intermediates, reads };
      const along = [...moving.map(({ i }) => steps[i]!), ...partsOf(gStep, outputs)];
      const second = grad(sum, [...inputs, ...gradOutputs], { allowUnused: true });
      let returned = 0;
      let size = 0;
      second.forEach((g, n) => {
        if (g === null) return;
        toFlatArray(g).forEach((value, j) => {
          returned += value * along[n]![j]!;
          size += Math.abs(value * along[n]![j]!);
        });
      });
      return { returned, size, records: true, intermediates, reads };
    });
  } catch {
    return null;
  }
}

/** The numbers in fields of ctx: those that hang on the inputs were read out of tensors, the others are options and sizes. */
function keptNumbers(definition: JudgedFunction, args: readonly unknown[]): Float64Array {
  const numbersIn = (value: unknown): number[] => {
    if (typeof value === "number") return [value];
    if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
    return Array.isArray(value) ? value.flatMap(numbersIn) : [];
  };
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return new Float64Array();
  const { ctx } = subject.call;
  return Float64Array.from(Object.keys(ctx).flatMap(name => numbersIn(ctx[name])));
}
