/**
 * @file Torch's `gradcheck`: whether autograd's gradients of any function agree with finite differences.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 */

import { grad } from "../autograd/backward.ts";
import type { Context } from "../autograd/context.ts";
import { enableGrad } from "../autograd/mode.ts";
import { randn } from "../tensor/random.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { judge } from "./judge.ts";
import { floating, GradcheckError, QuickCheck } from "./quick-check.ts";
import { type JudgedFunction, VALUE } from "./ruling.ts";

export { GradcheckError };

export interface GradcheckOptions {
  /** Step of the plain central differences, relative to the input's size (at least 0.1); default ∛ε. */
  eps?: number;
  /** Absolute tolerance; default 1e-8, where float32 takes part 1e-4. */
  atol?: number;
  /** Relative tolerance; default 1e-6, where float32 takes part 1e-3. */
  rtol?: number;
  /** Throw, rather than return false, where gradients disagree; default true. */
  raiseException?: boolean;
  /** By how much two runs of backward may differ; default 0. */
  nondetTol?: number;
  /** Check reverse mode; default true. */
  checkBackwardAd?: boolean;
  /** Check forward mode, too: `jvp` along a random direction; default false. */
  checkForwardAd?: boolean;
  /** Check that backward works on a whole batch of cotangents at once, under `vmap`; default false. */
  checkBatchedGrad?: boolean;
  /** Check one random entry of each output rather than all; default false. */
  fastMode?: boolean;
}

/** A function that can be checked: of tensors, to one tensor or several. */
export type CheckedFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/**
 * Compares the Jacobian of `f` that autograd gives with the one that finite differences give, for every
 * input that requires gradients. Seeds are of either sign and never 1, so that a rule that takes |g|, or clamps it, differs.
 * Plain central differences are asked first; where they disagree, the judge decides (judge.ts), who knows the error of
 * his own oracles, and kinks.
 * @param f takes the inputs, returns one tensor or several
 * @param inputs at least one of them requires gradients
 * @returns true where all entries agree
 * @throws GradcheckError that names input, entry, both values and the reason (unless `raiseException` is false)
 */
export function gradcheck(
  f: CheckedFunction,
  inputs: Tensor | readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  try {
    const args = listOf("gradcheck", inputs);
    const check = new QuickCheck(f, args, options);
    if (options.checkBackwardAd !== false) {
      const quick = check.disagreement();
      const found = quick === null ? null : verdictOn(f, args, quick);
      if (found !== null) throw found;
      if (options.checkBatchedGrad === true) check.batched();
    }
    if (options.checkForwardAd === true) check.forwardMode();
    return true;
  } catch (error) {
    if (error instanceof GradcheckError && options.raiseException === false) return false;
    throw error;
  }
}

/**
 * {@link gradcheck} of the gradients themselves, as functions of the inputs and of `gradOutputs`: whether second
 * derivatives are right.
 * @param gradOutputs one per output; random where not given
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
 */
export function gradgradcheck(
  f: CheckedFunction,
  inputs: Tensor | readonly Tensor[],
  gradOutputs: Tensor | readonly Tensor[] | null = null,
  options: GradcheckOptions = {},
): boolean {
  const args = listOf("gradgradcheck", inputs);
  const cotangents =
    gradOutputs === null
      ? floating(f(...args)).map(y => randn(shapeOf(y), { dtype: y.dtype }))
      : listOf("gradgradcheck", gradOutputs, "gradOutputs");
  const gradients = (...all: Tensor[]): Tensor[] => {
    const xs = all.slice(0, args.length);
    const outputs = floating(f(...xs));
    const used = outputs.flatMap((y, o) => (y.requiresGrad ? [o] : []));
    return grad(
      used.map(o => outputs[o]!),
      xs.filter(x => x.requiresGrad),
      { gradOutputs: used.map(o => all[args.length + o]!), createGraph: true, allowUnused: true },
    ).filter(isTensor);
  };
  return gradcheck(gradients, [...args, ...cotangents.map(g => g.detach().clone().requiresGrad_())], options);
}

function listOf(by: string, tensors: Tensor | readonly Tensor[], what = "inputs"): readonly Tensor[] {
  if (isTensor(tensors)) return [tensors];
  if (Array.isArray(tensors) && tensors.every(isTensor)) return tensors;
  throw new TypeError(`${by}() expected a tensor or an array of tensors as ${what}.`);
}

/** What the judge finds against the function, as an error; null where it agrees. */
function verdictOn(
  f: CheckedFunction,
  inputs: readonly Tensor[],
  quick: GradcheckError,
): GradcheckError | null {
  const constant = new Set(inputs.flatMap((x, i) => (x.requiresGrad ? [] : [i])));
  const asked = (xs: readonly Tensor[]): Tensor[] =>
    xs.map((x, i) => (constant.has(i) || x.requiresGrad ? x : x.detach().requiresGrad_()));
  const definition: JudgedFunction = {
    name: f.name || "the function",
    forward(ctx: Context, ...xs: Tensor[]) {
      return enableGrad(() => {
        ctx.leaves = asked(xs.map(x => x.detach()));
        ctx.outputs = floating(f(...ctx.leaves));
        return ctx.outputs.map((y: Tensor) => y.detach());
      });
    },
    backward(ctx: Context, ...gradOutputs: Tensor[]) {
      const used = ctx.outputs.flatMap((y: Tensor, o: number) => (y.requiresGrad ? [o] : []));
      const roots = used.map((o: number) => ctx.outputs[o]);
      const leaves = ctx.leaves.filter((x: Tensor) => x.requiresGrad);
      const given = used.map((o: number) => gradOutputs[o]);
      const grads = grad(roots, leaves, { gradOutputs: given, retainGraph: true, allowUnused: true });
      let next = 0;
      return ctx.leaves.map((x: Tensor) => (x.requiresGrad ? grads[next++] : null));
    },
    [VALUE]: (...xs) => enableGrad(() => floating(f(...asked(xs as Tensor[])))),
  };
  const ruling = judge(definition, inputs, 0, { thorough: false, constant });
  switch (ruling.kind) {
    case "agrees":
      return null;
    case "differs": {
      const { output, outputAt, argument, at, expected, returned } = ruling.worst;
      return new GradcheckError(
        `Jacobian mismatch for output ${output} at [${outputAt}] with respect to input ${argument} at [${at}]: ` +
          `numerical ${expected}, analytical ${returned}.`,
      );
    }
    case "ignores-grad-output":
      return new GradcheckError(`${quick.message} Backward returns the same whatever its cotangent is.`);
    case "not-linear":
      return new GradcheckError(`${quick.message} Backward is not linear in its cotangent.`);
    case "not-differentiable":
      return new GradcheckError(
        `${quick.message} The function cannot be measured well enough with respect to input ${ruling.argument} at ` +
          `[${ruling.at}]: it jumps, is noisy, or is steep there. Choose other inputs, or give atol and rtol.`,
      );
    default:
      return quick;
  }
}
