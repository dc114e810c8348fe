/** @file For each argument, how far what backward returned is from what was expected. */

import { isTensor, shapeOf } from "../tensor/tensor.ts";
import type { Block } from "./expected.ts";
import { indexOf } from "./flat.ts";
import { entryOf, largest, type Point } from "./point.ts";
import type { ArgumentReport } from "./ruling.ts";
import type { Gradients } from "./subject.ts";

/** @param wrong arguments whose gradients are wrong */
export function reportsOf(
  point: Point,
  rows: readonly Gradients[],
  wrong: ReadonlySet<number>,
): ArgumentReport[] {
  return point.args.map((arg, i) => {
    const block = point.jacobian[i] ?? null;
    if (!isTensor(arg) || block === null) {
      return {
        argument: i,
        shape: isTensor(arg) ? shapeOf(arg) : null,
        verdict: "unchecked",
        maxError: null,
        at: null,
      };
    }
    const { off, j } = worstColumn(block, rows, i);
    const verdict = wrong.has(i) ? "wrong" : "correct";
    return { argument: i, shape: shapeOf(arg), verdict, maxError: off, at: indexOf(j, shapeOf(arg)) };
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
