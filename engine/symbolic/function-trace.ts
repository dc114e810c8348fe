/** @file A custom Function as expressions: what its forward computes and, in the same names, what its backward returns. */

import type { Context } from "../autograd/context.ts";
import { applyFunction, expanded } from "../autograd/function.ts";
import { type FunctionClass, returnedList } from "../autograd/function-node.ts";
import { noGrad } from "../autograd/mode.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import type { Expression, Leaf } from "./expression.ts";
import { Trace, Untraceable } from "./trace.ts";

/** What a Function's tensors are called in its text. */
export interface Names {
  /** Of forward's arguments, ctx left out. */
  readonly inputs: readonly string[];
  /** Of what flows into backward; `gradOutput`, or `gradOutput0` … where there are several. */
  readonly gradOutputs?: readonly string[];
  /** Of what flows into jvp, one for each argument; `dx`, `dInput` … */
  readonly tangents?: readonly string[];
  /** Of what forward returns; `output`, or `output0` … */
  readonly outputs?: readonly string[];
  /**
   * What forward computed on its way, when it ran last. Where it is given, backward is derived so that it keeps nothing else of
   * forward's results: the rest it computes again.
   */
  readonly intermediates?: () => readonly Intermediate[];
}

/** A result within forward's code. */
export interface Intermediate {
  /** Where in the text, as the caller counts. */
  readonly place: number;
  /** Of the variable that holds it; null where there is none. */
  readonly name: string | null;
  readonly value: Tensor;
}

/** The same, traced. */
export interface TracedIntermediate extends Omit<Intermediate, "value"> {
  readonly expression: Expression;
}

export interface Equation {
  /** The output as it stands in F. */
  readonly solution: Leaf;
  /** Whether F does not depend on it to first order, as a step of Newton's method at the solution. */
  readonly isStill: boolean;
}

export interface ForwardTrace {
  readonly trace: Trace;
  /** One for each argument; null for one that is no tensor. */
  readonly inputs: readonly (Leaf | null)[];
  /** One for each output; null for one that is no tensor. */
  readonly outputs: readonly (Expression | null)[];
  /** Where the one output is not what the operations above compute but solves output = F(output, …), it is F that stands above. */
  readonly equation?: Equation;
  /** Whether they are what forward itself computes; a surrogate's are not, so that forward cannot keep them. */
  readonly own: boolean;
  /** Null where nobody tells them. */
  readonly intermediates: readonly TracedIntermediate[] | null;
  readonly ctx: Context;
}

/** Why something could not be traced, and where in the code, as the engine's stack tells it. */
export interface Refusal {
  readonly untraceable: string;
  readonly place?: string;
}

export interface TraceChoices {
  /** Whether tensors of integers and truth values are stand-ins too; else code may read them. Default: true. */
  readonly watched?: boolean;
  /** Whether elements may be read: guards pass, and what is traced holds for these inputs. Default: false. */
  readonly readable?: boolean;
  /** Whether a `surrogate` that the Function states takes forward's place. Default: true. */
  readonly surrogate?: boolean;
}

/**
 * Runs forward (or its `surrogate`) on stand-ins of its arguments, with Functions inside replaced by what they do.
 */
export function traceForward(
  definition: FunctionClass & { surrogate?: (...args: never[]) => unknown },
  args: readonly unknown[],
  names: Names,
  { watched = true, readable = false, surrogate = true }: TraceChoices = {},
): ForwardTrace {
  const stated = surrogate ? definition.surrogate : undefined;
  const trace = new Trace({ throughDetach: stated === undefined, readable, hooks: stated !== undefined });
  const given = args.map((arg, i) => {
    if (!isTensor(arg)) return arg;
    const name = names.inputs[i] ?? `input${i}`;
    return watched || arg.isFloatingPoint()
      ? trace.leaf(name, "input", arg)
      : trace.known(name, "input", arg);
  });
  const inputs = given.map(arg => (isTensor(arg) ? (trace.expressionOf(arg) as Leaf) : null));
  const { result, ctx } = noGrad(() =>
    expanded(() => {
      const call = applyFunction(definition, given);
      if (definition.setupContext !== undefined) definition.setupContext(call.ctx, given, call.result);
      return stated === undefined
        ? call
        : { ctx: call.ctx, result: (stated as (...args: unknown[]) => unknown).apply(definition, given) };
    }),
  );
  const outputs = returnedList(result).map(y => (isTensor(y) ? trace.expressionOf(y) : null));
  const intermediates = stated === undefined && names.intermediates?.();
  return {
    trace,
    inputs,
    outputs,
    own: stated === undefined,
    intermediates: intermediates ? tracedOnes(trace, intermediates) : null,
    ctx,
  };
}

/** Those of them that the trace knows: the code may have told anything. */
function tracedOnes(trace: Trace, intermediates: readonly Intermediate[]): TracedIntermediate[] {
  return intermediates.flatMap(({ place, name, value }) => {
    if (!isTensor(value) || !trace.knows(value)) return [];
    return [{ place, name, expression: trace.expressionOf(value) }];
  });
}

/** Names of several: the given ones, else one name with numbers where there is more than one. */
export function namesOf(given: readonly string[] | undefined, count: number, fallback: string): string[] {
  return Array.from({ length: count }, (_, i) => given?.[i] ?? (count === 1 ? fallback : `${fallback}${i}`));
}

/** What backward returns for each argument; null where it returns nothing. */
export function traceBackward(
  definition: FunctionClass,
  { trace, ctx, outputs }: ForwardTrace,
  gradOutputs: readonly (Leaf | null)[],
): (Expression | null)[] {
  if (definition.backward === undefined) throw new Untraceable("There is no backward.");
  const given = outputs.map((_, o) => (gradOutputs[o] == null ? null : trace.tensor(gradOutputs[o])));
  const returned = noGrad(() => expanded(() => definition.backward!(ctx, ...(given as Tensor[]))));
  return returnedList(returned).map(g => (isTensor(g) ? trace.expressionOf(g) : null));
}

/** What stopped a trace; errors of the code itself are reasons too, since they arose on stand-ins only. */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof Error ? placeIn(error.stack ?? "") : undefined;
  return place === undefined ? { untraceable: message } : { untraceable: message, place };
}

/** The innermost line of a stack that is the code's own, neither the engine's nor the runtime's. */
function placeIn(stack: string): string | undefined {
  const lines = stack.split("\n").filter(line => /^\s+at /.test(line));
  const foreign = /[\\/]engine[\\/](?!.*\.test\.)|node:internal|<anonymous>\)/;
  const own = lines.find(line => !foreign.test(line));
  return own?.trim().replace(/^at /, "");
}
