/** @file Formulas that belong together, in every notation, with their common parts named. */

import { costOf } from "./evaluate.ts";
import { type Expression, type Leaf, reachable } from "./expression.ts";
import { asLatex } from "./latex.ts";
import { asMaths } from "./maths.ts";
import { commonParts } from "./naming.ts";
import { asTypeScript, type CallStyle, type Program, type Surroundings, Unwritable } from "./typescript.ts";

export interface Formula {
  /** Of a common part; null for a result. */
  readonly name: string | null;
  readonly expression: Expression;
  readonly maths: string;
  readonly latex: string;
  /** An expression; null where the engine has no public function for an operation in it. */
  readonly typescript: string | null;
}

export interface Formulas {
  readonly formulas: readonly (Formula | null)[];
  readonly parts: readonly Formula[];
  readonly statements: readonly string[] | null;
  readonly imports: readonly string[];
  /** The named tensors that the formulas are made of, and those that their sizes are asked of. */
  readonly leaves: readonly Leaf[];
  readonly cost: number;
}

/**
 * @param taken names that common parts must not get
 */
export function formulasOf(
  expressions: readonly (Expression | null)[],
  taken: readonly string[],
  style: CallStyle,
  surroundings: Surroundings = {},
): Formulas {
  const roots = expressions.filter(e => e !== null);
  // The free function `t` would be hidden by a variable of that name.
  const others = style === "functions" ? [...taken, "t"] : taken;
  const parts = commonParts(roots, others);
  const program = programOf(roots, parts, style, surroundings);
  const names = new Map<Expression, string>();
  const reading = { names, sizes: surroundings.sizes ?? new Map() };
  const named = parts.map(({ name, expression }, i): Formula => {
    const formula = {
      name,
      expression,
      maths: asMaths(expression, reading),
      latex: asLatex(expression, reading),
      typescript: program === null ? null : program.statements[i]!.replace(/^const \w+ = |;$/g, ""),
    };
    names.set(expression, name);
    return formula;
  });
  let next = 0;
  const formulas = expressions.map((expression): Formula | null => {
    if (expression === null) return null;
    const typescript = program === null ? null : program.results[next++]!;
    const own = names.get(expression);
    return {
      name: null,
      expression,
      maths: own ?? asMaths(expression, reading),
      latex: own ?? asLatex(expression, reading),
      typescript,
    };
  });
  return {
    formulas,
    parts: named,
    statements: program?.statements ?? null,
    imports: program?.imports ?? [],
    leaves: [...reachable(roots).filter(e => e.kind === "leaf"), ...(program?.sizesOf ?? [])],
    cost: costOf(roots),
  };
}

function programOf(
  roots: readonly Expression[],
  parts: readonly { name: string; expression: Expression }[],
  style: CallStyle,
  surroundings: Surroundings,
): Program | null {
  try {
    return asTypeScript(roots, parts, style, surroundings);
  } catch (error) {
    if (error instanceof Unwritable) return null;
    throw error;
  }
}
