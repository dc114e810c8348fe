/** @file Judges a Function at given arguments: its backward against the Jacobian of its forward. */

import { applyFunction, type FunctionCall } from "../autograd/function.ts";
import { returnedList } from "../autograd/function-node.ts";
import { noGrad } from "../autograd/mode.ts";
import { toFlatArray } from "../tensor/creation.ts";
import { Generator } from "../tensor/random.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { type Columns, compare } from "./compare.ts";
import type { Estimates } from "./finite-differences.ts";
import { concatenated, indexOf, numericJacobian, sameValues } from "./jacobian.ts";
import { backwardRows } from "./rows.ts";
import type { JudgedFunction, Ruling } from "./ruling.ts";

/** Judges `definition` at `args`, which are left as they are. */
export function judge(definition: JudgedFunction, args: readonly unknown[], seed: number): Ruling {
  const leaves = args.map(arg =>
    isTensor(arg)
      ? arg.isFloatingPoint()
        ? arg.detach().clone().requiresGrad_()
        : arg.detach().clone()
      : arg,
  );
  let called: FunctionCall;
  try {
    called = applyFunction(definition, leaves);
  } catch (error) {
    return { kind: "forward-throws", error };
  }
  const { node, result } = called;
  const outputs = tensorsOf(result).map(output => (output?.requiresGrad ? output.detach().clone() : null));
  const differentiable = args.map(arg => isTensor(arg) && arg.isFloatingPoint());
  if (node === null || !differentiable.includes(true) || !outputs.some(isTensor))
    return { kind: "nothing-to-check" };
  const mutated = changedArgument(args, leaves, called);
  if (mutated >= 0) return { kind: "input-mutated", argument: mutated, by: "forward" };

  const random = new Generator(seed);
  const analytic = backwardRows(called, args, outputs, random);
  if (analytic.kind !== "rows") return analytic;
  const changed = changedArgument(args, leaves, called);
  if (changed >= 0) return { kind: "input-mutated", argument: changed, by: "backward" };

  const oracle = jacobianOf(definition, args, differentiable, outputs);
  if (oracle.kind !== "jacobian") return oracle;
  return compare(args, outputs, analytic, oracle.columns);
}

function tensorsOf(result: unknown): (Tensor | null)[] {
  return returnedList(result).map(output => (isTensor(output) ? output : null));
}

/** Position of an argument whose elements are no longer what they were, −1 for none; those marked dirty may change. */
function changedArgument(
  args: readonly unknown[],
  leaves: readonly unknown[],
  { result }: FunctionCall,
): number {
  return args.findIndex((arg, i) => {
    const leaf = leaves[i];
    if (!isTensor(arg) || !isTensor(leaf) || tensorsOf(result).includes(leaf)) return false;
    return !sameValues(toFlatArray(arg.detach()), toFlatArray(leaf.detach()));
  });
}

function jacobianOf(
  definition: JudgedFunction,
  args: readonly unknown[],
  differentiable: readonly boolean[],
  outputs: readonly (Tensor | null)[],
): { readonly kind: "jacobian"; readonly columns: Columns } | Ruling {
  const valueOf = (moved: readonly unknown[]): Float64Array | null => {
    const fresh = moved.map(arg => (isTensor(arg) ? arg.detach().clone() : arg));
    const result = noGrad(() => {
      return definition.surrogate === undefined
        ? applyFunction(definition, fresh).result
        : definition.surrogate(...fresh);
    });
    const tensors = tensorsOf(result).filter((_, o) => outputs[o] !== null && outputs[o] !== undefined);
    return tensors.every(isTensor) ? concatenated(tensors) : null;
  };
  const attempt = (moved: readonly unknown[]): Float64Array | null => {
    try {
      return valueOf(moved);
    } catch {
      return null;
    }
  };
  const [first, second] = [attempt(args), attempt(args)];
  if (first === null || second === null || !sameValues(first, second)) {
    return { kind: "nondeterministic", by: "forward" };
  }
  const columns: (Estimates[] | null)[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (!differentiable[i] || !isTensor(arg)) {
      columns.push(null);
      continue;
    }
    const jacobian = numericJacobian(arg, moved => attempt(args.with(i, moved)));
    const missing = jacobian.indexOf(null);
    if (missing >= 0) return { kind: "not-differentiable", argument: i, at: indexOf(missing, shapeOf(arg)) };
    columns.push(jacobian as Estimates[]);
  }
  return { kind: "jacobian", columns };
}
