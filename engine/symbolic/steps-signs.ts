/** @file What the tensors of a derivation are called: intermediates t₁, t₂ …, a small change dx, the gradient that flows back x̄. */

import type { Role } from "./expression.ts";
import { named } from "./latex.ts";
import { mathsName } from "./maths.ts";
import type { Sign } from "./style.ts";

/** A letter, or a letter with an index. */
const SHORT = /^(\p{L})([₀-₉]*)$/u;

/** Of an input or output, by its name in the text. */
export function signOf(name: string, role: Role): Sign {
  const written = mathsName({ name, role });
  return { maths: written, latex: named(written) };
}

/** t₃ */
export function numbered(letter: string, number: number): Sign {
  const subscript = String(number).replace(/\d/g, d => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]!);
  return { maths: `${letter}${subscript}`, latex: `${letter}_{${number}}` };
}

/** dx, a small change of x. */
export function change({ maths, latex }: Sign): Sign {
  const isShort = SHORT.test(maths);
  return {
    maths: isShort ? `d${maths}` : `d ${maths}`,
    latex: isShort ? `\\mathrm{d}${latex}` : `\\mathrm{d}\\,${latex}`,
  };
}

/** x̄ or grad_input: the derivative of what is differentiated in the end, with respect to x. */
export function cotangent({ maths, latex }: Sign): Sign {
  const short = SHORT.exec(maths);
  if (short === null) return signOf(`grad_${maths}`, "saved");
  const [letter, index] = [short[1]!, short[2]!];
  return { maths: `${letter}\u0304${index}`, latex: `\\bar{${letter}}${latex.slice(letter.length)}` };
}
