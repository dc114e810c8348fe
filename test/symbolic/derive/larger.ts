/** @file Arguments of other sizes, of the same kind: what is derived at both tells which numbers of a formula come of sizes. */

import { isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import type { Point } from "../../verdict/mutants/points.ts";

/** The likeliest first: each size grows by another amount, so that none is mistaken for another; else all alike; else doubled. */
const GROWTHS: readonly ((n: number, rank: number) => number)[] = [
  (n, rank) => n + 2 * (rank + 1),
  n => n + 2,
  n => 2 * n,
];

/** Points with every size but 1 grown; sizes that were equal stay equal, and indices what they are. */
export function larger(point: Point): Point[] {
  const sizes = [...new Set(point.filter(isTensor).flatMap(arg => arg.shape))]
    .filter(n => n !== 1)
    .sort((a, b) => a - b);
  return GROWTHS.map(grow => {
    const sizeFor = (n: number): number => (n === 1 ? 1 : grow(n, sizes.indexOf(n)));
    return point.map(arg => (isTensor(arg) ? grown(arg, sizeFor) : arg));
  });
}

function grown(t: Tensor, sizeFor: (n: number) => number): Tensor {
  const shape = t.shape.map(sizeFor);
  const flat = t.reshape(-1).tolist() as unknown[];
  const values = places(shape).map(place => valueAt(t.shape, flat, place));
  return tensor(values, { dtype: t.dtype }).reshape(shape);
}

/** Between what was in a square matrix and what is added to it. */
const COUPLING = 0.01;

/**
 * Of a square matrix A: that with a large diagonal added beside it, and symmetric small numbers between them, which is definite,
 * symmetric or invertible where A is. Else the elements in turns, slightly changed.
 */
function valueAt(shape: readonly number[], flat: readonly unknown[], place: readonly number[]): number {
  const [rows, columns] = shape.slice(-2);
  const [i, j] = place.slice(-2);
  const isMatrix = shape.length >= 2 && rows === columns && rows !== 1;
  const inside = place.map((p, d) => p % shape[d]!);
  const at = (indices: readonly number[]): number =>
    Number(flat[indices.reduce((sum, p, d) => sum * shape[d]! + p, 0)]);
  if (isMatrix && (i! >= rows! || j! >= columns!)) {
    if (i === j) return Math.abs(at([...inside.slice(0, -2), 0, 0])) + i!;
    return COUPLING * (1 + ((i! * j!) % 3));
  }
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
