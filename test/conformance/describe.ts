/** @file A sample's call as a line to read: `linalg.norm(float64[3,5], Infinity, { dim: [0,1] })`. */

import { isTensor } from "@gradient-lens/engine";
import { camelCase, engineName } from "./call.ts";
import { inputsOf } from "./inputs.ts";
import type { Sample } from "./vectors.ts";

export function describeCall(call: string, sample: Sample): string {
  const { args, kwargs } = inputsOf(sample);
  const named = Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [camelCase(name), value]));
  const list = args.map(describe);
  if (Object.keys(named).length > 0) list.push(describe(named));
  const text = `${engineName(call)}(${list.join(", ")})`;
  const select = sample.select === undefined ? undefined : `select ${sample.select}`;
  const around = [sample.pre, select, sample.post].filter(step => step !== undefined);
  return around.length === 0 ? text : `${text} with ${around.join(", ")}`;
}

function describe(value: unknown): string {
  if (isTensor(value)) {
    const kind = `${value.dtype}[${value.shape}]`;
    return value.numel() === 1 ? `${kind} ${value.item()}` : kind;
  }
  if (Array.isArray(value)) return `[${value.map(describe).join(",")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${describe(part)}`)
    .join(", ")} }`;
}
