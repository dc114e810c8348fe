/** @file A derivation as data. Runs inside the sandbox. */

import type { DerivedBackward, Formula } from "@gradient-lens/engine/symbolic";
import type { Derivation, NamedFormula, WrittenFormula } from "../derivation.ts";

export function derivationOf({
  formulas,
  parts,
  statements,
  imports,
  saved,
  steps,
}: DerivedBackward): Derivation {
  return {
    gradients: formulas.map(formula => (formula === null ? null : written(formula))),
    parts: parts.map(named),
    statements: statements === null ? null : [...statements],
    imports: [...imports],
    saved: saved.map(({ name, role, formula, parts, place }) => ({
      name,
      role,
      formula: formula === null ? null : written(formula),
      parts: parts.map(named),
      place,
    })),
    steps:
      steps === null ? null : steps.map(step => ({ ...step, lines: step.lines.map(line => ({ ...line })) })),
  };
}

function written({ maths, latex, typescript }: Formula): WrittenFormula {
  return { maths, latex, typescript };
}

function named(formula: Formula): NamedFormula {
  return { name: formula.name ?? "", ...written(formula) };
}
