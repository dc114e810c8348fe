/** @file A reduction as a function that the sandbox can look into: text that is put at the end of the reduction's own file. */

import { isCommonJs } from "../source/exports.ts";
import type { Module } from "../source/module.ts";
import { ENGINE } from "../source/outline.ts";
import { rowLetters } from "./einsum.ts";
import type { Reduction } from "./reductions.ts";
import { type Rewrite, SCRIPT_EINSUM } from "./rewrites.ts";

/** The name by which the rest of the script reaches the function. */
export const TARGET = "gradientLensReduction";

/** The file's text with the function after it. What it yields is read in measure.ts. */
export function textWith(
  { expression, free }: Reduction,
  matrix: string,
  rewrites: readonly Rewrite[],
  module: Module,
): string {
  const parameters = free.variables.map(({ name }) => name).join(", ");
  const thunks = rewrites.map(({ script }) => `() => ${script}`).join(", ");
  const given = free.variables
    .map(({ made }) => (made === null ? "null" : `() => ${free.textOf(made)}`))
    .join(", ");
  const lines = [
    module.text,
    ...(rewrites.some(({ script }) => script.includes(SCRIPT_EINSUM)) && !isCommonJs(module)
      ? [`import { einsum as ${SCRIPT_EINSUM} } from "${ENGINE}";`]
      : []),
    `const ${TARGET} = {`,
    `compute: (${parameters}) => {`,
    ...free.statements,
    `return { matrix: ${matrix}, named: { ${free.computedNames.join(", ")} },`,
    `reduced: () => ${free.textOf(expression)}, rewritten: [${thunks}] };`,
    "},",
    `given: [${given}],`,
    "};",
  ];
  return lines.join("\n");
}

/** What is reduced, as a matrix; undefined for an einsum that sums no matrix. */
export function matrixText({ operand, einsum, free }: Reduction): string | undefined {
  if (einsum?.output !== "") return free.textOf(operand);
  const rows = rowLetters(einsum);
  const operands = einsum.operands.map(given => free.textOf(given)).join(", ");
  const callee = free.textOf(einsum.call.expression);
  return rows && `${callee}("${einsum.input}->${rows.join("")}", ${operands})`;
}
