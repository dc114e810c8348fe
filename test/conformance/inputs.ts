/** @file The inputs of a sample as the engine's values, and the paths by which the vectors name tensors among them. */

import { isTensor, type Tensor, tensor } from "@gradient-lens/engine";
import type { ReferenceNumber, ReferenceTensor, Sample } from "./vectors.ts";

/** Arguments in torch's order and under torch's names. */
export interface Inputs {
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
}

/** Fresh inputs, for a call that may change them. */
export function inputsOf(sample: Sample): Inputs {
  return {
    args: sample.args.map(decode),
    kwargs: Object.fromEntries(Object.entries(sample.kwargs ?? {}).map(([name, v]) => [name, decode(v)])),
  };
}

export function toNumber(value: ReferenceNumber): number {
  return typeof value === "string" ? SPECIAL[value] : Number(value);
}

export function toTensor({ shape, data, dtype = "float64", requires_grad = false }: ReferenceTensor): Tensor {
  const flat = tensor(data.map(toNumber), { dtype });
  // A copy, so that the input is a leaf of its own rather than a view.
  return flat
    .reshape([...shape])
    .clone()
    .requiresGrad_(requires_grad);
}

/** The tensor at a path such as "args.1.0" (element 0 of the list `args[1]`) or "kwargs.weight". */
export function tensorAt(inputs: Inputs, path: string): Tensor {
  const { holder, key } = locate(inputs, path);
  const value = holder[key];
  if (!isTensor(value)) throw new TypeError(`the vectors name a tensor at ${path}, but there is none`);
  return value;
}

export function putTensor(inputs: Inputs, path: string, value: Tensor): void {
  const { holder, key } = locate(inputs, path);
  holder[key] = value;
}

function locate(inputs: Inputs, path: string): { holder: Record<string, unknown>; key: string } {
  const steps = path.split(".");
  const key = steps.pop()!;
  let holder = inputs as unknown as Record<string, unknown>;
  for (const step of steps) holder = holder[step] as Record<string, unknown>;
  return { holder, key };
}

const SPECIAL = { NaN: Number.NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** A JSON value as the engine takes it. Python's None is null, a dtype its name, an index component as in `x.index()`. */
function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value === "string") {
    return Object.hasOwn(SPECIAL, value) ? toNumber(value as ReferenceNumber) : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if ("data" in value) return toTensor(value as ReferenceTensor);
  if ("dtype" in value) return value.dtype;
  if ("ellipsis" in value) return "...";
  if ("list" in value) return value.list;
  if ("slice" in value) {
    const [start, stop, step] = value.slice as (number | null)[];
    return { start, stop, step };
  }
  throw new TypeError(`the vectors hold a value of unknown kind: ${JSON.stringify(value)}`);
}
