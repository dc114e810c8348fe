/** @file Arguments of other sizes, of the same kind: what is derived at both tells which numbers of a formula come of sizes. */

import { isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import type { Point } from "../../verdict/mutants/points.ts";

/** How much is added to each size: even, for what halves a dimension. */
const MORE = 2;

/** Every size but 1 grown alike, so that sizes that were equal stay equal. Indices stay what they are. */
export function larger(point: Point): Point {
  return point.map(arg => (isTensor(arg) ? grown(arg) : arg));
}

function grown(t: Tensor): Tensor {
  const shape = t.shape.map(n => (n === 1 ? 1 : n + MORE));
  const flat = t.reshape(-1).tolist() as number[];
  const values = places(shape).map(place => valueAt(t.shape, flat, place));
  return tensor(values, { dtype: t.dtype }).reshape(shape);
}

/** Of a square matrix A ⊕ s I, which is definite, symmetric or invertible where A is; else the elements in turns, slightly changed. */
function valueAt(shape: readonly number[], flat: readonly unknown[], place: readonly number[]): number {
  const [rows, columns] = shape.slice(-2);
  const [i, j] = place.slice(-2);
  const isMatrix = shape.length >= 2 && rows === columns && rows !== 1;
  const inside = place.map((p, d) => p % shape[d]!);
  const at = (indices: readonly number[]): number =>
    Number(flat[indices.reduce((sum, p, d) => sum * shape[d]! + p, 0)]);
  if (isMatrix && (i! >= rows! || j! >= columns!))
    return i === j ? Math.abs(at([...inside.slice(0, -2), 0, 0])) + i! : 0;
  const value = at(inside);
  const moved = place.some((p, d) => p >= shape[d]!);
  return moved && !Number.isInteger(value) ? value * (1 + 0.01 * place.reduce((a, b) => a + b, 0)) : value;
}

function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap(place => Array.from({ length: n }, (_, i) => [...place, i])),
    [[]],
  );
}
