/** @file The sentence for each cause: what was done, what belongs there, and why, to someone who has never seen this tool. */

import type { Details } from "./explanation.ts";

/** What a sentence may say besides its details; null where the formula cannot be had, or read. */
export interface Formulas {
  readonly returned: string | null;
  readonly expected: string | null;
  /** What backward calls the gradient of the output, as maths has it. */
  readonly gradName: string;
}

type Sentence = (details: Details, formulas: Formulas) => string;

/** "`t @ Aᵀ`, where `t = grad_out @ B`" */
const code = (text: string): string => `\`${text.replace(", where ", "`, where `")}\``;
const orElse = (text: string | undefined, fallback: string): string =>
  text === undefined ? fallback : code(text);
const input = ({ argument }: Details): string => orElse(argument, "the input");
/** "the gradient for `x`" */
const gradient = (d: Details): string => `the gradient for ${input(d)}`;
const Gradient = (d: Details): string => `The gradient for ${input(d)}`;
/** ", so it is `…`", where nothing else says what is right. */
const right = ({ expected }: Formulas, lead: string): string =>
  expected === null ? "" : `${lead} ${code(expected)}`;
/** "`a` should be `b`"; what is to be done in general where that is not known. */
const replacing = ({ part, instead }: Details, otherwise: string): string =>
  part === undefined || instead === undefined || part === instead
    ? otherwise
    : `${code(part)} should be ${code(instead)}`;
/** Where only one of several ways goes wrong. */
const flowing = (d: Details): string =>
  d.where === undefined ? Gradient(d) : `What flows back to ${input(d)} through ${code(d.where)}`;

const NOT_IN_PLACE = "use the operation without the underscore, or work on a clone()";

export const SENTENCES = {
  "elementwise-for-matrix-product": (_d, f) =>
    `${f.returned === null ? "What is returned" : code(f.returned)} is the rule for plain numbers, entry by entry, but forward multiplies matrices: ${f.expected === null ? `the gradient for each factor is a matrix product of ${code(f.gradName)} and the other factors, transposed` : `the gradient is ${code(f.expected)}`}.`,
  "matrix-product-for-elementwise": d =>
    `A matrix product stands in ${gradient(d)}, but forward multiplies entry by entry: use mul, not matmul.`,
  "transpose-missing": (d, f) =>
    `A transpose is missing in ${gradient(d)}: ${replacing(d, d.instead === undefined ? `a factor must be transposed${right(f, ", as in")}` : `it takes ${code(d.instead)}`)}, as the way back through a matrix product transposes the other factor.`,
  "transpose-superfluous": (d, f) =>
    d.where === "result"
      ? `${Gradient(d)} is returned transposed: return it as it is${right(f, ",")}.`
      : `There is a transpose too many in ${gradient(d)}: ${replacing(d, d.instead === undefined ? `leave it out${right(f, ", as in")}` : `it takes ${code(d.instead)} as it is`)}.`,
  "operands-swapped": (d, f) =>
    `The factors of a matrix product are in the wrong order in ${gradient(d)}: ${d.instead === undefined ? `${f.expected === null ? "swap them" : `it is ${code(f.expected)}`}` : `write ${code(d.instead)}`}, as the order matters for matrices.`,
  "term-missing": (d, f) =>
    d.jvp
      ? `The term of ${input(d)} is missing in jvp: each argument that moves adds a term${right(f, ", so jvp is")}.`
      : `A term is missing in ${gradient(d)}: ${d.part === undefined ? `forward uses ${input(d)} more than once${d.where === undefined ? "" : `, also in ${code(d.where)}`}, and each use adds a term (the product rule)${right(f, "; in all it is")}` : `add ${code(d.part)}`}.`,
  "term-superfluous": d =>
    `There is a term too many in ${gradient(d)}: leave out ${orElse(d.part, "the one")}${d.part === undefined ? " that" : ", which"} nothing in forward gives rise to.`,
  "path-missing": (d, f) => {
    const several = d.where?.includes("` and `") ?? false;
    return `${orElse(d.where, "An intermediate result")} ${several ? "are" : "is"} treated as ${several ? "constants" : "a constant"} in ${gradient(d)}, but ${several ? "they depend" : "it depends"} on ${input(d)} too: add what flows back through ${several ? "them" : "it"}${right(f, "; in all it is")}.`;
  },
  "stopped-early": d =>
    `What is returned for ${input(d)} is the gradient for ${orElse(d.where, "an intermediate result")}: it must flow on through that to ${input(d)} (the chain rule).`,
  "factor-missing": (d, f) =>
    d.where === "condition"
      ? `A condition is missing in ${gradient(d)}: forward lets some entries through and holds others back, and so must the gradient${d.part === undefined ? right(f, ", as in") : `: keep only where ${code(d.part)}`}.`
      : d.where === "divisor"
        ? `A division is missing in ${gradient(d)} (the chain rule)${d.part === undefined ? right(f, "; in all it is") : `: divide by ${code(d.part)}`}.`
        : `A factor is missing in ${gradient(d)} (the chain rule)${d.part === undefined ? right(f, "; in all it is") : `: multiply by ${code(d.part)}`}.`,
  "factor-superfluous": (d, f) =>
    d.where === "divisor"
      ? `There is a division too many in ${gradient(d)}: do not divide${d.part === undefined ? right(f, "; it is") : ` by ${code(d.part)}`}.`
      : `There is a factor too many in ${gradient(d)}: leave out ${d.part === undefined ? `the one that forward's derivative does not have${right(f, "; it is")}` : code(d.part)}.`,
  "wrong-factor": (d, f) =>
    `${d.jvp ? `The term of ${input(d)} in jvp` : flowing(d)} is ${d.factor ?? "a multiple of what it should be"}${right(f, d.jvp ? ": jvp is" : ": the gradient is")}.`,
  "sum-for-mean": d =>
    `${flowing(d)} is that of a sum, but forward takes a mean: divide it by ${d.size ?? "the number of entries"}.`,
  "mean-for-sum": d =>
    `${flowing(d)} is that of a mean, but a sum belongs there: do not divide it by ${d.size ?? "the number of entries"}.`,
  "size-as-number": (d, f) =>
    `${Gradient(d)} is right at one size only: a number stands in backward where a size of the inputs belongs${right(f, ", as in")}.`,
  "wrong-sign": (d, f) =>
    d.jvp
      ? `The term of ${input(d)} in jvp has the wrong sign: negate it${right(f, ", so that jvp is")}.`
      : d.where !== undefined
        ? `${flowing(d)} has the wrong sign: negate it.`
        : d.part === undefined
          ? `${Gradient(d)} has the wrong sign: ${f.expected === null ? "negate it" : `it is ${code(f.expected)}`}.`
          : `A sign is wrong in ${gradient(d)}: ${replacing(d, `negate ${code(d.part)}`)}.`,
  "wrong-exponent": (d, f) =>
    `An exponent is wrong in ${gradient(d)}: ${replacing(d, `forward's derivative has another power${right(f, "; it is")}`)}.`,
  "grad-output-missing": (_d, f) =>
    `Backward returns the same whatever ${code(f.gradName)} is, but the chain rule multiplies by it${right(f, ": return")}.`,
  "grad-output-distorted": (d, f) =>
    `${orElse(d.part, "A changed gradient")} stands where ${code(f.gradName)} belongs: backward must pass on every gradient in proportion, whatever its size and sign${d.part?.startsWith("clip") ? "; clip gradients in the training loop" : ""}.`,
  "grad-output-reduced": (d, f) =>
    `${orElse(d.part, `A sum of the gradients`)} stands where ${code(f.gradName)} belongs: it mixes the gradients of different outputs.`,
  "grad-output-transposed": (_d, f) =>
    `${code(f.gradName)} lies on its side: transpose it, or leave out its transpose.`,
  "constant-added": (_d, f) =>
    `Something is added that does not depend on ${code(f.gradName)}, but where ${code(f.gradName)} is zero backward must return zero: leave it out.`,
  "not-reduced": (d, f) =>
    d.instead !== undefined
      ? `A sum is missing in ${gradient(d)}: ${replacing(d, `it takes ${code(d.instead)}`)}.`
      : `Forward repeats ${input(d)} (broadcasting), so its gradient is summed over ${d.size ?? "the repetitions"}${right(f, ":")}.`,
  "one-of-several": (d, f) =>
    `${orElse(d.part, "What is returned")} is one gradient of several, but forward uses ${input(d)} in several places: add them all up${d.instead === undefined ? right(f, ", as in") : `, ${code(d.instead)}`}.`,
  reduced: (d, f) => `There is a sum too many in ${gradient(d)}: leave it out${right(f, ", as in")}.`,
  "wrong-axis": d =>
    `${Gradient(d)} is summed or repeated along the wrong dimension: ${replacing(d, "use the dimension that forward uses")}.`,
  "wrong-order": d =>
    `The gradients are returned in the wrong order: the one for ${orElse(d.instead, "another argument")} stands in the place of ${orElse(d.argument, "an argument")}; return them in the order of forward's arguments.`,
  "output-for-input": d =>
    `The derivative in ${gradient(d)} is taken at forward's output, but belongs at its input: save ${orElse(d.instead, "the input")} in forward, and use it instead of ${orElse(d.part, "the output")}.`,
  "input-for-output": d =>
    `The formula in ${gradient(d)} is one for forward's output, but is given its input: save ${orElse(d.instead, "the output")} in forward, and use it instead of ${orElse(d.part, "the input")}.`,
  "wrong-operand": d =>
    d.where === "both"
      ? `${orElse(d.part, "One tensor")} and ${orElse(d.instead, "another")} have changed places in ${gradient(d)}: unpack ctx.savedTensors in the order in which forward saves them.`
      : `${orElse(d.part, "One tensor")} stands where ${orElse(d.instead, "another")} belongs in ${gradient(d)}.`,
  "wrong-condition": (d, f) =>
    `A condition is the wrong way round in ${gradient(d)}: ${replacing(d, `negate it${right(f, ", as in")}`)}.`,
  "wrong-direction": d =>
    `Forward shifts the entries, so ${gradient(d)} must shift them back: use the negative shift.`,
  "wrong-function": (d, f) =>
    `This is the gradient of ${orElse(d.part, "another function")}, not of what forward returns${right(f, ", which is")}.`,
  "function-missing": (d, f) =>
    `A function is missing in ${gradient(d)}: ${replacing(d, `forward's derivative has one more${right(f, "; it is")}`)}.`,
  "function-superfluous": (d, f) =>
    `There is a function too many in ${gradient(d)}: ${replacing(d, `leave it out${right(f, ", as in")}`)}.`,
  "diagonal-only": (d, f) =>
    `Each entry is differentiated by itself, as for an elementwise function, but each output depends on several entries of ${input(d)}${right(f, ", so the gradient is")}.`,
  "inverse-missing": (d, f) =>
    `An inverse is missing in ${gradient(d)}: ${replacing(d, `a matrix stands where its inverse belongs${right(f, ", as in")}`)}.`,
  "inverse-superfluous": (d, f) =>
    `There is an inverse too many in ${gradient(d)}: ${replacing(d, `a matrix belongs where its inverse stands${right(f, ", as in")}`)}.`,
  "flip-missing": (d, f) =>
    `A flip is missing in ${gradient(d)}: the way back runs through the entries from the last to the first${right(f, ", as in")}.`,
  "flip-superfluous": (d, f) =>
    `There is a flip too many in ${gradient(d)}: leave it out${right(f, ", as in")}.`,
  overwritten: d =>
    `Where an index occurs twice, the last gradient overwrites the earlier ones in ${gradient(d)}: add them up, with indexAdd or scatterAdd.`,
  "gradient-zero": (d, f) =>
    `${Gradient(d)} is zero throughout, but the output depends on ${input(d)}${right(f, ": it is")}.`,
  "gradient-null": (d, f) =>
    `Null is returned for ${input(d)}, but the output depends on it: return its gradient${right(f, ",")}.`,
  "gradients-too-few": () =>
    "A gradient is missing in the list: return one value for each argument of forward, and null for one that needs none (a number, an option, an index).",
  "gradients-too-many": () =>
    "There are more gradients than arguments: return one for each argument of forward, and none for ctx.",
  "return-missing": () => "Backward ends without a return: return the gradient.",
  "not-a-tensor": d =>
    `What is returned for ${input(d)} is not a tensor: return a tensor of its shape, or null where no gradient is due.`,
  "not-spread": d =>
    `${Gradient(d)} has fewer entries than ${input(d)}, but each entry needs its own: leave out a sum, or spread it with expandAs.`,
  "shapes-disagree": (d, f) =>
    `The shapes in backward do not fit together: transpose, swap or reshape factors until the gradient for ${input(d)} has its shape${right(f, ", as in")}.`,
  "not-saved": d =>
    `${orElse(d.part, "A tensor")} is undefined in backward${d.size === undefined ? "" : `, as forward saves ${d.size}`}: ${d.where === "field" ? "set it in forward" : "save what backward needs with ctx.saveForBackward, and unpack it in the same order"}.`,
  "input-modified": d =>
    `${orElse(d.argument, "An argument")} is changed in place, but it belongs to the caller: ${NOT_IN_PLACE}.`,
  "saved-modified": () =>
    `A saved tensor is changed in place, so the next run of backward computes with other values: ${NOT_IN_PLACE}.`,
  "grad-output-modified": (_d, f) =>
    `${code(f.gradName)} is changed in place, but others still need it: ${NOT_IN_PLACE}.`,
  "state-shared": () =>
    "Backward reads what forward keeps on the class or in the module, where the next call of forward overwrites it: keep it on ctx, with saveForBackward or as a field.",
  "buffer-reused": () =>
    "Every call returns the same tensor, so the next one overwrites what this one returned: return a new tensor.",
  "random-in-backward": () =>
    "Backward draws random numbers of its own, so its gradient does not belong to what forward computed: draw them in forward, and save them.",
  "needs-input-grad": d =>
    `What is returned for ${input(d)} changes with which other arguments need a gradient: compute each gradient by itself, as ctx.needsInputGrad may only spare work.`,
  "cut-off": () =>
    "Part of backward is cut off from the graph (detach(), item(), tolist(), noGrad), so it counts as a constant when backward is differentiated in turn: compute with the saved tensors themselves, or declare backward with onceDifferentiable.",
  "jvp-differs": (_d, f) =>
    `What jvp returns is not the derivative of the output along all tangents together${right(f, ", which is")}.`,
  "jvp-shape": () =>
    "What jvp returns has another shape than the output, but it says how each entry of the output moves: sum or spread it as forward does.",
  "worst-entry": d =>
    `${Gradient(d)} ${d.where ?? "differs"}${d.factor === undefined ? "" : `, where it is ${d.factor}`}; no usual mistake explains it.`,
} satisfies Record<string, Sentence>;

export type Kind = keyof typeof SENTENCES;

/** A longer formula does not fit in a sentence; nor does one that takes more than one other to be read. */
const LONGEST_FORMULA = 70;
const LONGEST_WITH_PART = 90;

export function sentenceOf(kind: Kind, details: Details, formulas: Formulas): string {
  const given = { ...formulas, returned: short(formulas.returned), expected: short(formulas.expected) };
  return (SENTENCES[kind] as Sentence)(details, given);
}

function short(formula: string | null): string | null {
  if (formula === null) return null;
  const [, parts] = formula.split(", where ");
  if (parts === undefined) return formula.length <= LONGEST_FORMULA ? formula : null;
  return formula.length <= LONGEST_WITH_PART && parts.split(" = ").length === 2 ? formula : null;
}
