/** @file Hypotheses about gradients of the wrong shape: not summed where forward repeated, summed too far, lying on their side. */

import { noGrad, type Tensor } from "@gradient-lens/engine";
import type { JudgedFunction } from "@gradient-lens/engine/judge";
import { type Names, workings } from "@gradient-lens/engine/symbolic";
import { attempt, flat } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import { alike } from "./numbers-alike.ts";

/** Not summed over the dimensions along which forward repeated the input. */
export function notReduced(
  definition: JudgedFunction,
  args: readonly unknown[],
  names: Names,
  argument: number,
  due: readonly number[],
): Explanation | null {
  const both = gradientsOf(definition, args, names, argument);
  const dims = both === null ? null : sumsTo(both.returned, both.right, due);
  if (dims === null) return null;
  const along = dims.length === 1 ? `dimension ${dims[0]}` : `dimensions ${dims.join(" and ")}`;
  return {
    kind: "not-reduced",
    details: { argument: names.inputs[argument] ?? `argument ${argument}`, size: along },
  };
}

export function explainShape(
  definition: JudgedFunction,
  args: readonly unknown[],
  names: Names,
  argument: number,
  got: readonly number[],
  due: readonly number[],
): Explanation | null {
  const name = names.inputs[argument] ?? `argument ${argument}`;
  const size = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
  const both = gradientsOf(definition, args, names, argument);
  if (both !== null && both.returned.ndim === 2) {
    const turned = both.returned.t();
    if (turned.shape.join() === due.join() && alike(flat(turned), flat(both.right))) {
      return { kind: "transpose-superfluous", details: { argument: name, where: "result" } };
    }
  }
  return size(got) < size(due) && due.length > 0 ? { kind: "not-spread", details: { argument: name } } : null;
}

/** What is returned and what is right, at the numbers of the trace. */
function gradientsOf(
  definition: JudgedFunction,
  args: readonly unknown[],
  names: Names,
  argument: number,
): { returned: Tensor; right: Tensor } | null {
  const traced = attempt(() => workings(definition, args, names));
  if (traced === null || "untraceable" in traced) return null;
  const right = traced.expected[argument];
  const returned = traced.returned?.[argument];
  return right == null || returned == null ? null : { returned: returned.value, right: right.value };
}

/** The dimensions over which a gradient must be summed to be right; null where there are none. */
function sumsTo(returned: Tensor, right: Tensor, due: readonly number[]): number[] | null {
  const rank = returned.ndim;
  if (rank <= due.length || rank > 5) return null;
  for (let mask = 1; mask < 2 ** rank; mask++) {
    const dims = Array.from({ length: rank }, (_, d) => d).filter(d => (mask >> d) % 2 === 1);
    if (dims.length !== rank - due.length) continue;
    const summed = noGrad(() => returned.sum(dims));
    if (summed.shape.join() === due.join() && alike(flat(summed), flat(right))) return dims;
  }
  return null;
}
