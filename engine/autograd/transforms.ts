/**
 * @file Transforms of functions: torch's `torch.func`. Each takes a function of tensors and returns
 * another, so they compose: `vmap(grad(f))`, `jacfwd(jacrev(f))`.
 * @see https://docs.pytorch.org/docs/stable/func.api.html
 */

import { onesLike, zerosLike } from "../tensor/creation.ts";
import { formatShape } from "../tensor/shape.ts";
import { aliasOf, isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { grad as gradientsOf } from "./backward.ts";
import { pushforward, type Tangents } from "./dual.ts";
import { enableGrad } from "./mode.ts";
import { leavesOf } from "./pass.ts";
import { mapTensors, tensorsIn } from "./structure.ts";
import { vmap } from "./vmap.ts";
import { isWrapped } from "./wrapped.ts";

// biome-ignore lint/suspicious/noExplicitAny: arguments of any kind, of which tensors are differentiated.
type Arguments = any[];

/** What a transform differentiates by: one argument or several, by position. */
export type Argnums = number | readonly number[];

/** One result for one argument, an array for several. */
type PerArgument<N extends Argnums, R> = N extends readonly number[] ? R[] : R;

/**
 * The arguments with those at `positions` made into variables of this differentiation: tensors of their
 * own, through which an enclosing one still sees the originals.
 */
function asVariables(
  args: Arguments,
  positions: readonly number[],
): { args: Arguments; variables: unknown[] } {
  const fresh = args.slice();
  for (const position of positions) {
    fresh[position] = mapTensors(args[position], x => {
      const variable = x.permute(shapeOf(x).map((_, i) => i));
      return variable.requiresGrad ? variable : variable.requiresGrad_();
    });
  }
  return { args: fresh, variables: positions.map(position => fresh[position]) };
}

/** Whether something besides a differentiation's own variables has a part in these tensors' history. */
function isObserved(results: readonly Tensor[], variables: readonly Tensor[]): boolean {
  return leavesOf(results.filter(t => t.requiresGrad)).some(leaf => !variables.includes(leaf));
}

/** Results without the history that this differentiation alone gave them. */
function released<T>(results: T, variables: unknown): T {
  const own = tensorsIn(variables);
  return mapTensors(results, t => (t.requiresGrad && !isObserved([t], own) ? aliasOf(t) : t)) as T;
}

/** Gradients of outputs by everything in `variables`, in its structure; zeros where there is no dependence. */
function gradients(outputs: readonly Tensor[], cotangents: readonly Tensor[], variables: unknown): unknown {
  const wanted = tensorsIn(variables);
  const roots = outputs.filter(output => output.requiresGrad);
  const gradOutputs = cotangents.filter((_, i) => outputs[i]!.requiresGrad);
  // A transform around this one records below the wrapped tensors, so recording stays on for it.
  const createGraph = isObserved([...roots, ...gradOutputs], wanted) || isWrapped([...roots, ...gradOutputs]);
  const grads =
    roots.length === 0
      ? wanted.map(() => null)
      : gradientsOf(roots, wanted, { gradOutputs, createGraph, retainGraph: true, allowUnused: true });
  let next = 0;
  return released(
    mapTensors(variables, variable => grads[next++] ?? zerosLike(variable)),
    variables,
  );
}

function pick<N extends Argnums, R>(argnums: N, results: R[]): PerArgument<N, R> {
  return (typeof argnums === "number" ? results[0] : results) as PerArgument<N, R>;
}

function scalar(name: string, output: unknown): Tensor {
  if (isTensor(output) && output.numel() === 1) return output;
  const got = isTensor(output) ? `shape ${formatShape(shapeOf(output))}` : typeof output;
  throw new TypeError(`${name}() expected a function that returns a scalar tensor, got ${got}.`);
}

/** A function that returns the gradient of the scalar that `f` returns, and that scalar. */
export function gradAndValue<A extends Arguments, N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  argnums: N = 0 as N,
): (...args: A) => { grad: PerArgument<N, Tensor>; value: Tensor } {
  return (...given) =>
    enableGrad(() => {
      const { args, variables } = asVariables(given, [argnums].flat());
      const value = scalar("grad", f(...(args as A)));
      const grads = gradients([value], [onesLike(value)], variables) as Tensor[];
      return { grad: pick(argnums, grads), value: released(value, variables) };
    });
}

/** A function that returns the gradient of the scalar that `f` returns, by the arguments at `argnums`. */
export function grad<A extends Arguments, N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  argnums: N = 0 as N,
): (...args: A) => PerArgument<N, Tensor> {
  const both = gradAndValue(f, argnums);
  return (...args) => both(...args).grad;
}

/** {@link gradAndValue} the other way round, under the name that it has in JAX. */
export function valueAndGrad<A extends Arguments, N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  argnums: N = 0 as N,
): (...args: A) => { value: Tensor; grad: PerArgument<N, Tensor> } {
  const both = gradAndValue(f, argnums);
  return (...args) => {
    const { value, grad: gradient } = both(...args);
    return { value, grad: gradient };
  };
}

/**
 * The value of `f` at `primals`, and the function that takes cotangents of that value to cotangents of
 * each primal: the vector–Jacobian product.
 */
export function vjp<T>(
  f: (...primals: Tensor[]) => T,
  ...primals: Tensor[]
): { output: T; vjp: (cotangents: T) => Tensor[] } {
  return enableGrad(() => {
    const { args, variables } = asVariables(
      primals,
      primals.map((_, i) => i),
    );
    const output = f(...args);
    return {
      output: released(output, variables),
      vjp: cotangents =>
        enableGrad(() => gradients(tensorsIn(output), tensorsIn(cotangents), variables) as Tensor[]),
    };
  });
}

/** The value of `f` at `primals` and its derivative along `tangents`: the Jacobian–vector product. */
export function jvp<T>(
  f: (...primals: Tensor[]) => T,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
): { output: T; tangent: T } {
  primals.forEach((primal, i) => {
    const got = tangents[i];
    if (!isTensor(got) || String(shapeOf(got)) !== String(shapeOf(primal))) {
      throw new RangeError(
        `jvp() expected tangent ${i} of its primal's shape ${formatShape(shapeOf(primal))}, got ` +
          `${isTensor(got) ? formatShape(shapeOf(got)) : typeof got}.`,
      );
    }
  });
  const { output, tangent } = pushforward(f, primals, tangents);
  return { output, tangent: filledTangents(output, tangent) };
}

/** Zeros in the place of each output that does not move. */
function filledTangents<T>(output: T, tangent: Tangents<T>): T {
  const outputs = tensorsIn(output);
  let next = 0;
  return mapTensors(
    tangent,
    t => {
      next++;
      return t;
    },
    () => zerosLike(outputs[next++]!),
  ) as T;
}

/** The unit vectors of a tensor's space, one after the other along a new first dimension. */
function basis(like: Tensor): Tensor {
  const n = like.numel();
  const ones = onesLike(like).detach().reshape([n]);
  return ones.diagEmbed().reshape([n, ...shapeOf(like)]);
}

/** The Jacobian of `f`, of shape output shape + input shape, row by row in reverse mode. */
export function jacrev<A extends Arguments, N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  argnums: N = 0 as N,
): (...args: A) => PerArgument<N, Tensor> {
  return (...given) =>
    enableGrad(() => {
      const { args, variables } = asVariables(given, [argnums].flat());
      const output = f(...(args as A));
      const rows = vmap((cotangent: Tensor) => gradients([output], [cotangent], variables) as Tensor[])(
        basis(output),
      );
      return pick(
        argnums,
        rows.map((row, i) => row.reshape([...shapeOf(output), ...shapeOf(variables[i] as Tensor)])),
      );
    });
}

/** The Jacobian of `f`, of shape output shape + input shape, column by column in forward mode. */
export function jacfwd<A extends Arguments, N extends Argnums = 0>(
  f: (...args: A) => Tensor,
  argnums: N = 0 as N,
): (...args: A) => PerArgument<N, Tensor> {
  return (...args) => {
    const columns = [argnums].flat().map(position => {
      const along = (x: Tensor) => f(...(args.with(position, x) as A));
      const primal = args[position] as Tensor;
      const jacobian = vmap((tangent: Tensor) => jvp(along, [primal], [tangent]).tangent)(basis(primal));
      const outputShape = shapeOf(jacobian).slice(1);
      const last = jacobian.permute([...outputShape.map((_, i) => i + 1), 0]);
      return last.reshape([...outputShape, ...shapeOf(primal)]);
    });
    return pick(argnums, columns);
  };
}

/** The matrix of second derivatives of the scalar that `f` returns: forward over reverse. */
export function hessian<A extends Arguments>(f: (...args: A) => Tensor, argnums = 0): (...args: A) => Tensor {
  return jacfwd(jacrev(f, argnums) as (...args: A) => Tensor, argnums) as (...args: A) => Tensor;
}
