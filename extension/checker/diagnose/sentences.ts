/** @file The sentence for each cause: what is wrong, why, and what to do, to someone who has never seen this tool. */

import type { Details } from "./explanation.ts";

/** What a sentence may say besides its details; null where the formula cannot be had, or read. */
export interface Formulas {
  readonly returned: string | null;
  readonly expected: string | null;
  /** What backward calls the gradient of the output, as maths has it. */
  readonly gradName: string;
}

type Sentence = (details: Details, formulas: Formulas) => string;

const code = (text: string): string => `\`${text}\``;
const orElse = (text: string | undefined, fallback: string): string =>
  text === undefined ? fallback : code(text);
const forArgument = ({ argument }: Details): string =>
  argument === undefined ? "" : ` in the gradient for ${code(argument)}`;
/** "; what is right is `…`" */
const right = ({ expected }: Formulas): string =>
  expected === null ? "" : `; what is right is ${code(expected)}`;

export const SENTENCES = {
  "elementwise-for-matrix-product": (_d, f) =>
    `${f.returned === null ? "What is returned" : code(f.returned)} is the rule for numbers multiplied entry by entry; where matrices are multiplied, each factor of forward's product gets its own matrix product with ${code(f.gradName)}${right(f)}.`,
  "matrix-product-for-elementwise": (d, f) =>
    `A matrix product stands where forward multiplies entry by entry; multiply entry by entry${forArgument(d)} too (mul, not matmul)${right(f)}.`,
  "transpose-missing": (d, f) =>
    `A transpose is missing: ${d.instead === undefined ? "one of the factors" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${forArgument(d)}, since going back through a matrix product multiplies by the other factor transposed${right(f)}.`,
  "transpose-superfluous": (d, f) =>
    d.where === "result"
      ? `The gradient for ${orElse(d.argument, "the input")} is transposed as a whole; return it as it is, without the transpose${right(f)}.`
      : `There is a transpose too many: ${d.instead === undefined ? "one of the factors" : code(d.instead)} belongs there as it is${forArgument(d)}${right(f)}.`,
  "operands-swapped": (d, f) =>
    `The factors of a matrix product are in the wrong order${forArgument(d)}; a matrix product depends on the order, so write them as they stand here${f.expected === null && d.instead !== undefined ? `: ${code(d.instead)}` : right(f)}.`,
  "term-missing": (d, f) =>
    `A term is missing${forArgument(d)}: ${d.part === undefined ? `${orElse(d.argument, "the input")} occurs more than once in forward${d.where === undefined ? "" : `, also in ${code(d.where)}`}, and each occurrence adds a term (the product rule)` : `add ${code(d.part)}`}${right(f)}.`,
  "term-superfluous": (d, f) =>
    `There is a term too many${forArgument(d)}: leave out ${orElse(d.part, "it")}, which nothing in forward gives rise to${right(f)}.`,
  "path-missing": (d, f) =>
    `${d.where === undefined ? "An intermediate result is" : `${code(d.where)} ${d.where.includes("` and `") ? "are" : "is"}`} treated as a constant${forArgument(d)}, but ${d.where?.includes("` and `") ? "they depend" : "it depends"} on ${orElse(d.argument, "the input")} too; add what flows back through ${d.where?.includes("` and `") ? "them" : "it"}${right(f)}.`,
  "factor-missing": (d, f) =>
    d.where === "condition"
      ? `A condition is missing${forArgument(d)}: forward lets some entries through and others not (relu, clamp, max, where), and so must the gradient${right(f)}.`
      : d.where === "divisor"
        ? `A division is missing${forArgument(d)}: divide by ${orElse(d.part, "a factor that forward's derivative has")} (the chain rule)${right(f)}.`
        : `A factor is missing${forArgument(d)}: multiply by ${orElse(d.part, "the derivative of each function that forward applies")} (the chain rule)${right(f)}.`,
  "factor-superfluous": (d, f) =>
    d.where === "divisor"
      ? `There is a division too many${forArgument(d)}: do not divide by ${orElse(d.part, "it")}${right(f)}.`
      : `There is a factor too many${forArgument(d)}: leave out ${orElse(d.part, "it")}, which forward's derivative does not have${right(f)}.`,
  "wrong-factor": (d, f) =>
    `The gradient for ${orElse(d.argument, "the input")}${d.where === undefined ? "" : `, as far as it comes through ${code(d.where)},`} is ${d.factor ?? "a multiple of what it should be"}; correct the factor${right(f)}.`,
  "sum-for-mean": (d, f) =>
    `The gradient for ${orElse(d.argument, "the input")}${d.where === undefined ? "" : `, as far as it comes through ${code(d.where)},`} is that of a sum where forward takes a mean: divide it by ${d.size ?? "the number of entries"}${right(f)}.`,
  "mean-for-sum": (d, f) =>
    `The gradient for ${orElse(d.argument, "the input")}${d.where === undefined ? "" : `, as far as it comes through ${code(d.where)},`} is that of a mean where forward takes a sum: do not divide it by ${d.size ?? "the number of entries"}${right(f)}.`,
  "wrong-sign": (d, f) =>
    d.part === undefined && d.instead === undefined && d.where === undefined
      ? `The gradient for ${orElse(d.argument, "the input")} has the wrong sign; negate it${right(f)}.`
      : `A sign is wrong${forArgument(d)}: ${d.where !== undefined ? `negate what flows back through ${code(d.where)}` : `${orElse(d.part, "a term")} should be ${orElse(d.instead, "negated")}`}${right(f)}.`,
  "wrong-exponent": (d, f) =>
    `An exponent is wrong${forArgument(d)}: ${d.instead === undefined ? "a power of forward's derivative is another" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${right(f)}.`,
  "grad-output-missing": (_d, f) =>
    `The chain rule is missing its first factor: backward returns the same whatever ${code(f.gradName)} is; multiply by it${right(f)}.`,
  "grad-output-distorted": (d, f) =>
    `${orElse(d.part, "A changed gradient")} stands where ${code(f.gradName)} itself belongs: a backward must pass on every gradient in proportion, large and small, positive and negative; clip gradients outside of it${right(f)}.`,
  "grad-output-reduced": (d, f) =>
    `${orElse(d.part, `A sum of ${f.gradName}`)} mixes the gradients of different outputs; use ${code(f.gradName)} itself, entry by entry${right(f)}.`,
  "grad-output-transposed": (_d, f) =>
    `${code(f.gradName)} is transposed where it belongs as it is; leave out the transpose${right(f)}.`,
  "constant-added": () =>
    "Something is added that does not depend on gradOutput: for a gradient of zeros backward must return zeros; leave it out.",
  "not-reduced": (d, f) =>
    d.instead !== undefined
      ? `A sum is missing${forArgument(d)}: ${orElse(d.part, "it")} should be ${code(d.instead)}${right(f)}.`
      : `The gradient for ${orElse(d.argument, "the input")} is not summed ${d.size === undefined ? "" : `over ${d.size} `}where forward repeated ${orElse(d.argument, "it")} (broadcasting): each repetition adds to the gradient of the same entry${right(f)}.`,
  reduced: (d, f) => `Something is summed that should not be${forArgument(d)}: leave out the sum${right(f)}.`,
  "wrong-axis": (d, f) =>
    `A reduction or a broadcast runs along the wrong dimension${forArgument(d)}: ${d.instead === undefined ? "use the one that forward uses" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${right(f)}.`,
  "wrong-order": d =>
    `The gradients are returned in the wrong order: the one for ${orElse(d.instead, "another argument")} stands in the place of ${orElse(d.argument, "an argument")}; return one for each argument of forward, in forward's order.`,
  "output-for-input": (d, f) =>
    `The derivative is evaluated at forward's output where its input belongs${forArgument(d)}: use ${orElse(d.instead, "the input")} instead of ${orElse(d.part, "the output")}, and save it in forward${right(f)}.`,
  "input-for-output": (d, f) =>
    `The derivative is evaluated at forward's input where its output belongs${forArgument(d)}: use ${orElse(d.instead, "the output")} instead of ${orElse(d.part, "the input")}, and save it in forward${right(f)}.`,
  "wrong-operand": (d, f) =>
    d.where === "both"
      ? `${orElse(d.part, "Two tensors")} and ${orElse(d.instead, "another")} have changed places${forArgument(d)}; look at the order in which they were saved${right(f)}.`
      : `${orElse(d.part, "A tensor")} stands where ${orElse(d.instead, "another")} belongs${forArgument(d)}${right(f)}.`,
  "wrong-condition": (d, f) =>
    `A condition is the wrong way round${forArgument(d)}: ${d.instead === undefined ? "negate it" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${right(f)}.`,
  "wrong-direction": (d, f) =>
    `The entries are moved on where they must be moved back${forArgument(d)}: shift by the negative${right(f)}.`,
  "wrong-function": d =>
    `This is the gradient of ${orElse(d.part, "another function")}, not of what forward returns; use the rule for the function that forward computes.`,
  "function-missing": (d, f) =>
    `A function is missing${forArgument(d)}: ${d.instead === undefined ? "one that forward's derivative has" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${right(f)}.`,
  "function-superfluous": (d, f) =>
    `A function too many is applied${forArgument(d)}: ${d.instead === undefined ? "leave it out" : `${orElse(d.part, "it")} should be ${code(d.instead)}`}${right(f)}.`,
  "diagonal-only": (d, f) =>
    `Each entry is differentiated by its own input alone, as for an elementwise function, but here each output depends on several entries of ${orElse(d.argument, "the input")}: the other entries of the Jacobian are missing${right(f)}.`,
  "inverse-missing": (d, f) =>
    `An inverse is missing${forArgument(d)}: ${d.instead === undefined ? "a matrix stands where its inverse belongs" : `${orElse(d.part, "a matrix")} should be ${code(d.instead)}`}${right(f)}.`,
  "inverse-superfluous": (d, f) =>
    `An inverse too many${forArgument(d)}: ${d.instead === undefined ? "a matrix belongs where its inverse stands" : `${orElse(d.part, "the inverse")} should be ${code(d.instead)}`}${right(f)}.`,
  "flip-missing": (d, f) =>
    `The order of the entries is not reversed${forArgument(d)}: going back runs from the last to the first${right(f)}.`,
  "flip-superfluous": (d, f) =>
    `The order of the entries is reversed once too often${forArgument(d)}: leave out the flip${right(f)}.`,
  overwritten: d =>
    `Where an index occurs twice, the last gradient overwrites the first${forArgument(d)}; they must be added up: use indexAdd or scatterAdd.`,
  "gradient-zero": (d, f) =>
    `The gradient for ${orElse(d.argument, "the input")} is zero throughout, but the output depends on it${right(f)}.`,
  "gradient-null": d =>
    `There is no gradient for ${orElse(d.argument, "the input")}, but the output depends on it: null says that none is due, as for a number or an index; return its gradient.`,
  "gradients-too-few": () =>
    "A gradient is missing from the list: backward returns one value for each argument of forward, null for one that needs none (a number, an option, an index).",
  "gradients-too-many": () =>
    "There are more gradients than arguments: backward returns one value for each argument of forward, and none for ctx.",
  "return-missing": () => "The gradient is computed, but not returned: is a return missing?",
  "not-a-tensor": d =>
    `What is returned for ${orElse(d.argument, "the input")} is no tensor; a gradient is a tensor of its input's shape, or null where none is due.`,
  "not-spread": d =>
    `The gradient for ${orElse(d.argument, "the input")} has fewer entries than ${orElse(d.argument, "it")}; each entry has a gradient of its own: leave out a sum, or spread it with expandAs.`,
  "shapes-disagree": (d, f) =>
    `The shapes in backward do not fit together: write down the shape of each factor, and transpose or swap until the result has the shape of ${orElse(d.argument, "its input")}${right(f)}.`,
  "input-modified": d =>
    `${orElse(d.argument, "An argument")} is changed in place, though it belongs to the caller: use the operation without the underscore, or work on a clone().`,
  "saved-modified": () =>
    "A saved tensor is changed in place, so a second run of backward (retainGraph) computes with other values: use the operation without the underscore, or work on a clone().",
  "grad-output-modified": (_d, f) =>
    `${code(f.gradName)} is changed in place, but others still need it: use the operation without the underscore, or work on a clone().`,
  "state-shared": () =>
    "What backward needs is kept on the class or in the module, where the next call of forward overwrites it: keep it on ctx, with saveForBackward or as a field.",
  "buffer-reused": () =>
    "The same tensor is returned by every call, so a later call changes what an earlier one returned: return a fresh tensor.",
  "random-in-backward": () =>
    "Random numbers are drawn in backward, but the gradient belongs to those that forward used: draw them in forward and save them.",
  "needs-input-grad": d =>
    `What is returned for ${orElse(d.argument, "an argument")} depends on which other arguments need a gradient; ctx.needsInputGrad may only spare work: compute each gradient by itself.`,
  "cut-off": () =>
    "Part of backward is cut off from the graph (detach(), item(), tolist(), noGrad), so it is a constant when backward is itself differentiated: compute with the saved tensors themselves, or declare backward with onceDifferentiable.",
  "jvp-differs": () =>
    "The method backward is right and jvp is not: jvp must return the derivative of each output along all tangents together, a term for each argument.",
  "worst-entry": (d, f) =>
    `No usual mistake explains it; the gradient for ${orElse(d.argument, "the input")} ${d.where ?? "differs"}${d.factor === undefined ? "" : `: what is returned is ${d.factor}`}${right(f)}.`,
} satisfies Record<string, Sentence>;

export type Kind = keyof typeof SENTENCES;

/** A longer formula does not fit in a sentence. */
const LONGEST_FORMULA = 70;

export function sentenceOf(kind: Kind, details: Details, formulas: Formulas): string {
  const short = (formula: string | null): string | null =>
    formula !== null && formula.length <= LONGEST_FORMULA && !formula.includes(", where ") ? formula : null;
  const given = { ...formulas, returned: short(formulas.returned), expected: short(formulas.expected) };
  return (SENTENCES[kind] as Sentence)(details, given);
}
