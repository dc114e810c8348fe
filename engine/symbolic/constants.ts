/** @file Constant matrices that are the same for every size: the identity, and what differs on the diagonal only. */

import { toFlatArray } from "../tensor/creation.ts";
import type { Expression } from "./expression.ts";

/** `everywhere` + `diagonal` · I */
export interface SquarePattern {
  readonly everywhere: number;
  readonly diagonal: number;
}

/** What a constant square matrix is made of; null for any other. */
export function squarePattern(e: Expression): SquarePattern | null {
  const [n, m] = e.shape;
  if (e.kind !== "constant" || e.shape.length !== 2 || n !== m || n! < 2) return null;
  const values = toFlatArray(e.value);
  const everywhere = values[1]!;
  const diagonal = values[0]! - everywhere;
  if (!Number.isFinite(everywhere + diagonal) || diagonal === 0) return null;
  const holds = values.every((v, i) => v === (i % (n! + 1) === 0 ? values[0] : everywhere));
  return holds ? { everywhere, diagonal } : null;
}

export function isIdentity(e: Expression): boolean {
  const pattern = squarePattern(e);
  return pattern !== null && pattern.everywhere === 0 && pattern.diagonal === 1;
}
