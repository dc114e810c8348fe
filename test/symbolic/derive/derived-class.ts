/**
 * @file A rule with its derived backward, as text: a subclass, appended to the rule's file, whose backward is the TypeScript that was
 * derived, word for word, and which saves what that needs. It is judged at given points.
 */

import { isTensor, type Tensor } from "@gradient-lens/engine";
import type { Derivation } from "../../../extension/checker/derivation.ts";
import type { Point, RuleClass } from "../../verdict/mutants/points.ts";
import type { Rule } from "../../verdict/mutants/rules.ts";

export interface DerivedClass {
  readonly name: string;
  /** The rule's file with the class at its end. */
  readonly text: string;
}

/**
 * @param names of forward's parameters, in their order
 * @param outputs names of what forward returns
 * @param gradOutputs names of what backward receives
 * @returns null where the derivation has no TypeScript
 */
export function derivedClass(
  { site, text }: Pick<Rule, "site" | "text">,
  rule: RuleClass,
  derivation: Derivation,
  names: { inputs: readonly string[]; outputs: readonly string[]; gradOutputs: readonly string[] },
  points: readonly Point[],
): DerivedClass | null {
  const { gradients, statements, imports, saved } = derivation;
  if (statements === null || gradients.some(gradient => gradient?.typescript === null)) return null;
  const name = `${site.name}Derived`;
  const keeping = saved.flatMap(({ name, formula, parts }) => {
    if (formula === null) return [];
    const own = parts.map(part => `const ${part.name} = ${part.typescript};`);
    return [`const ${name} = (() => { ${own.join(" ")} return ${formula.typescript}; })();`];
  });
  const returned = gradients.map(gradient => gradient?.typescript ?? "null");
  const used = imports.length === 0 ? [] : [`const { ${imports.join(", ")} } = derivedEngine;`];
  const kept = saved.map(({ name }) => name).join(", ");
  const save = [
    `const [${names.inputs.join(", ")}] = given;`,
    `const [${names.outputs.join(", ")}] = Array.isArray(returned) ? returned : [returned];`,
    ...used,
    ...keeping,
    `ctx.saveForBackward(${kept});`,
    "ctx.setMaterializeGrads(true);",
  ];
  const forward =
    rule.setupContext === undefined
      ? ["static forward(ctx, ...given) {", "const returned = super.forward(ctx, ...given);", ...save]
      : ["static setupContext(ctx, given, returned) {", "super.setupContext(ctx, given, returned);", ...save];
  const body = [
    ...forward,
    ...(rule.setupContext === undefined ? ["return returned;"] : []),
    "}",
    `static backward(ctx, ${names.gradOutputs.join(", ")}) {`,
    `const [${kept}] = ctx.savedTensors;`,
    ...used,
    ...statements,
    `return [${returned.join(", ")}];`,
    "}",
    `static sampleInputs() { return [${points.map(pointText).join(", ")}]; }`,
  ];
  const lines = [
    'import * as derivedEngine from "@gradient-lens/engine";',
    `class ${name} extends ${site.path.join(".")} {`,
    ...body.map(line => `  ${line}`),
    "}",
  ];
  return { name, text: `${text}\n${lines.join("\n")}\n` };
}

function pointText(point: Point): string {
  return `[${point.map(arg => (isTensor(arg) ? tensorText(arg) : (JSON.stringify(arg) ?? "undefined"))).join(", ")}]`;
}

function tensorText(t: Tensor): string {
  const values = JSON.stringify(t.reshape(-1).tolist());
  return `derivedEngine.tensor(${values}, { dtype: "${t.dtype}" }).reshape([${t.shape.join(", ")}])`;
}
