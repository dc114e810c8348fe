/**
 * @file A derivation in steps that can be followed: forward under names, an operation a line; then from the output back, how each line
 * moves, what that means in the inner product with what flows back, and what goes on to each operand; in the end the gradients.
 */

import type { Shape } from "../tensor/shape.ts";
import type { Checked } from "./attempts.ts";
import type { Expression, Leaf } from "./expression.ts";
import type { Names } from "./function-trace.ts";
import { asLatex } from "./latex.ts";
import { asMaths } from "./maths.ts";
import { commonParts } from "./naming.ts";
import type { Known } from "./notation.ts";
import type { SizeFactor } from "./sizes.ts";
import { type Arrival, type Chain, chainOf, type Link } from "./steps-chain.ts";
import type { Quantity } from "./steps-lines.ts";
import { ShapeLetters } from "./steps-shapes.ts";
import { numbered } from "./steps-signs.ts";
import { wordsOf } from "./steps-words.ts";
import type { Sign } from "./style.ts";

/** What a line of maths is to its step. */
export type LineKind = "operation" | "arrives" | "differential" | "pairing" | "where" | "sum" | "result";

export interface StepLine {
  readonly kind: LineKind;
  readonly maths: string;
  readonly latex: string;
  /** Of what is defined: "(n, m)"; null where that is a number of an equation, not a tensor. */
  readonly shape: string | null;
}

export interface Step {
  readonly kind: "question" | "forward" | "backward" | "gradient";
  readonly title: string;
  readonly sentence: string;
  readonly lines: readonly StepLine[];
  /** How it is easily misread; null where it is not. */
  readonly caution: string | null;
}

/** Longer derivations are no longer read. */
const MOST_LINES = 40;

/** A line of maths that is longer is told by its parts. */
const LONGEST = 110;

interface Drafted extends Omit<StepLine, "shape"> {
  readonly of: Shape | null;
}

type Draft = Omit<Step, "lines"> & { readonly lines: readonly Drafted[] };

export interface StepOptions {
  /** The same at other sizes, by which sizes are told from numbers. */
  readonly elsewhere?: Checked | null;
  readonly sizes?: ReadonlyMap<Expression, SizeFactor>;
  /** Whether the gradients are those of a loss. */
  readonly loss?: boolean;
}

/** Null where forward takes more operations than a reader will follow, or a rule cannot be traced on its own. */
export function stepsOf(
  here: Checked,
  names: Names,
  { elsewhere, sizes, loss = false }: StepOptions = {},
): Step[] | null {
  const drafts = drafted(here, names, loss, sizes);
  if (drafts === null) return null;
  const others = elsewhere ? drafted(elsewhere, names, loss) : null;
  const shapesOf = ({ forward }: Checked): Shape[] => forward.inputs.map(x => x?.shape ?? []);
  const same = others !== null && alike(drafts, others);
  const letters = new ShapeLetters(
    same ? shapesOf(here).map((shape, i) => [shape, shapesOf(elsewhere!)[i]!] as const) : [],
  );
  return drafts.map((step, s) => ({
    ...step,
    lines: step.lines.map(({ of, ...line }, l) => ({
      ...line,
      shape: of === null ? null : letters.text(of, same ? others[s]!.lines[l]!.of! : of),
    })),
  }));
}

function alike(a: readonly Draft[], b: readonly Draft[]): boolean {
  const form = (drafts: readonly Draft[]): string =>
    JSON.stringify(drafts.map(({ lines }) => lines.map(({ kind, of }) => [kind, of?.length])));
  return form(a) === form(b);
}

function drafted(
  { forward, derivation }: Checked,
  names: Names,
  loss: boolean,
  sizes: ReadonlyMap<Expression, SizeFactor> = new Map(),
): Draft[] | null {
  const { equation } = forward;
  if (equation !== undefined && !equation.isStill) return null;
  let chain: Chain;
  try {
    chain = chainOf(forward, names, derivation.gradOutputs);
  } catch {
    return null;
  }
  if (chain.lines.length > MOST_LINES || chain.links.length === 0) return null;
  const writer = new Writer({ signs: chain.signs, sizes });
  const told = new Set<string>();
  return [
    question(chain, writer),
    {
      kind: "forward",
      ...(equation === undefined ? COMPUTED : SOLVED),
      lines: chain.lines.flatMap(line =>
        line.results.map((quantity, r) => writer.define("operation", quantity, line.written[r]!)),
      ),
    },
    ...chain.links.map(link => backwards(link, writer, told)),
    ...gradients(chain, derivation, writer, loss ? OF_LOSS : OF_BACKWARD),
  ];
}

const COMPUTED = {
  title: "What forward computes",
  sentence: "An operation a line, each result under a name.",
  caution: null,
};

const SOLVED = {
  title: "The equation that the output solves",
  sentence:
    "The loop in forward repeats one step until nothing changes any more: the output solves the equation that this step leaves it as it is. How it was solved does not matter. By the implicit function theorem what flows back passes the step once, at the solution.",
  caution:
    "Near the solution the step does not depend on where it starts (Newton's method), so nothing flows back from step to step. Terms that are zero at the solution are left out of the gradients.",
};

/** What is looked for: the transpose of a linear map, found without a table of its entries. */
function question({ links, gradients }: Chain, writer: Writer): Draft {
  const outputs = links
    .flatMap(({ arrivals }) => arrivals)
    .filter(arrival => arrival?.quantity.leaf.role === "output" && arrival.terms.some(isGradOutput));
  const ends = gradients.filter(gradient => gradient !== null);
  const left = outputs.map(a => writer.pairing(a!.terms.find(isGradOutput)!, a!.quantity.change));
  const right = ends.map(gradient => writer.pairing(gradient.leaf, gradient.quantity.change));
  return {
    kind: "question",
    title: "What is looked for",
    sentence:
      "The derivative of a function of tensors is a linear map: it takes small changes of the inputs to the change of the output. Backward is the transpose of that map. To find it without a table of all its entries, write the inner product ⟨G, Z⟩, the sum of all products of entries, of what flows back with the change of the output; rearrange it line by line until each input's change stands alone. What it then stands beside is that input's gradient.",
    caution: null,
    lines: [{ kind: "pairing", of: null, ...equation(plus(left), plus(right)) }],
  };
}

const isGradOutput = (e: Expression): boolean => e.kind === "leaf" && e.role === "gradOutput";

function backwards({ line, arrivals, movements, flows }: Link, writer: Writer, told: Set<string>): Draft {
  const { kind, sentence, caution } = wordsOf(line);
  const fresh = !told.has(kind);
  told.add(kind);
  const present = arrivals.filter(arrival => arrival !== null);
  const uses = Math.max(...present.map(({ terms }) => terms.length));
  const gathered = uses > 1 ? "It is used more than once: what flows back from each use is added up." : null;
  const lines: Drafted[] = line.results.map((quantity, r) =>
    writer.define("operation", quantity, line.written[r]!),
  );
  for (const arrival of present) {
    if (arrival.terms.length > 1 || arrival.leaf !== arrival.terms[0]) lines.push(writer.arrives(arrival));
  }
  const each = line.results.flatMap((quantity, r) => {
    const terms = movements.map(({ changes }) => changes[r] ?? null).filter(e => e !== null);
    return terms.length === 0 || arrivals[r] === null ? [] : [{ quantity, terms }];
  });
  const changes = writer.together(each.flatMap(({ terms }) => terms));
  lines.push(...changes.where);
  let next = 0;
  for (const { quantity, terms } of each) {
    const written = terms.map(() => changes.written[next++]!);
    lines.push({
      kind: "differential",
      of: quantity.leaf.shape,
      ...equation(writer.leaf(quantity.change), plus(written)),
    });
  }
  const flowing = writer.together(flows.map(({ expression }) => expression));
  lines.push(...flowing.where);
  flows.forEach(({ place }, f) => {
    const { changes: moved } = movements[f]!;
    const pairs = arrivals.flatMap((arrival, r) => {
      const e = moved[r] ?? null;
      // A change that is told by its parts is here told by its name.
      const told = e === null ? null : writer.short(e);
      if (arrival === null || told === null) return [];
      return [angle(writer.leaf(arrival.leaf), told)];
    });
    const right = angle(flowing.written[f]!, writer.leaf(place.quantity.change));
    const of = place.quantity.leaf.shape;
    const left = plus(pairs);
    const said = pairs.length > 0 && left.maths !== right.maths;
    lines.push({ kind: "pairing", of, ...(said ? equation(left, right) : right) });
  });
  return {
    kind: "backward",
    title: `Back through ${line.results.map(({ sign }) => sign.maths).join(", ")}`,
    sentence: [fresh ? sentence : null, gathered].filter(text => text !== null).join(" "),
    caution: fresh || caution?.includes("broadcasting") ? caution : null,
    lines,
  };
}

function gradients(
  { gradients, signs }: Chain,
  { grads, kept }: Checked["derivation"],
  writer: Writer,
  conclusion: string,
): Draft[] {
  kept.forEach(({ leaf }, k) => {
    signs.set(leaf, numbered("s", k + 1));
  });
  return gradients.flatMap((arrival, i): Draft[] => {
    const right = grads[i] ?? null;
    if (arrival === null || right === null) return [];
    const { maths } = arrival.quantity.sign;
    const sum = writer.arrives(arrival);
    const simple = writer.together([right]);
    const needed = kept.filter(({ leaf }) => simple.mentions(leaf));
    const result = writer.named("result", arrival.quantity, arrival.leaf, simple.written[0]!);
    const repeats =
      sum.maths === result.maths || isGradOutput(arrival.leaf) || sum.maths.length > 2 * LONGEST;
    const many = arrival.terms.length > 1;
    return [
      {
        kind: "gradient",
        title: `The gradient for ${maths}`,
        sentence: many
          ? `${maths} is used ${times(arrival.terms.length)}, and what flows back from each use is added up. ${conclusion}`
          : conclusion,
        caution: null,
        lines: [
          ...(repeats ? [] : [{ ...sum, kind: "sum" as const }]),
          ...needed.map(({ expression, leaf }) => writer.where(leaf, expression)),
          ...simple.where,
          result,
        ],
      },
    ];
  });
}

const OF_BACKWARD = "With everything put in and simplified, this is what backward returns.";
const OF_LOSS =
  "Differentiation starts at the loss, so what flows into it is 1. With everything put in and simplified, this is the gradient.";

const times = (n: number): string => (n === 2 ? "twice" : `${n} times`);

/** Writes expressions in both notations. */
class Writer {
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  write(e: Expression, names: ReadonlyMap<Expression, string> = new Map()): Sign {
    const name = names.get(e);
    if (name !== undefined) return { maths: name, latex: name };
    const known = { ...this.#known, names };
    return { maths: asMaths(e, known), latex: asLatex(e, known) };
  }

  leaf(leaf: Leaf): Sign {
    return this.write(leaf);
  }

  /** What is short enough to be read within another formula. */
  short(e: Expression): Sign | null {
    const written = this.write(e);
    return written.maths.length > LONGEST ? null : written;
  }

  /** Formulas that are too long to be read are told by their common parts. */
  together(expressions: readonly Expression[]): {
    written: Sign[];
    where: Drafted[];
    mentions(leaf: Leaf): boolean;
  } {
    const plain = expressions.map(e => this.write(e));
    const parts = plain.every(({ maths }) => maths.length <= LONGEST) ? [] : commonParts(expressions, ["t"]);
    const names = new Map<Expression, string>();
    const where = parts.map(({ name, expression }): Drafted => {
      const line = {
        ...equation({ maths: name, latex: name }, this.write(expression, names)),
        of: expression.shape,
      };
      names.set(expression, name);
      return { kind: "where", ...line };
    });
    const written = names.size === 0 ? plain : expressions.map(e => this.write(e, names));
    const all = [...written, ...where];
    return {
      written,
      where,
      mentions: leaf => all.some(({ latex }) => latex.includes(this.leaf(leaf).latex)),
    };
  }

  define(kind: LineKind, { leaf, sign }: Quantity, e: Expression): Drafted {
    return { kind, of: leaf.shape, ...equation(sign, this.write(e)) };
  }

  where(leaf: Leaf, e: Expression): Drafted {
    return { kind: "where", of: e.shape, ...equation(this.leaf(leaf), this.write(e)) };
  }

  arrives({ quantity, terms, leaf }: Arrival): Drafted {
    return this.named("arrives", quantity, leaf, plus(terms.map(term => this.write(term))));
  }

  named(kind: LineKind, { leaf: { shape } }: Quantity, leaf: Leaf, formula: Sign): Drafted {
    return { kind, of: shape, ...equation(this.leaf(leaf), formula) };
  }

  pairing(left: Expression, right: Leaf): Sign {
    return angle(this.write(left), this.leaf(right));
  }
}

function equation(left: Sign, right: Sign): Sign {
  return { maths: `${left.maths} = ${right.maths}`, latex: `${left.latex} = ${right.latex}` };
}

function angle(left: Sign, right: Sign): Sign {
  return {
    maths: `⟨${left.maths}, ${right.maths}⟩`,
    latex: `\\left\\langle ${left.latex},\\; ${right.latex} \\right\\rangle`,
  };
}

/** a + b − c */
function plus(terms: readonly Sign[]): Sign {
  const add = (notation: keyof Sign, minus: string): string =>
    terms
      .map(term => term[notation])
      .reduce((sum, term) =>
        term.startsWith(minus) ? `${sum} ${minus} ${term.slice(minus.length)}` : `${sum} + ${term}`,
      );
  return terms.length === 0
    ? { maths: "0", latex: "0" }
    : { maths: add("maths", "−"), latex: add("latex", "-") };
}
