/** @file A chain of matrix products in the order that takes the fewest multiplications. */

import { formatShape } from "../tensor/shape.ts";
import { isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { matmul } from "./matmul.ts";

/**
 * The product of two or more matrices; the first may be a vector (a row), the last one too (a column).
 * Source of the order: Cormen, Leiserson, Rivest & Stein, Introduction to Algorithms (3rd ed., 2009), section 15.2.
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  const count = tensors.length;
  const fit = tensors.every((x, i) => {
    const end = i === 0 || i === count - 1;
    return isTensor(x) && (x.ndim === 2 || (end && x.ndim === 1));
  });
  if (count < 2 || !fit) {
    throw new RangeError(
      "multiDot() expected two or more matrices, of which the first and the last may be vectors, got " +
        `${tensors.map(x => (isTensor(x) ? formatShape(shapeOf(x)) : typeof x)).join(", ") || "none"}.`,
    );
  }
  const [first, last] = [tensors[0]!, tensors[count - 1]!];
  const chain = tensors.map((x, i) => (x.ndim === 2 ? x : x.unsqueeze(i === 0 ? 0 : 1)));
  const splits = cheapestSplits([chain[0]!.size(0), ...chain.map(x => x.size(1))]);
  const multiplied = (i: number, j: number): Tensor => {
    const k = splits[i]![j]!;
    return i === j ? chain[i]! : matmul(multiplied(i, k), multiplied(k + 1, j));
  };
  const product = multiplied(0, count - 1);
  const columns = last.ndim === 1 ? product.squeeze(1) : product;
  return first.ndim === 1 ? columns.squeeze(0) : columns;
}

/**
 * Where to cut the product of factors i … j: after factor splits[i][j].
 * @param sizes factor i is a sizes[i] × sizes[i + 1] matrix
 */
function cheapestSplits(sizes: readonly number[]): number[][] {
  const count = sizes.length - 1;
  const cost = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const splits = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (let length = 1; length < count; length++) {
    for (let i = 0; i + length < count; i++) {
      const j = i + length;
      cost[i]![j] = Infinity;
      for (let k = i; k < j; k++) {
        const joined = cost[i]![k]! + cost[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!;
        if (joined < cost[i]![j]!) {
          cost[i]![j] = joined;
          splits[i]![j] = k;
        }
      }
    }
  }
  return splits;
}
