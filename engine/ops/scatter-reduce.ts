/** @file Elements reduced by group: all that an index brings to one place become their sum, product, mean or extreme. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { arange, onesLike } from "../tensor/creation.ts";
import { dataOf, empty, offsetOf, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { where } from "./arithmetic.ts";
import { take } from "./indexing.ts";
import { cat } from "./joining.ts";
import { FLAT, isPlace, type Places, pick, placed } from "./places.ts";
import { linearRecurrence } from "./scan.ts";
import { argsort } from "./sorting.ts";

/** How the elements of a group become one. */
export type Gathering = "sum" | "prod" | "mean" | "amax" | "amin";

/** A vector of elements, and for each the number of its group, from 0 to `count` − 1; no group is empty but the last. */
interface Groups {
  readonly elements: Tensor;
  readonly group: Tensor;
  readonly count: number;
}

/** `input` with the elements of `source` gathered into the places, together with what is there or, without `includeSelf`, instead. */
export function gathered(
  input: Tensor,
  source: Tensor,
  indices: readonly Tensor[],
  places: Places,
  reduce: Gathering,
  includeSelf: boolean,
): Tensor {
  const n = input.numel();
  if (source.numel() === 0) return input.clone();
  const own = arange(n);
  // Elements that do not count go to a group of their own, which is dropped.
  const kept = includeSelf ? own : where(isPlace(indices, places, shapeOf(input)).reshape([-1]), n, own);
  const theirs = pick(own.reshape(shapeOf(input)), indices, places).reshape([-1]);
  const groups = {
    elements: cat([input.reshape([-1]), source.reshape([-1])]),
    group: cat([kept, theirs]),
    count: n + 1,
  };
  return reduceGroups(groups, reduce).narrow(0, 0, n).reshape(shapeOf(input));
}

function reduceGroups(groups: Groups, reduce: Gathering): Tensor {
  switch (reduce) {
    case "sum":
      return sums(groups);
    case "mean": {
      const size = sizes(groups).clampMin(1);
      const total = sums(groups);
      return total.isFloatingPoint() ? total.div(size) : total.div(size, "floor");
    }
    case "prod":
      return products(groups);
    case "amax":
      return call(extremeOp, [groups.elements, groups.group], { count: groups.count, sign: 1 });
    case "amin":
      return call(extremeOp, [groups.elements, groups.group], { count: groups.count, sign: -1 });
    default:
      throw new TypeError(
        `Expected the reduction "sum", "prod", "mean", "amax" or "amin", got "${String(reduce)}".`,
      );
  }
}

function sums({ elements, group, count }: Groups): Tensor {
  return placed(elements, [group], FLAT, [count]);
}

function sizes({ group, count }: Groups): Tensor {
  return placed(onesLike(group), [group], FLAT, [count]);
}

/**
 * Products that run through each group in turn, begun anew where a group begins; the last of each is the group's. So the
 * derivative needs no division by an element.
 */
function products(groups: Groups): Tensor {
  const order = argsort(groups.group);
  const inOrder = take(groups.elements, order);
  const group = take(groups.group, order);
  const first = cat([group.narrow(0, 0, 1).mul(0).sub(1), group.narrow(0, 0, group.size(0) - 1)]).ne(group);
  const running = linearRecurrence(where(first, 0, inOrder), where(first, inOrder, 0), 0);
  return take(running, sizes(groups).cumsum(0).sub(1));
}

interface GroupExtreme {
  readonly count: number;
  /** 1 for the largest, −1 for the smallest. */
  readonly sign: 1 | -1;
}

/** The largest or smallest of each group, NaN if there is one; 0 for an empty group. Equal ones share the gradient. */
const extremeOp: Primitive<[elements: Tensor, group: Tensor], GroupExtreme> = {
  name: "groupExtreme",
  forward([elements, group], { count, sign }) {
    const values = elements.detach().contiguous();
    const numbers = group.contiguous();
    const y = empty([count], elements.dtype);
    const seen = new Uint8Array(count);
    const [from, to] = [dataOf(values), dataOf(y)];
    for (let i = 0; i < values.numel(); i++) {
      const g = dataOf(numbers)[offsetOf(numbers) + i]!;
      const x = from[offsetOf(values) + i]!;
      const best = to[offsetOf(y) + g]!;
      if (seen[g] === 0 || Number.isNaN(x) || sign * x > sign * best) to[offsetOf(y) + g] = x;
      seen[g] = 1;
    }
    return y;
  },
  vjp: (g, [elements, group], y) => [take(g, group).mul(shares(elements, group, y))],
  jvp: ([t], [elements, group], y) => placed(t!.mul(shares(elements, group, y)), [group], FLAT, shapeOf(y)),
};

/** For each element that is its group's extreme 1 over how many are, else 0. */
function shares(elements: Tensor, group: Tensor, y: Tensor): Tensor {
  const attained = elements.eq(take(y, group)).to(elements.dtype);
  const times = placed(attained, [group], FLAT, shapeOf(y));
  return attained.div(take(times, group));
}
