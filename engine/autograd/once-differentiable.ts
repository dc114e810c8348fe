/** @file A backward that must not itself be differentiated: torch's `once_differentiable`. */

import { aliasOf, isTensor, setHistory, type Tensor } from "../tensor/tensor.ts";
import type { FunctionContext } from "./context.ts";
import { isGradEnabled, noGrad } from "./mode.ts";
import { type Grads, Node } from "./node.ts";

/** Marks a backward that must not itself be differentiated. */
const ONCE = Symbol("onceDifferentiable");

/**
 * Wraps a `backward` that uses something autograd cannot follow: differentiating it a second time is then
 * an error instead of silently wrong.
 *
 * ```ts
 * static backward = onceDifferentiable((ctx: Context, gradOutput: Tensor) => …);
 * ```
 */
export function onceDifferentiable<C extends FunctionContext, A extends unknown[], R>(
  backward: (ctx: C, ...gradOutputs: A) => R,
): (ctx: C, ...gradOutputs: A) => R {
  const wrapped = (ctx: C, ...gradOutputs: A): R => {
    const returned = noGrad(() => backward(ctx, ...gradOutputs));
    if (!isGradEnabled() || !gradOutputs.some(g => isTensor(g) && g.requiresGrad)) return returned;
    const inputs = gradOutputs.filter(isTensor) as Tensor[];
    const blocked = (grad: unknown): unknown => {
      if (!isTensor(grad)) return grad;
      const output = aliasOf(grad);
      setHistory(output, new OnceDifferentiableNode(inputs), 0);
      return output;
    };
    return (Array.isArray(returned) ? returned.map(blocked) : blocked(returned)) as R;
  };
  return Object.assign(wrapped, { [ONCE]: true });
}

export function isOnceDifferentiable(backward: unknown): boolean {
  return typeof backward === "function" && ONCE in backward;
}

class OnceDifferentiableNode extends Node {
  override get name(): string {
    return "OnceDifferentiable";
  }

  override run(): Grads {
    throw new Error("Trying to differentiate twice a backward that was wrapped in onceDifferentiable().");
  }

  override release(): void {}
}
