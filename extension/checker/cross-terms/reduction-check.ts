/** @file What the check does with a reduction that may mix samples: found in the text, put into a script, judged in words. */

import type { ReductionSite } from "../checker.ts";
import type { Fix, Judgement, Range } from "../finding.ts";
import { plainText } from "../plain-text.ts";
import type { Parameter } from "../sandbox/job.ts";
import { LineIndex } from "../source/line-index.ts";
import { type Module, moduleOf } from "../source/module.ts";
import { mayDeclareFunctions, outlineOf } from "../source/outline.ts";
import { scriptLanguage } from "../source/script-language.ts";
import type { CrossTerms } from "./cross-terms.ts";
import { mayHoldReductions } from "./may-hold.ts";
import { type Reduction, reductionsIn } from "./reductions.ts";
import { type Rewrite, rewritesOf } from "./rewrites.ts";
import { matrixText, textWith } from "./script.ts";

/** The reductions of a file that may mix samples, in the order of the text; never throws on half-typed code. */
export async function findReductions(file: string, text: string): Promise<ReductionSite[]> {
  if (scriptLanguage(file) === undefined || !mayHoldReductions(text)) return [];
  try {
    const module = moduleOf(file, text);
    if (!mayDeclareFunctions(text, await outlineOf(module))) return [];
    const lines = new LineIndex(text);
    return reductionsIn(module).map(({ expression }) => ({
      kind: "reduction",
      name: nameOf(expression.getText()),
      range: lines.rangeOf(expression.getStart(), expression.end),
    }));
  } catch (error) {
    // The compiler descends recursively: code nested thousands deep exhausts the stack.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** As much of an expression as names it in a list. */
const LONGEST_NAME = 60;

function nameOf(text: string): string {
  const line = text.replace(/\s+/g, "");
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME - 1)}…` : line;
}

/** A reduction made ready for the sandbox. */
export interface PreparedReduction {
  /** The file's text with the reduction as a function at its end. */
  text: string;
  parameters: Parameter[];
  rewrites: Rewrite[];
  /** Says that the cross terms are meant. */
  ignore: Fix;
}

/** The reduction at a place of the text as it stands; undefined where there is none (any more). */
export function prepareReduction(file: string, text: string, range: Range): PreparedReduction | undefined {
  const module = moduleOf(file, text);
  const lines = new LineIndex(text);
  const at = lines.offsetAt(range.start);
  const end = lines.offsetAt(range.end);
  const reduction = reductionsIn(module).find(
    ({ expression }) => expression.getStart() === at && expression.end === end,
  );
  const matrix = reduction && matrixText(reduction);
  if (!reduction || matrix === undefined) return undefined;
  const rewrites = rewritesOf(reduction, module, lines);
  return {
    text: textWith(reduction, matrix, rewrites, module),
    parameters: parametersOf(reduction),
    rewrites,
    ignore: ignoring(reduction, module, lines),
  };
}

/** Those that the file makes itself are tensors as they are there. */
function parametersOf({ free }: Reduction): Parameter[] {
  return free.variables.map(({ text, type }) => ({
    name: text,
    type,
    optional: false,
    initializer: null,
    rest: false,
  }));
}

function ignoring({ expression }: Reduction, { text }: Module, lines: LineIndex): Fix {
  const { line } = lines.positionAt(expression.getStart());
  const start = lines.offsetAt({ line, character: 0 });
  const indent = /^[ \t]*/.exec(text.slice(start))![0];
  const range = lines.rangeOf(start, start);
  return {
    title: "Say that the cross terms are meant: // gradient-lens-ignore cross-terms",
    edits: [{ range, newText: `${indent}// gradient-lens-ignore cross-terms\n` }],
    verified: true,
  };
}

/** A reduction is checked in passing: where it cannot be run, nobody is told. */
export function notRun({ name }: ReductionSite): Judgement {
  return {
    verdict: "skipped",
    rule: "cross-terms",
    message: `${name} was not looked into`,
    reason: "It could not be run by itself.",
    domain: null,
    inputs: [],
  };
}

/** What is told of a reduction: a hint, if it mixes samples, and what it could be instead. */
export function judgementOfReduction(
  { name }: ReductionSite,
  crossTerms: CrossTerms | null,
  { rewrites, ignore }: PreparedReduction,
): { judgement: Judgement; fixes: Fix[] } {
  const judged = { verdict: "correct" as const, domain: null, inputs: [] };
  if (crossTerms === null) {
    return {
      judgement: { ...judged, rule: null, message: `${name} mixes no samples`, hints: [] },
      fixes: [],
    };
  }
  const holding = rewrites.filter((_, r) => crossTerms.hold[r] === true);
  const first = holding.filter(({ kind }, r) => holding.findIndex(other => other.kind === kind) === r);
  const message = plainText(messageOf(crossTerms, first[0]?.short));
  return {
    judgement: { ...judged, rule: "cross-terms", message, hints: [{ rule: "cross-terms", message }] },
    fixes: [...first.map(({ fix }) => ({ ...fix, verified: true })), ignore],
  };
}

/** What the question is that people ask: why the gradient is not what it would be for each row by itself. */
function messageOf(
  { batch, term, own, gradient, reduction }: CrossTerms,
  rewritten: string | undefined,
): string {
  const alone = own === null ? "those of each row with itself" : `each row's own ${own}`;
  const holds = `The ${reduction} holds the cross terms ${term} of every pair of rows of ${batch}, not only ${alone}`;
  const mixes = "each row's gradient depends on all the other rows";
  const instead = (of: string): string =>
    [...(rewritten === undefined ? [] : [rewritten]), "a loop over the rows"]
      .map(way => of + way)
      .join(", or ");
  const sentences =
    gradient === null || reduction === "mean"
      ? [`So ${mixes}.`, `What takes each row by itself is ${instead("")}.`]
      : [
          `So ${mixes}, and the gradient by ${batch} is not ${gradient}.`,
          `That is the gradient ${instead("of ")}.`,
        ];
  return [`${holds}.`, ...sentences].join("\n");
}
