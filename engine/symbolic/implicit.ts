/**
 * @file The derivative of a loop that solves x = F(x, θ), by the implicit function theorem: what flows back to x flows into the one step
 * that keeps it, w = g + (∂F/∂x)ᵀ w. After Newton's method ∂F/∂x is zero, and w is g; where F acts element by element, w is a quotient.
 */

import { noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { Algebra } from "./algebra.ts";
import { type Derivation, differentiable, perArgument, replaced, written } from "./derive.ts";
import type { Expression, Leaf } from "./expression.ts";
import { type ForwardTrace, type Names, namesOf } from "./function-trace.ts";
import { type FixedPoint, fixedPointOf, residualsIn } from "./iteration.ts";
import { pullback } from "./pullback.ts";

/** What counts as zero of a derivative, relative to what flows in. */
const ZERO = 1e-6;

/** The derivation of a forward whose one output solves an equation by steps; null where it is none, or one of another kind. */
export function deriveImplicitly(
  forward: ForwardTrace,
  names: Names,
  gradOutputs: readonly (Leaf | null)[],
): { forward: ForwardTrace; derivation: Derivation } | null {
  const { trace, outputs, own } = forward;
  const [output, ...others] = outputs;
  const [g] = gradOutputs;
  if (!own || output == null || others.length > 0 || g == null) return null;
  const point = fixedPointOf(trace, output, namesOf(names.outputs, 1, "output")[0]!);
  if (point === null) return null;
  const algebra = new Algebra(trace);
  const arriving = arrivingAt(algebra, point, g);
  if (arriving === null) return null;
  const found = pullback(trace, [point.step], [arriving], differentiable(forward));
  const solved = withoutResiduals(algebra, found);
  const equation = { solution: point.x, isStill: arriving === g };
  const solving = { ...forward, outputs: [point.step], equation };
  const { results, ...kept } = written(solving, names, names.gradOutputs ?? [], () => solved);
  const grads = perArgument(forward, results);
  return { forward: solving, derivation: { gradOutputs, grads, ...kept } };
}

/** w of w = g + (∂F/∂x)ᵀ w; null where that takes more than a quotient. */
function arrivingAt(algebra: Algebra, { step, x }: FixedPoint, g: Leaf): Expression | null {
  const through = (cotangent: Expression): Expression | null => {
    const [back] = pullback(algebra.trace, [step], [cotangent], [x]);
    return back === null || back === undefined ? null : withoutResiduals(algebra, [back])[0]!;
  };
  const [first, second] = [1, 2].map(seed => {
    const probe = algebra.trace.graph.leaf(`probe${seed}`, "gradOutput", noise(x.value, seed));
    const back = through(probe);
    return { probe: toFlatArray(probe.value), back: back === null ? null : toFlatArray(back.value) };
  });
  if (first!.back === null || first!.back.every(v => Math.abs(v) <= ZERO)) return g;
  const slopes = [first!, second!].map(({ probe, back }) => back!.map((v, i) => v / probe[i]!));
  if (!slopes[0]!.every((s, i) => Math.abs(s - slopes[1]![i]!) <= ZERO * (1 + Math.abs(s)))) return null;
  const slope = through(algebra.filled(1, x));
  return slope === null ? g : algebra.div(g, algebra.sub(algebra.number(1), slope));
}

/** Between 1 and 2 in size, of both signs. */
function noise(like: Tensor, seed: number): Tensor {
  const generator = new Generator(seed);
  const values = toFlatArray(like).map(
    () => (generator.normal() < 0 ? -1 : 1) * (1 + (generator.normal() ** 2 % 1)),
  );
  return ofValues(values, shapeOf(like), like.dtype);
}

function withoutResiduals(algebra: Algebra, roots: readonly (Expression | null)[]): (Expression | null)[] {
  const some = roots.filter(root => root !== null);
  const zeros = new Map(noGrad(() => residualsIn(some)).map(e => [e, algebra.zeros(e.shape, e)] as const));
  const clean = replaced(algebra, some, zeros);
  let next = 0;
  return roots.map(root => (root === null ? null : clean[next++]!));
}
