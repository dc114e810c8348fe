/**
 * @file One sample, evaluated by the engine and held against PyTorch: outputs, what the call left in its
 * inputs, gradients, the derivative along a direction in forward mode, and the second derivative.
 */

import { autograd, isTensor, type Tensor } from "@gradient-lens/engine";
import { pushforward } from "../../engine/autograd/dual.ts";
import type { Callee } from "./call.ts";
import { type Comparison, compare, compareSymmetrized, isZero } from "./compare.ts";
import { type Inputs, inputsOf, putTensor, tensorAt, toTensor } from "./inputs.ts";
import { finish, prepare } from "./transforms.ts";
import type { ReferenceTensor, Sample, Tolerance } from "./vectors.ts";

export interface SampleResult {
  /** One line for each thing that is not as in PyTorch; none for a sample that passes. */
  readonly failures: readonly string[];
  /** Largest error, in units of the tolerance. */
  readonly worst: number;
}

/** @param tolerance the op's, where the sample has none of its own */
export function runSample(sample: Sample, callee: Callee, tolerance: Tolerance): SampleResult {
  const checks = new Checks({ rtol: sample.rtol ?? tolerance.rtol, atol: sample.atol ?? tolerance.atol });
  check(sample, callee, checks);
  return { failures: checks.failures, worst: checks.worst };
}

function check(sample: Sample, callee: Callee, checks: Checks): void {
  const called = checks.attempt("call", () => {
    const inputs = inputsOf(sample);
    return { inputs, outputs: evaluate(sample, callee, inputs) };
  });
  // Without outputs of the right number there is nothing to differentiate.
  if (called === null || !checkOutputs(sample, called.inputs, called.outputs, checks)) return;
  if (sample.wrt.length > 0) {
    checks.attempt("grads", () => checkReverse(sample, called.inputs, called.outputs, checks));
  }
  if (sample.jvp !== undefined) checks.attempt("jvp", () => checkForward(sample, callee, checks));
}

/** What has been found about a sample so far. */
class Checks {
  readonly failures: string[] = [];
  worst = 0;
  readonly #tolerance: Tolerance;

  constructor(tolerance: Tolerance) {
    this.#tolerance = tolerance;
  }

  fail(what: string, why: string): void {
    this.failures.push(`${what}: ${why}`);
  }

  /** Notes what `body` throws; null then. */
  attempt<T>(what: string, body: () => T): T | null {
    try {
      return body();
    } catch (error) {
      this.fail(what, `threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      return null;
    }
  }

  tensor(what: string, got: Tensor, want: ReferenceTensor, by: typeof compare = compare): void {
    this.#add(what, by(got, want, this.#tolerance));
  }

  /** For derivatives that may be zero by not being there: null and zeros are the same, on both sides. */
  derivative(what: string, got: Tensor | null, want: ReferenceTensor | null): void {
    if (want === null) {
      if (!isZero(got)) this.fail(what, `expected none or zeros, got ${got}`);
    } else if (got !== null) {
      this.tensor(what, got, want);
    } else if (want.data.some(value => value !== 0)) {
      this.fail(what, `expected ${summary(want)}, got none`);
    }
  }

  #add(what: string, { mismatch, error }: Comparison): void {
    this.worst = Math.max(this.worst, error);
    if (mismatch !== null) this.fail(what, mismatch);
  }
}

/** The outputs of `post(call(pre(args), kwargs)[select])`. */
export function evaluate(sample: Sample, callee: Callee, { args, kwargs }: Inputs): Tensor[] {
  const returned = callee({ args: [...prepare(sample.pre, args)], kwargs });
  const bare = sample.post === undefined && sample.select === undefined;
  if (bare && isTensor(returned) !== (sample.single === true)) {
    throw new TypeError(
      sample.single ? "expected one tensor, got several" : "expected several tensors, got one",
    );
  }
  return finish(sample, flatten(returned));
}

/** The tensors of lists and of named results, in order. */
function flatten(returned: unknown): Tensor[] {
  if (isTensor(returned)) return [returned];
  if (typeof returned === "object" && returned !== null) return Object.values(returned).flatMap(flatten);
  throw new TypeError(`expected a tensor, or tensors in lists and plain objects, got ${String(returned)}`);
}

function checkOutputs(sample: Sample, inputs: Inputs, outputs: Tensor[], checks: Checks): boolean {
  if (outputs.length !== sample.out.length) {
    checks.fail("out", `expected ${sample.out.length} tensors, got ${outputs.length}`);
    return false;
  }
  sample.out.forEach((want, k) => {
    checks.tensor(`out[${k}]`, outputs[k]!, want);
  });
  for (const [path, want] of Object.entries(sample.after ?? {})) {
    checks.tensor(`${path} after the call`, tensorAt(inputs, path), want);
  }
  return true;
}

/** Gradients, and the derivative of ⟨gradients, tangents⟩ where the sample has it. */
function checkReverse(sample: Sample, inputs: Inputs, outputs: Tensor[], checks: Checks): void {
  const leaves = sample.wrt.map(path => tensorAt(inputs, path));
  const roots = outputs.flatMap((output, k) => {
    const cotangent = sample.grad_out[k] ?? null;
    return cotangent !== null && output.requiresGrad ? [{ output, cotangent: toTensor(cotangent) }] : [];
  });
  const grads = gradients(
    roots.map(root => root.output),
    leaves,
    roots.map(root => root.cotangent),
    sample.hvp !== undefined,
  );
  const symmetric = sample.flags?.includes("convention") === true;
  sample.grads.forEach((want, k) => {
    const what = `grads[${k}] (of ${sample.wrt[k]})`;
    const got = grads[k] ?? null;
    if (want === null) checks.derivative(what, got, want);
    else if (got === null)
      checks.fail(what, `expected ${summary(want)}, but the outputs do not depend on it`);
    else checks.tensor(what, got, want, symmetric ? compareSymmetrized : compare);
  });
  if (sample.hvp === undefined) return;
  checks.attempt("hvp", () => {
    const moving = grads.flatMap((grad, k) =>
      grad?.requiresGrad ? [{ grad, tangent: toTensor(sample.tangents![k]!) }] : [],
    );
    const second = gradients(
      moving.map(({ grad }) => grad),
      leaves,
      moving.map(({ tangent }) => tangent),
      false,
    );
    sample.hvp!.forEach((want, k) => {
      checks.derivative(`hvp[${k}] (of ${sample.wrt[k]})`, second[k] ?? null, want);
    });
  });
}

function gradients(
  outputs: Tensor[],
  leaves: Tensor[],
  gradOutputs: Tensor[],
  createGraph: boolean,
): (Tensor | null)[] {
  if (outputs.length === 0) return leaves.map(() => null);
  return autograd.grad(outputs, leaves, { gradOutputs, createGraph, allowUnused: true });
}

function checkForward(sample: Sample, callee: Callee, checks: Checks): void {
  const inputs = inputsOf(sample);
  const { tangent } = pushforward(
    (...moving) => {
      sample.wrt.forEach((path, k) => {
        putTensor(inputs, path, moving[k]!);
      });
      return evaluate(sample, callee, inputs);
    },
    sample.wrt.map(path => tensorAt(inputs, path).detach()),
    sample.tangents!.map(toTensor),
  );
  sample.jvp!.forEach((want, k) => {
    const differentiable = sample.grad_out[k] !== null;
    if (differentiable) checks.derivative(`jvp[${k}]`, tangent[k] ?? null, want);
  });
}

function summary({ shape, data }: ReferenceTensor): string {
  return `[${data.slice(0, 3).join(", ")}${data.length > 3 ? ", …" : ""}] of shape [${shape}]`;
}
