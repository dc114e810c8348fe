/** @file Tensors inside of arrays and plain objects of any depth: what torch calls a pytree. */

import { isTensor, type Tensor } from "../tensor/tensor.ts";

/** `value` with each tensor replaced by `replace`, and everything else that is no array or object by `other`. */
export function mapTensors(
  value: unknown,
  replace: (t: Tensor) => unknown,
  other: (leaf: unknown) => unknown = leaf => leaf,
): unknown {
  if (isTensor(value)) return replace(value);
  if (typeof value !== "object" || value === null) return other(value);
  if (Array.isArray(value)) return value.map(item => mapTensors(item, replace, other));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapTensors(item, replace, other)]),
  );
}

/** The tensors of a structure, in the order in which {@link mapTensors} meets them. */
export function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, t => found.push(t));
  return found;
}
