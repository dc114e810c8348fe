/** @file What a hover says of a derivation: lines of plain text, in the maths of the file's own names. */

import type { Derived, NamedFormula } from "../checker/derivation.ts";
import { plainLine } from "../checker/plain-text.ts";

export interface HoverText {
  title: string;
  /** Maths, a formula a line. */
  lines: string[];
}

/** A hover is read at a glance. */
const MOST_PARTS = 6;
const LONGEST = 240;

/** Undefined where there is nothing to say: a hover is no place for excuses. */
export function hoverText(name: string, derived: Derived, isLoss = false): HoverText | undefined {
  const { derivation, domain, inputs } = derived;
  if (derivation === null) return undefined;
  const gradients = derivation.gradients.flatMap((formula, i) =>
    formula === null ? [] : [`grad_${inputs[i]?.name ?? `argument${i}`} = ${formula.maths}`],
  );
  if (gradients.length === 0) return undefined;
  const kept = derivation.saved.flatMap(({ name, formula, parts }): NamedFormula[] =>
    formula === null ? [] : [...parts, { name, ...formula }],
  );
  const parts = [...kept, ...derivation.parts];
  if (parts.length > MOST_PARTS) return undefined;
  const lines = [
    ...(domain === null ? [] : [plainLine(domain.replace(/; other ranks: .*/, "")), ""]),
    ...gradients.map(plainLine),
    ...parts.map(({ name, maths }, i) => `${i === 0 ? "where" : "     "} ${plainLine(`${name} = ${maths}`)}`),
  ];
  if (lines.some(line => line.length > LONGEST)) return undefined;
  return { title: `${isLoss ? "Gradient" : "VJP"} of ${plainLine(name)}`, lines };
}
