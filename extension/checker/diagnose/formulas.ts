/** @file What backward returns and what is right, as maths in the file's own names. Runs inside the sandbox. */

import {
  type DerivedBackward,
  derive,
  deriveTangent,
  type Formula,
  type Formulas,
  type Names,
  read,
  type Traceable,
} from "@gradient-lens/engine/symbolic";
import type { Derivation } from "../derivation.ts";
import type { Notation } from "../notation.ts";
import { derivationOf } from "./derivation-of.ts";

/** Null where the code cannot be traced, or says it too long-windedly to be read in a message. */
export interface GradientFormulas {
  readonly returned: string | null;
  readonly expected: string | null;
  readonly derivation: Derivation | null;
}

/** What formulas are written in. */
export interface FormulaSettings {
  /** Of forward's parameters. */
  readonly names: readonly string[];
  /** What backward calls the gradient of each output; null where the text does not show it. */
  readonly gradOutputs: readonly string[] | null;
  readonly notation: Notation;
  /** Arguments of other sizes, so that the numbers that come of sizes are told from others. */
  readonly elsewhere: readonly unknown[] | undefined;
}

/** What the tensors of a Function are called in formulas. */
export function namesIn(
  args: readonly unknown[],
  { names, gradOutputs, notation }: Omit<FormulaSettings, "elsewhere">,
): Names {
  return {
    inputs: args.map((_, i) => names[i] ?? `argument${i}`),
    // A name that forward has for something else would say two things.
    ...(gradOutputs?.every(name => !names.includes(name)) && { gradOutputs }),
    ...(notation.outputs.length > 0 && { outputs: notation.outputs }),
  };
}

/** A formula longer than this says less than the entry that is wrong. */
const LONGEST = 200;

/**
 * For the gradient of one argument.
 * @param args arguments that forward accepts
 */
export function gradientFormulas(
  definition: Traceable,
  args: readonly unknown[],
  settings: FormulaSettings,
  argument: number,
): GradientFormulas {
  const named = namesIn(args, settings);
  const { notation, elsewhere } = settings;
  const options = { style: notation.style, ...(elsewhere && { elsewhere }) };
  const derived = attempt(() => derive(definition, args, named, options));
  const right = derived === null || "untraceable" in derived ? null : derived;
  return {
    returned: attempt(() => {
      const reading = read(definition, args, named, notation.style);
      return "untraceable" in reading ? null : textOf(reading.simplified, argument);
    }),
    expected: right === null ? null : textOf(withKept(right), argument),
    derivation: right === null ? null : derivationOf(right),
  };
}

/** What jvp should return for the first output. */
export function tangentFormula(
  definition: Traceable,
  args: readonly unknown[],
  settings: FormulaSettings,
): GradientFormulas {
  const { notation, elsewhere } = settings;
  const options = { style: notation.style, ...(elsewhere && { elsewhere }) };
  const derived = attempt(() => deriveTangent(definition, args, namesIn(args, settings), options));
  const right = derived === null || "untraceable" in derived ? null : derived;
  return { returned: null, expected: right === null ? null : textOf(withKept(right), 0), derivation: null };
}

/** What forward would keep is part of the formulas, too: forward's own text has no name for it. */
function withKept({ formulas, parts, saved }: DerivedBackward): Pick<Formulas, "formulas" | "parts"> {
  const kept = saved.flatMap(({ name, formula, parts: own }) =>
    formula === null ? [] : [...own, { ...formula, name }],
  );
  return { formulas, parts: [...kept, ...parts] };
}

/** "t @ Aᵀ, where t = grad_out @ B" */
function textOf({ formulas, parts }: Pick<Formulas, "formulas" | "parts">, argument: number): string | null {
  const formula = formulas[argument] ?? null;
  if (formula === null) return null;
  const used = usedBy(formula.maths, parts).map(({ name, maths }) => `${name} = ${maths}`);
  const text = used.length === 0 ? formula.maths : `${formula.maths}, where ${used.join(", ")}`;
  return text.length > LONGEST ? null : text;
}

/** The common parts that a formula names, those that these name in turn included. */
function usedBy(maths: string, parts: readonly Formula[]): Formula[] {
  const mentions = (text: string, name: string): boolean =>
    new RegExp(`(?<![\\p{L}\\d_])${name}(?!(?!ᵀ)[\\p{L}\\d_])`, "u").test(text);
  const used = new Set<Formula>();
  const visit = (text: string): void => {
    for (const part of parts) {
      if (part.name === null || used.has(part) || !mentions(text, part.name)) continue;
      used.add(part);
      visit(part.maths);
    }
  };
  visit(maths);
  return parts.filter(part => used.has(part));
}

/** A formula is a help beside the verdict: where it cannot be had, the verdict stands without. */
function attempt<T>(body: () => T | null): T | null {
  try {
    return body();
  } catch {
    return null;
  }
}
