/**
 * @file Mutants by wrapping: a subclass, appended to the file, that changes what backward gets, what it returns, or
 * what forward saves for it. They know nothing of the rule's text.
 */

import type { Parameter } from "../../../extension/checker/sandbox/job.ts";
import type { Mutant } from "./mutant.ts";
import type { Rule } from "./rules.ts";

/** Of a gradient `grad`: what is returned in its place. */
const RETURNED: Record<string, string> = {
  sign: "grad.neg()",
  "factor-2": "grad.mul(2)",
  "factor-1.01": "grad.mul(1.01)",
  "factor-1.0005": "grad.mul(1.0005)",
  "factor-1.00001": "grad.mul(1.00001)",
  zero: "grad.mul(0)",
  "dropped-last-entry":
    "grad.mul(mutantEngine.arange(grad.numel()).ne(grad.numel() - 1).to(grad.dtype).reshape(grad.shape))",
  transpose: "grad.ndim < 2 ? grad : grad.transpose(-2, -1)",
};

/** Of a cotangent `g`: what backward gets in its place. */
const RECEIVED: Record<string, string> = {
  "abs-of-g": "g.abs()",
  "relu-of-g": "g.relu()",
  "clamp-of-g": "g.clamp(-1, 1)",
  "square-of-g": "g.mul(g)",
  "ones-for-g": "mutantEngine.onesLike(g)",
  "sum-of-g": "g.sum().expand(g.shape)",
  "mean-of-g": "g.mean().expand(g.shape)",
};

/** What a mutated forward or setupContext saves: `t`, with the call's `inputs` and `outputs` at hand. */
const SAVED: Record<string, string> = {
  "output-for-input": "inputs.includes(t) ? like(t, outputs) : t",
  "input-for-output": "outputs.includes(t) ? like(t, inputs) : t",
};

/** What of the rule cannot be seen in its text. */
export interface Shape {
  /** Positions of the arguments of forward that gradients are due for. */
  readonly tensors: readonly number[];
  readonly hasSetupContext: boolean;
}

export function wrappers({ site, text }: Pick<Rule, "site" | "text">, shape: Shape): Mutant[] {
  const className = `${site.name}Mutant`;
  const base = site.path.join(".");
  // A class without a name cannot be extended from outside of its declaration: the edits alone are left.
  if (base === "" || base === "default") return [];
  const parameters = site.forward?.parameters ?? null;
  const nameOf = (i: number): string => parameters?.[i]?.name ?? `argument ${i}`;
  const mutant = (kind: string, where: string, body: string): Mutant => ({
    kind,
    name: where === "" ? kind : `${kind} of ${where}`,
    text: `${text}\nimport * as mutantEngine from "@gradient-lens/engine";\nclass ${className} extends ${base} {\n${body}\n}\n`,
    className,
  });

  const several = shape.tensors.length > 1 ? shape.tensors : [];
  return [
    ...Object.entries(RETURNED).flatMap(([kind, value]) => [
      mutant(kind, "", returning(value, null)),
      ...several.map(i => mutant(kind, nameOf(i), returning(value, i))),
    ]),
    ...pairs(several).map(([i, k]) =>
      mutant("swapped-gradients", `${nameOf(i)} and ${nameOf(k)}`, swapping(i, k)),
    ),
    ...Object.entries(RECEIVED).map(([kind, value]) => mutant(kind, "", receiving(value))),
    ...Object.entries(SAVED).flatMap(([kind, value]) => {
      if (shape.hasSetupContext) return [mutant(kind, "", savingInSetup(value))];
      return parameters === null ? [] : [mutant(kind, "", savingInForward(value, parameters))];
    }),
  ];
}

function returning(value: string, only: number | null): string {
  const chosen = only === null ? "" : `i !== ${only} || `;
  return `  static backward(ctx, ...gradOutputs) {
    const change = (grad, i) => ${chosen}grad === null || grad === undefined ? grad : ${value};
    const returned = super.backward(ctx, ...gradOutputs);
    return Array.isArray(returned) ? returned.map(change) : change(returned, 0);
  }`;
}

function swapping(i: number, k: number): string {
  return `  static backward(ctx, ...gradOutputs) {
    const grads = [...super.backward(ctx, ...gradOutputs)];
    [grads[${i}], grads[${k}]] = [grads[${k}], grads[${i}]];
    return grads;
  }`;
}

function receiving(value: string): string {
  return `  static backward(ctx, ...gradOutputs) {
    return super.backward(ctx, ...gradOutputs.map(g => g === null ? g : ${value}));
  }`;
}

const LIKE =
  "const like = (t, others) => others.find(o => mutantEngine.isTensor(o) && String(o.shape) === String(t.shape)) ?? t;";

/** With the parameters as they are written, by which inputs are found. */
function savingInForward(value: string, parameters: readonly Parameter[]): string {
  return `  static forward(${["ctx", ...parameters.map(written)].join(", ")}) {
    const result = super.forward(...arguments);
    const inputs = Array.from(arguments).slice(1);
    const outputs = Array.isArray(result) ? result : [result];
    ${LIKE}
    ctx.saveForBackward(...ctx.savedTensors.map(t => t === null ? t : ${value}));
    return result;
  }`;
}

function savingInSetup(value: string): string {
  return `  static setupContext(ctx, inputs, output) {
    super.setupContext(ctx, inputs, output);
    const outputs = Array.isArray(output) ? output : [output];
    ${LIKE}
    ctx.saveForBackward(...ctx.savedTensors.map(t => t === null ? t : ${value}));
  }`;
}

function written({ name, type, optional, initializer, rest }: Parameter): string {
  const mark = optional && initializer === null ? "?" : "";
  const annotation = type === null ? "" : `: ${type}`;
  return `${rest ? "..." : ""}${name}${mark}${annotation}${initializer === null ? "" : ` = ${initializer}`}`;
}

function pairs(list: readonly number[]): [number, number][] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b): [number, number] => [a, b]));
}
