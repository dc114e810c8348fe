/**
 * @file The page that shows a derivation. All that is in it came out of checked code's names and texts: it is escaped, or set by KaTeX
 * with its commands for links, styles and images off.
 */

import katex from "katex";
import type { DerivationLine, DerivationStep, Derived } from "../checker/derivation.ts";
import { plainLine } from "../checker/plain-text.ts";

/** What the page shows. */
export interface Shown {
  /** What is derived: "MatrixSquare". */
  readonly name: string;
  /** Null while it is being worked out. */
  readonly derived: Derived | null;
}

/** Where the page's own files are, and what they may be loaded from. */
export interface PageResources {
  readonly cspSource: string;
  readonly nonce: string;
  readonly styles: readonly string[];
  readonly script: string;
}

export interface Page {
  readonly html: string;
  /** LaTeX of each formula, by the number that it has in the page. */
  readonly formulas: readonly string[];
}

const LABELS: Readonly<Record<DerivationLine["kind"], string>> = {
  operation: "forward",
  arrives: "flows back",
  differential: "moves by",
  pairing: "so",
  where: "where",
  sum: "added up",
  result: "backward",
};

export function derivationPage({ name, derived }: Shown, resources: PageResources): Page {
  const formulas: string[] = [];
  const body =
    derived === null
      ? paragraph("Deriving …")
      : derived.derivation === null
        ? refusal(derived)
        : derivation(derived, formulas);
  const { cspSource, nonce, styles, script } = resources;
  const policy = [
    "default-src 'none'",
    `style-src ${cspSource}`,
    // KaTeX places its parts by style attributes.
    "style-src-attr 'unsafe-inline'",
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
  ].join("; ");
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(titleOf(name))}</title>
${styles.map(style => `<link rel="stylesheet" href="${escaped(style)}">`).join("\n")}
</head>
<body>
<h1>${escaped(plainLine(name))}</h1>
${derived?.domain == null ? "" : `<div class="domain">${escaped(plainLine(derived.domain))}</div>`}
${body}
<div id="said" role="status"></div>
<script nonce="${escaped(nonce)}" src="${escaped(script)}"></script>
</body>
</html>`;
  return { html, formulas };
}

export function titleOf(name: string): string {
  return `Derivation of ${plainLine(name)}`;
}

function derivation({ derivation }: Derived, formulas: string[]): string {
  const { steps } = derivation!;
  if (steps !== null) return steps.map(step => section(step, formulas)).join("\n");
  const sentence =
    "Forward takes more operations than can be followed one by one. This is what backward returns, with everything put in and simplified.";
  const lines = [
    ...derivation!.parts.map(part => ({ ...part, kind: "where" as const })),
    ...derivation!.gradients.flatMap(formula =>
      formula === null ? [] : [{ ...formula, kind: "result" as const }],
    ),
  ].map(({ kind, maths, latex, ...rest }): DerivationLine => {
    const named = "name" in rest ? `${rest.name} = ` : "";
    return { kind, maths: `${named}${maths}`, latex: `${named}${latex}`, shape: null };
  });
  return section(
    { kind: "gradient", title: "What backward returns", sentence, lines, caution: null },
    formulas,
  );
}

/** Why there is none, and what can be done where the function is known by an equation only. */
function refusal({ reason }: Derived): string {
  return [
    paragraph(reason ?? "It cannot be derived."),
    paragraph(
      "Does forward find X as what solves an equation F(X, A) = 0, step by step? Then differentiate the equation, not the steps: ∂F/∂X dX + ∂F/∂A dA = 0. What flows back to A is −(∂F/∂A)ᵀ U, where U solves the adjoint system (∂F/∂X)ᵀ U = G. The engine's implicit.root does that for any F.",
    ),
  ].join("\n");
}

function section({ kind, title, sentence, lines, caution }: DerivationStep, formulas: string[]): string {
  return [
    `<section class="${kind}">`,
    `<h2>${escaped(plainLine(title))}</h2>`,
    sentence === "" ? "" : paragraph(sentence),
    ...lines.map((line, i) => formulaLine(line, lines[i - 1]?.kind, kind, formulas)),
    caution === null ? "" : `<p class="caution">${escaped(plainLine(caution))}</p>`,
    "</section>",
  ]
    .filter(text => text !== "")
    .join("\n");
}

function formulaLine(
  { kind, maths, latex, shape }: DerivationLine,
  before: DerivationLine["kind"] | undefined,
  step: DerivationStep["kind"],
  formulas: string[],
): string {
  const speaks = step === "question" || step === "forward";
  const label = speaks ? "" : `<span class="label">${kind === before ? "" : LABELS[kind]}</span>`;
  const number = formulas.push(latex) - 1;
  const isRoom = formulas.reduce((n, { length }) => n + length, 0) <= LONGEST_PAGE;
  return [
    `<div class="line ${kind}">`,
    label,
    `<button class="formula" data-formula="${number}" title="Copy as LaTeX">${isRoom ? typeset(latex, maths) : plain(maths)}</button>`,
    `<span class="shape">${shape === null ? "" : escaped(plainLine(shape))}</span>`,
    "</div>",
  ].join("");
}

/** Longer ones take KaTeX seconds, and nobody reads them; as much for all the formulas of a page. */
const LONGEST = 4_000;
const LONGEST_PAGE = 40_000;

/** Set by KaTeX; what it refuses, or is too long to be set, stands there as plain text. */
export function typeset(latex: string, maths: string): string {
  if (latex.length > LONGEST) return plain(maths);
  try {
    return katex.renderToString(latex, {
      throwOnError: true,
      trust: false,
      strict: "ignore",
      output: "htmlAndMathml",
      maxSize: 10,
      maxExpand: 100,
    });
  } catch {
    return plain(maths);
  }
}

function plain(maths: string): string {
  return `<span class="plain">${escaped(plainLine(maths))}</span>`;
}

function paragraph(text: string): string {
  return `<p>${escaped(plainLine(text))}</p>`;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}
