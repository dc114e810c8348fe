/** @file For each argument, how far what backward returned is from what was expected. */

import { isTensor, shapeOf } from "../tensor/tensor.ts";
import type { Block } from "./expected.ts";
import { indexOf, largest } from "./flat.ts";
import { entryOf, type Point } from "./point.ts";
import type { ArgumentReport } from "./ruling.ts";
import type { Gradients } from "./subject.ts";

/** @param wrong for each argument, whether its gradient is */
export function reportsOf(
  point: Point,
  rows: readonly Gradients[],
  wrong: readonly boolean[],
): ArgumentReport[] {
  return point.args.map((arg, i) => {
    const block = point.jacobian[i] ?? null;
    const shape = isTensor(arg) ? shapeOf(arg) : null;
    const unchecked = { argument: i, shape, verdict: "unchecked", maxError: null, at: null } as const;
    if (block === null || shape === null) return unchecked;
    const { off, j } = worstColumn(block, rows, i);
    // Null may be meant: whether it is was not looked into.
    if (!wrong[i] && off > 0 && rows.every(grads => grads[i] === null)) return unchecked;
    const verdict = wrong[i] ? "wrong" : "correct";
    return { argument: i, shape, verdict, maxError: off, at: indexOf(j, shape) };
  });
}

function worstColumn(block: Block, rows: readonly Gradients[], i: number): { off: number; j: number } {
  const scale = largest(block.values) || 1;
  let worst = { off: 0, j: 0 };
  rows.forEach((_, r) => {
    for (let j = 0; j < block.size; j++) {
      const off = Math.abs(entryOf(rows, r, i, j) - block.values[r * block.size + j]!) / scale;
      if (off > worst.off) worst = { off, j };
    }
  });
  return worst;
}
