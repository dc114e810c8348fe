/**
 * @file Whether a reduction mixes the samples of a batch, found by what it computes. Runs inside the sandbox, on the function that
 * the reduction was made into.
 */

import {
  autograd,
  type Context,
  Function,
  isTensor,
  randn,
  type Tensor,
  zerosLike,
} from "@gradient-lens/engine";
import { rowProducts } from "@gradient-lens/engine/symbolic";
import { resample, search } from "../probe/search.ts";
import { uniformFrom } from "../probe/seeded.ts";
import type { Job } from "../sandbox/job.ts";
import type { CrossTerms } from "./cross-terms.ts";

/** What the script yields; see {@link ./script.ts}. */
interface Reduction {
  compute(...args: unknown[]): Computed;
  /** Makes an argument as the file does; null for one that is to be found. */
  given: readonly ((() => unknown) | null)[];
}

interface Computed {
  /** What is reduced. */
  matrix: unknown;
  named: Record<string, unknown>;
  reduced(): unknown;
  /** What each proposed rewrite comes to. */
  rewritten: readonly (() => unknown)[];
}

/** At as many lists of arguments must a rewrite hold. */
const POINTS = 3;

/** Null where the reduction holds no cross terms, and where that cannot be told. */
export function crossTermsIn(
  value: unknown,
  { parameters, seed }: Pick<Job, "parameters" | "seed">,
): CrossTerms | null {
  const reduction = value as Reduction;
  const declared = parameters ?? [];
  const names = declared.map(({ name }) => name);
  const uniform = uniformFrom(seed);
  for (const draw of argumentsFor(reduction, declared, uniform)) {
    const args = draw();
    const found = attempt(() => rowProducts((...given) => reduction.compute(...given), args, names));
    const kind = found === null ? null : attempt(() => reductionOf(reduction.compute(...args)));
    if (found === null || kind === null) continue;
    const points = [args, ...Array.from({ length: POINTS - 1 }, draw)];
    const { batch: name, term, own, gradient } = found;
    const batch = { name, argument: names.indexOf(name) };
    const isRight = gradient && attempt(() => isGradient(gradient.value, reduction, args, batch));
    return {
      batch: name,
      term,
      own,
      gradient: isRight ? gradient.text : null,
      reduction: kind,
      hold: holding(reduction, points, kind),
    };
  }
  return null;
}

/** For each kind of arguments that the reduction accepts, what draws some of them; those of the file's own shapes alone, if it shows any. */
function argumentsFor(
  { compute, given }: Reduction,
  parameters: NonNullable<Job["parameters"]>,
  uniform: () => number,
): (() => readonly unknown[])[] {
  const fixed = parameters.map((_, i) => attempt(() => given[i]?.() ?? null));
  const open = parameters.filter((_, i) => fixed[i] === null);
  const whole = (found: readonly unknown[]): unknown[] => {
    let next = 0;
    return fixed.map(value => (value === null ? found[next++] : freshLike(value)));
  };
  class Reduced extends Function {
    static forward(_ctx: Context, ...found: unknown[]): Tensor {
      return compute(...whole(found)).reduced() as Tensor;
    }
  }
  if (open.length === 0) return [() => whole([])];
  const { samples } = search(Reduced, open, uniform);
  return samples.map(sample => () => whole(resample(sample, uniform)));
}

/** Other numbers in a tensor's place, in full precision: zeros and ones, say, hide what depends on them. */
function freshLike(value: unknown): unknown {
  return isTensor(value) && value.isFloatingPoint() ? randn(value.shape) : value;
}

/** The mean of row sums is a mean, too. */
function reductionOf({ matrix, reduced }: Computed): CrossTerms["reduction"] | null {
  const value = reduced();
  if (!isTensor(matrix) || !isTensor(value)) return null;
  const total = matrix.sum();
  if (agree(value, total)) return "sum";
  return agree(value, matrix.mean()) || agree(value, total.div(matrix.size(-1))) ? "mean" : null;
}

/** What the reduction computes of arguments that gradients are asked by, and what the diagonal alone would come to. */
function differentiable(
  { compute }: Reduction,
  args: readonly unknown[],
): Computed & { leaves: unknown[]; diagonal: Tensor } {
  const leaves = args.map(arg => (isTensor(arg) && arg.isFloatingPoint() ? variableLike(arg) : arg));
  const computed = compute(...leaves);
  return { ...computed, leaves, diagonal: (computed.matrix as Tensor).diagonal(0, -2, -1) };
}

/** Which rewrites have the value and the gradients that the diagonal has. */
function holding(
  reduction: Reduction,
  points: readonly (readonly unknown[])[],
  kind: CrossTerms["reduction"],
): boolean[] {
  const each = points.map(args => {
    const { leaves, diagonal, rewritten } = differentiable(reduction, args);
    const variables = leaves.filter((leaf, i): leaf is Tensor => leaf !== args[i]);
    const due = kind === "sum" ? diagonal.sum() : diagonal.mean();
    const gradients = gradientsOf(due, variables);
    const holds = (value: unknown): boolean =>
      agree(value, due) && gradientsOf(value, variables).every((g, v) => near(g, gradients[v]!));
    return rewritten.map(rewrite => attempt(() => holds(rewrite())) === true);
  });
  return each[0]!.map((_, r) => each.every(holds => holds[r]));
}

/** Whether the diagonal's sum has this gradient by the batch: an argument, or something that is computed on the way. */
function isGradient(
  gradient: Tensor,
  reduction: Reduction,
  args: readonly unknown[],
  batch: { name: string; argument: number },
): boolean {
  const { leaves, named, diagonal } = differentiable(reduction, args);
  const by = batch.argument < 0 ? named[batch.name] : leaves[batch.argument];
  return isTensor(by) && near(gradient, gradientsOf(diagonal.sum(), [by])[0]!);
}

function variableLike(tensor: Tensor): Tensor {
  return tensor.detach().clone().requiresGrad_();
}

/** Zeros for what a result does not depend on. */
function gradientsOf(result: Tensor, variables: readonly Tensor[]): Tensor[] {
  if (!result.requiresGrad) return variables.map(variable => zerosLike(variable));
  return autograd.grad(result, variables, { allowUnused: true, materializeGrads: true, retainGraph: true });
}

/** Of two results without dimensions. */
function agree(value: unknown, due: Tensor): value is Tensor {
  return isTensor(value) && value.ndim === 0 && near(value, due);
}

/** Results of single precision, too, are reached in different orders. */
function near(value: Tensor, due: Tensor): boolean {
  const [relative, absolute] = due.dtype === "float64" ? [1e-6, 1e-9] : [1e-3, 1e-4];
  return value.dtype === due.dtype && value.allclose(due, relative, absolute);
}

function attempt<T>(body: () => T | null): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
