/** @file Why an operation is differentiated as it is, in words: by what kind of operation it is, never by which function it stands in. */

import { sameShape } from "../tensor/shape.ts";
import { isElementwise } from "./algebra.ts";
import type { AnyPrimitive } from "./expression.ts";
import type { Line, Quantity } from "./steps-lines.ts";

export interface Words {
  readonly kind: string;
  readonly sentence: string;
  /** How the operation is easily misread. */
  readonly caution: string | null;
}

interface Family {
  readonly kind: string;
  readonly names: readonly string[];
  readonly sentence: string;
  readonly caution?: (line: Line) => string | null;
}

const only = (line: Line): string => line.results[0]!.sign.maths;

const FAMILIES: readonly Family[] = [
  {
    kind: "matrix product",
    names: ["matmul"],
    sentence:
      "A matrix product is linear in each of its factors: each moves while the other stands still, and their order stays. In the inner product the factor that stands still goes over to the other side, transposed, on the side it stands on: ⟨G, dA @ B⟩ = ⟨G @ Bᵀ, dA⟩ and ⟨G, A @ dB⟩ = ⟨Aᵀ @ G, dB⟩.",
    caution: line => {
      const [a, b] = line.places.map(({ quantity }) => quantity);
      if (a !== undefined && a === b) {
        const { maths } = a.sign;
        return `The rule for numbers, d(x²) = 2·x·dx, does not carry over: matrices do not commute, so the change on the left and the change on the right of ${maths} are two terms that do not become one, and ⊙ has no place here.`;
      }
      return "Each entry of a factor takes part in a whole row or column of the product, so its gradient is a sum over that row or column: a matrix product again, not ⊙.";
    },
  },
  {
    kind: "inverse",
    names: ["inv"],
    sentence:
      "An inverse is known by an equation, A @ Y = I, and it is the equation that is differentiated: dA @ Y + A @ dY = 0, so dY = −Y @ dA @ Y.",
    caution: line =>
      `The rule for numbers, d(1/a) = −da / a², does not carry over: ${only(line)} stands on either side of the change, and the two cannot be drawn together.`,
  },
  {
    kind: "linear system",
    names: ["solve", "solveTriangular"],
    sentence:
      "X is known by the equation A @ X = B, and it is the equation that is differentiated: dA @ X + A @ dX = dB, the same system with another right-hand side. Transposed, it is the adjoint system Aᵀ @ U = G: solved once, its U is what flows to B, and −U @ Xᵀ is what flows to A.",
    caution: () => "No inverse is formed, and how the system was solved does not matter.",
  },
  {
    kind: "hook",
    names: ["hooked"],
    sentence:
      "A hook stands here: the value passes as it is, and what flows back is replaced by what the hook returns. That is the derivative of no function, but what this Function means to be.",
  },
  {
    kind: "determinant",
    names: ["det", "slogdet"],
    sentence:
      "A determinant moves by Jacobi's formula, d det A = det A · tr(A⁻¹ @ dA), and its logarithm by tr(A⁻¹ @ dA) alone; a trace of a product is an inner product, tr(A⁻¹ @ dA) = ⟨A⁻ᵀ, dA⟩.",
  },
  {
    kind: "decomposition",
    names: ["cholesky", "qr", "geqrf", "eigh", "eig", "svd", "luFactor", "lu", "pinv", "lstsq"],
    sentence:
      "The factors of a decomposition are known by equations (their product is A, and each has its form: triangular, orthonormal, diagonal). Differentiated, the equations say how the factors move, and keep their form, when A does.",
  },
  {
    kind: "softmax",
    names: ["softmax", "logSoftmax", "logsumexp"],
    sentence:
      "The entries along the dimension share one denominator, so each result moves with all of them: beside its own slope stands what the denominator takes from everyone.",
    caution: line =>
      line.call.name === "softmax"
        ? `${only(line)} ⊙ (1 − ${only(line)}) alone would be the diagonal of the Jacobian: right for a sigmoid, whose entries do not compete.`
        : null,
  },
  {
    kind: "sum",
    names: ["sum", "mean"],
    sentence:
      "Every entry counts the same in a sum, so each gets the cotangent of the sum that it went into, repeated to the shape it had.",
  },
  {
    kind: "extreme",
    names: ["amax", "amin", "cummax", "cummin", "groupExtreme"],
    sentence:
      "Only the entry that is the largest, or smallest, moves the result, so the cotangent goes there and nowhere else; several that are equal share it.",
  },
  {
    kind: "picked",
    names: [
      "slice",
      "diagonal",
      "index",
      "indices",
      "gather",
      "picked",
      "embedding",
      "unfold",
      "triangle",
      "asStrided",
    ],
    sentence:
      "Entries are picked and not changed: the cotangent goes back to the places they came from, and what was not picked gets 0.",
    caution: line =>
      ["index", "gather", "embedding", "indices", "picked", "unfold"].includes(line.call.name)
        ? "An entry that is picked more than once gets all of its parts added up; written over one another, only the last would stay."
        : null,
  },
  {
    kind: "moved",
    names: [
      "reshape",
      "permute",
      "permutation",
      "flip",
      "roll",
      "cat",
      "expand",
      "constantPad",
      "blockDiag",
      "copySlices",
    ],
    sentence:
      "Entries are put elsewhere and not changed: the cotangent goes the same way back. An entry that was repeated gets the sum over its copies.",
  },
  {
    kind: "choice",
    names: ["where", "choice", "maximum", "minimum", "clamp", "clampMin", "clampMax", "relu", "abs"],
    sentence:
      "Entry by entry one of several formulas holds, and the derivative is that of the one that holds: what flows back is kept where it does, and 0 elsewhere.",
  },
  {
    kind: "terms",
    names: ["add", "sub", "neg"],
    sentence: "A sum moves by the sum of the changes, so each term gets the whole cotangent, with its sign.",
  },
];

const ELEMENTWISE: Words = {
  kind: "elementwise",
  sentence:
    "It works entry by entry: an entry of the result moves with the entries in its own place and with no others. So the Jacobian is diagonal, and the cotangent is multiplied, entry by entry (⊙), by the slope.",
  caution: null,
};

const LINEAR: Words = {
  kind: "linear",
  sentence: "The operation is linear: it is its own differential, and what flows back is its transpose.",
  caution: null,
};

const MULTILINEAR: Words = {
  kind: "multilinear",
  sentence:
    "The operation is linear in each operand on its own: by the product rule each moves while the others stand still.",
  caution: null,
};

const OTHER: Words = {
  kind: "other",
  sentence:
    "First how the result moves with each operand; then, in the inner product, what stands beside that change.",
  caution: null,
};

/** What is to be said of a line. */
export function wordsOf(line: Line): Words {
  const words = familyOf(line);
  const repeated = line.places.map(({ quantity }) => quantity).filter(quantity => isRepeated(quantity, line));
  if (words.kind === "matrix product" || repeated.length === 0) return words;
  const all = [...new Set(repeated.map(({ sign }) => sign.maths))].join(" and ");
  const broadcast = `${all} is repeated to fill the shape of ${only(line)} (broadcasting): what flows back to the copies is added up (Σ), else the gradient would have the shape of ${only(line)}.`;
  return { ...words, caution: words.caution === null ? broadcast : `${words.caution} ${broadcast}` };
}

function familyOf(line: Line): Words {
  const { call, local } = line;
  const family = FAMILIES.find(({ names }) => names.includes(call.name));
  if (family !== undefined) {
    const { kind, sentence, caution } = family;
    return { kind, sentence, caution: caution?.(line) ?? null };
  }
  if (local.every(isElementwise)) return ELEMENTWISE;
  const { jvp } = call.op as AnyPrimitive;
  return jvp === "linear" ? LINEAR : jvp === "multilinear" ? MULTILINEAR : OTHER;
}

/** Whether an elementwise operation sees an operand in a larger shape than it has. */
function isRepeated({ leaf }: Quantity, { local, results }: Line): boolean {
  return local.every(isElementwise) && !sameShape(leaf.shape, results[0]!.leaf.shape);
}
