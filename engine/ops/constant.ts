/** @file Results that an operation's inputs do not reach, although they are its inputs. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { zerosLike } from "../tensor/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";

const constantOp: Primitive<readonly Tensor[], Tensor> = {
  name: "constant",
  forward: (_inputs, value) => value.detach().clone(),
  vjp: (_g, inputs) => inputs.map(x => zerosLike(x)),
  jvp: (_tangents, _inputs, value) => zerosLike(value),
};

/** `value` as what came of `inputs`: their gradients are zeros, where there would be none. A⁰ is such a value. */
export function constantOf(value: Tensor, ...inputs: readonly Tensor[]): Tensor {
  return call(constantOp, inputs, value);
}
