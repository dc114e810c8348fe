/**
 * @file Whether a derived gradient is that of the function itself. A trace holds for other numbers only where the code does not look
 * at numbers: a loop that stops when it has converged, or elements that are read, would go unnoticed.
 */

import { grad } from "../autograd/backward.ts";
import { applyFunction, expanded } from "../autograd/function.ts";
import { type FunctionClass, returnedList } from "../autograd/function-node.ts";
import { enableGrad, noGrad } from "../autograd/mode.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import type { Derivation } from "./derive.ts";
import { type Expression, reachable } from "./expression.ts";

export type Traceable = FunctionClass & { surrogate?(...args: never[]): unknown };

/** Relative to the size of an argument; the error of a central difference is then of 1e-10. */
const STEP = 1e-5;
const TOLERANCE = 1e-5;

/** @returns whether they agree; null where that cannot be told */
export function agrees(
  definition: Traceable,
  args: readonly unknown[],
  { gradOutputs, grads }: Derivation,
  seed: number,
): boolean | null {
  if (definition.surrogate !== undefined) return agreesWithTape(definition, args, gradOutputs, grads);
  let answer: boolean | null = null;
  // Functions of symmetric matrices are defined, and differentiated, along symmetric directions alone.
  for (const symmetric of [false, true]) {
    const found = alongDirection(definition, args, { gradOutputs, grads }, seed, symmetric);
    if (found === true) return true;
    answer = found ?? answer;
  }
  return answer;
}

type Both = Pick<Derivation, "gradOutputs" | "grads">;

function alongDirection(
  definition: Traceable,
  args: readonly unknown[],
  { gradOutputs, grads }: Both,
  seed: number,
  symmetric: boolean,
): boolean | null {
  const generator = new Generator(seed);
  let derived = 0;
  let size = 0;
  const directions = args.map((arg, i) => {
    if (!isTensor(arg) || !arg.isFloatingPoint()) return null;
    const values = toFlatArray(arg).map(x => generator.normal() * (1 + Math.abs(x)));
    const v = mirrored(ofValues(values, shapeOf(arg), arg.dtype), symmetric);
    const g = grads[i];
    if (g != null) {
      const terms = toFlatArray(noGrad(() => g.value.mul(v)));
      for (const term of terms) {
        derived += term;
        size += Math.abs(term);
      }
    }
    return v;
  });
  const at = (step: number): number => {
    const moved = args.map((arg, i) =>
      isTensor(arg) ? (directions[i] == null ? arg.clone() : arg.detach().add(directions[i].mul(step))) : arg,
    );
    const outputs = returnedList(noGrad(() => applyFunction(definition, moved).result));
    let total = 0;
    outputs.forEach((y, o) => {
      const g = gradOutputs[o];
      if (isTensor(y) && g != null) total += g.value.mul(y).sum().item();
    });
    return total;
  };
  try {
    const slope = (step: number): number => (at(step) - at(-step)) / (2 * step);
    const coarse = slope(STEP);
    const fine = slope(STEP / 2);
    if (!Number.isFinite(coarse + fine)) return null;
    const tolerance = TOLERANCE * (1e-2 + size + Math.abs(fine));
    const measured = (4 * fine - coarse) / 3;
    if (!Number.isFinite(derived)) return false;
    if (Math.abs(measured - derived) <= tolerance) return true;
    // Two steps that differ are at a kink, or in a curve too sharp for either.
    return Math.abs(fine - coarse) <= tolerance ? false : null;
  } catch {
    return null;
  }
}

function mirrored(v: Tensor, symmetric: boolean): Tensor {
  const square = v.ndim >= 2 && v.size(-1) === v.size(-2);
  return symmetric && square ? v.add(v.mT).mul(0.5) : v;
}

/** A surrogate says what backward means to be the derivative of; that it is cut off somewhere is meant. */
function agreesWithTape(
  definition: Traceable,
  args: readonly unknown[],
  gradOutputs: Derivation["gradOutputs"],
  grads: Derivation["grads"],
): boolean | null {
  try {
    const leaves = args.map(arg =>
      isTensor(arg) && arg.isFloatingPoint() ? arg.detach().clone().requiresGrad_() : null,
    );
    const returned = enableGrad(() =>
      expanded(() =>
        (definition.surrogate as (...all: unknown[]) => unknown).apply(
          definition,
          args.map((arg, i) => leaves[i]?.clone() ?? arg),
        ),
      ),
    );
    const roots: Tensor[] = [];
    const cotangents: Tensor[] = [];
    returnedList(returned).forEach((y, o) => {
      const g = gradOutputs[o];
      if (!isTensor(y) || !y.requiresGrad || g == null) return;
      roots.push(y);
      cotangents.push(g.value);
    });
    const wanted = grad(roots, leaves.filter(isTensor), { gradOutputs: cotangents, allowUnused: true });
    let next = 0;
    return leaves.every((leaf, i) => {
      if (leaf === null) return true;
      const want = wanted[next++] ?? null;
      const got = grads[i]?.value ?? null;
      if (want === null || got === null) return (want ?? got)?.eq(0).all().item() !== 0;
      return got.allclose(want, 1e-8, 1e-10);
    });
  } catch {
    return null;
  }
}

/** What expressions are made of, without the numbers of named tensors: equal for equal formulas of other graphs. */
export function formOf(roots: readonly (Expression | null)[]): string {
  const some = roots.filter(root => root !== null);
  const places = new Map<Expression, number>();
  const lines = reachable(some).map((e, place) => {
    places.set(e, place);
    if (e.kind === "leaf") return e.name;
    if (e.kind === "constant") return `${e.dtype}[${e.shape}]${toFlatArray(e.value)}`;
    const settings = JSON.stringify(e.call.params, (_, value) =>
      typeof value === "function" ? "f" : isTensor(value) ? toFlatArray(value).join() : value,
    );
    return `${e.call.name}(${e.call.inputs.map(input => places.get(input))})${e.output}${settings}`;
  });
  return `${lines.join(";")}→${some.map(root => places.get(root))}`;
}
