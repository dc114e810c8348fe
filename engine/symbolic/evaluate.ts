/** @file An expression's value at given tensors, and what it costs to compute. */

import { noGrad } from "../autograd/mode.ts";
import { call, callMany } from "../autograd/primitive.ts";
import type { Windows } from "../kernels/windows.ts";
import { numelOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type AnyMultiPrimitive,
  type AnyPrimitive,
  type Call,
  type Expression,
  reachable,
} from "./expression.ts";

/**
 * The values of expressions where leaves have other values than they were traced with; a leaf that is not given keeps its own.
 * @param leaves by name; of the shapes and dtypes that were traced
 * @param replaced expressions that are not computed, with the values that stand for theirs
 */
export function evaluate(
  roots: readonly Expression[],
  leaves: Readonly<Record<string, Tensor>>,
  replaced: ReadonlyMap<Expression, Tensor> = new Map(),
): Tensor[] {
  const values = new Map<Expression, Tensor>(replaced);
  const results = new Map<Call, readonly Tensor[]>();
  noGrad(() => {
    for (const e of reachable(roots)) {
      if (replaced.has(e)) continue;
      if (e.kind === "leaf") values.set(e, (leaves[e.name] ?? e.value).contiguous());
      else if (e.kind === "constant") values.set(e, e.value);
      else {
        let outputs = results.get(e.call);
        if (outputs === undefined) {
          const inputs = e.call.inputs.map(input => values.get(input)!);
          outputs = e.call.many
            ? callMany(e.call.op as AnyMultiPrimitive, inputs, e.call.params)
            : [call(e.call.op as AnyPrimitive, inputs, e.call.params)];
          results.set(e.call, outputs);
        }
        values.set(e, outputs[e.output]!.contiguous());
      }
    }
  });
  return roots.map(root => values.get(root)!);
}

/** Where elements are only looked at. */
const VIEWS: readonly string[] = [
  "view",
  "reshape",
  "permute",
  "expand",
  "slice",
  "diagonal",
  "unfold",
  "asStrided",
  "detach",
  "hooked",
  "clone",
  "constant",
];

/** Where elements are moved, and nothing is computed. */
const MOVES: readonly string[] = [
  "flip",
  "roll",
  "cat",
  "constantPad",
  "sliceBackward",
  "copySlices",
  "triangle",
  "index",
  "im2col",
];

const FREE: ReadonlySet<string> = new Set([...VIEWS, ...MOVES]);

/** Whether a call only looks at elements, and so needs no room of its own. */
export function isView({ name }: Call): boolean {
  return VIEWS.includes(name);
}

/** Passes over the elements, for one that is worked out in several. */
const PASSES: Readonly<Record<string, number>> = { softmax: 3, logSoftmax: 4, logsumexp: 3 };

/** Multiplications and additions of one n × n matrix's decomposition, over n³. */
const CUBIC: Readonly<Record<string, number>> = {
  inv: 2,
  det: 2 / 3,
  slogdet: 2 / 3,
  solve: 2 / 3,
  cholesky: 1 / 3,
  luFactor: 2 / 3,
  lu: 2 / 3,
  qr: 4,
  geqrf: 4,
  eigh: 9,
  eig: 25,
  svd: 20,
  pinv: 25,
  lstsq: 4,
  matrixExp: 20,
  cofactors: 4,
};

/** Scalar operations of one call. */
export function costOfCall({ name, inputs, results, params }: Call): number {
  if (FREE.has(name)) return 0;
  const output = results.reduce((n, result) => n + numelOf(result.shape), 0);
  const input = inputs.reduce((n, x) => Math.max(n, numelOf(x.shape)), 0);
  if (name === "matmul") {
    const terms = inputs[0]!.shape.at(-1)!;
    // With one term there is nothing to add up.
    return terms === 1 ? output : 2 * output * terms;
  }
  if (name === "leastSquares") return output * inputs[2]!.shape[0]! * 2 + output * inputs[3]!.shape[0]!;
  if (name === "solveTriangular") return output * inputs[0]!.shape.at(-1)!;
  const cubic = CUBIC[name];
  if (cubic !== undefined) {
    const n = Math.min(...inputs[0]!.shape.slice(-2));
    return cubic * input * n + (name === "solve" ? 2 * output * n : 0);
  }
  if (name.startsWith("convolution")) {
    const { windows } = params as { windows: Windows };
    const kernels = name === "convolutionWeight" ? results[0]! : inputs[1]!;
    // Every element of a kernel meets every place of every image once.
    return 2 * inputs[0]!.shape[0]! * numelOf(windows.output) * numelOf(kernels.shape);
  }
  // What is added to zeros is added where places meet; nothing else is touched.
  if (name === "indexAdd") return numelOf(inputs[0]!.shape);
  return (PASSES[name] ?? 1) * Math.max(output, input);
}

/**
 * Scalar operations to compute all roots, common parts once.
 * @param given what is there already
 */
export function costOf(roots: readonly Expression[], given: ReadonlySet<Expression> = NOTHING): number {
  const calls = new Set<Call>();
  const open = roots.filter(root => !given.has(root));
  let cost = 0;
  while (open.length > 0) {
    const e = open.pop()!;
    if (e.kind !== "application" || calls.has(e.call)) continue;
    calls.add(e.call);
    cost += costOfCall(e.call);
    for (const input of e.call.inputs) if (!given.has(input)) open.push(input);
  }
  return cost;
}

const NOTHING: ReadonlySet<Expression> = new Set();
