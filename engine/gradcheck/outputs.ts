/** @file What a forward returned, as a list of tensors. */

import { returnedList } from "../autograd/function-node.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";

/** The outputs in order; null for one that is no tensor. */
export function outputsOf(result: unknown): (Tensor | null)[] {
  return returnedList(result).map(output => (isTensor(output) ? output : null));
}
