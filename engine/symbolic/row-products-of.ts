/** @file The products of a batch's rows with each other in what code computes, if that is what it is. */

import { expanded } from "../autograd/function.ts";
import { noGrad } from "../autograd/mode.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import type { Expression } from "./expression.ts";
import { rowProductsIn } from "./row-products.ts";
import { type RowProductsFormula, rowProductsFormula } from "./row-products-formula.ts";
import { simplify } from "./simplify.ts";
import { Trace } from "./trace.ts";

/** Code that computes a matrix. */
export type MatrixCode = (...args: unknown[]) => {
  matrix: unknown;
  /** What it calls its intermediate results; others than tensors are passed over. */
  named: Readonly<Record<string, unknown>>;
};

/**
 * @param args arguments that the code accepts
 * @param names of the arguments
 * @returns null where the matrix holds something else
 * @throws what the code throws, and {@link Untraceable} where it looks at the numbers
 */
export function rowProducts(
  code: MatrixCode,
  args: readonly unknown[],
  names: readonly string[],
): RowProductsFormula | null {
  const trace = new Trace();
  const given = args.map((arg, i) => {
    if (!isTensor(arg)) return arg;
    const name = names[i] ?? `input${i}`;
    return arg.isFloatingPoint() ? trace.leaf(name, "input", arg) : trace.known(name, "input", arg);
  });
  const { matrix, named } = noGrad(() => expanded(() => code(...given)));
  if (!isTensor(matrix)) return null;
  const tensors = Object.entries(named).filter((entry): entry is [string, Tensor] => isTensor(entry[1]));
  const raw = [matrix, ...tensors.map(([, t]) => t)].map(t => trace.expressionOf(t));
  // Both forms compute the same: the simpler one reads better, the other one is as the code has it.
  for (const [root, ...others] of [simplify(trace, raw), raw]) {
    const found = rowProductsIn(root!);
    if (found === null) continue;
    const called = others.map((e, i): [Expression, string] => [e, tensors[i]![0]]);
    return rowProductsFormula(trace, root!, found, new Map(called.filter(([e]) => e.kind === "application")));
  }
  return null;
}
