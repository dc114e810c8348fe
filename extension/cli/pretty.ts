/** @file The format `pretty`: findings for people, each with the code it is about. */

import { relative } from "node:path";
import { styleText } from "node:util";
import { codeFrameColumns } from "@babel/code-frame";
import type { Finding, Hint, InputReport, Verdict } from "../checker/finding.ts";
import { plainLine, plainSource, plainText } from "../checker/plain-text.ts";
import { errorText, indexText, inputText, largestError, shapeText } from "../checker/wording.ts";
import { diffOf } from "./fix-text.ts";
import { countOf, hintsOf, type Report, type Totals } from "./report.ts";
import type { Terminal } from "./terminal.ts";

type Color = "green" | "red" | "yellow" | "dim" | "bold";

const MARKS: Record<Verdict, { mark: string; color: Color }> = {
  correct: { mark: "✓", color: "green" },
  surrogate: { mark: "✓", color: "green" },
  wrong: { mark: "✗", color: "red" },
  inconclusive: { mark: "?", color: "yellow" },
  skipped: { mark: "–", color: "dim" },
};

export function prettyReport(out: Terminal, cwd: string): Report {
  const style = (color: Color, text: string) =>
    out.colors ? styleText(color, text, { validateStream: false }) : text;

  let hints = 0;

  function finding(finding: Finding, text: string): void {
    hints += hintsOf(finding).length;
    const { mark, color } = MARKS[finding.verdict];
    const head = [
      `${style(color, mark)} ${style("bold", plainLine(finding.name))}`,
      verdictText(finding),
      placeText(finding, cwd),
    ];
    out.write(`${head.join(style("dim", " · "))}\n`);
    const detail = detailOf(finding, text);
    if (detail) out.write(`\n${indented(detail)}\n\n`);
  }

  function hint({ rule, message }: Hint, about: Finding, text: string): void {
    hints++;
    const head = [
      `${style("yellow", "!")} ${style("bold", plainLine(about.name))}`,
      "hint",
      placeText(about, cwd),
    ];
    const fixes = about.fixes.map(({ title }): [string, string] => ["fix", title]);
    const detail = paragraphs(
      plainText(message),
      frameOf(about, text, out.colors),
      rows([["rule", rule], ...fixes]),
    );
    out.write(`${head.join(style("dim", " · "))}\n\n${indented(detail)}\n\n`);
  }

  function detailOf(finding: Finding, text: string): string {
    switch (finding.verdict) {
      case "correct":
      case "surrogate":
        return paragraphs(
          ...finding.hints.map(({ rule, message }) =>
            rows([
              ["hint", message],
              ["rule", rule],
            ]),
          ),
        );
      case "skipped":
        return sentences(finding.message, finding.reason);
      case "inconclusive":
        return paragraphs(
          sentences(finding.message, finding.reason),
          frameOf(finding, text, out.colors),
          rows([
            ["domain", finding.domain],
            ["rule", finding.rule],
          ]),
        );
      case "wrong":
        return paragraphs(
          style("red", plainText(finding.message)),
          plainText(finding.cause?.sentence ?? ""),
          frameOf(finding, text, out.colors),
          rows([
            ["returned", finding.returned],
            ["expected", finding.expected],
            ...finding.inputs.filter(({ verdict }) => verdict !== "unchecked").map(inputRow),
            ["domain", finding.domain],
            ["rule", finding.rule],
            ["fix", finding.fixes[0]?.title ?? null],
          ]),
          changesOf(finding, text),
        );
    }
  }

  function changesOf({ fixes: [fix] }: Finding, text: string): string {
    if (fix === undefined) return "";
    return diffOf(fix, text)
      .map(({ kind, text }) => style(kind === "+" ? "green" : "red", `  ${kind} ${text}`.trimEnd()))
      .join("\n");
  }

  function rows(entries: [label: string, text: string | null][]): string {
    const given = entries.filter((entry): entry is [string, string] => entry[1] !== null);
    const width = Math.max(...given.map(([label]) => label.length));
    return given
      .map(([label, text]) => {
        const hanging = plainText(text).replaceAll("\n", `\n${" ".repeat(width + 2)}`);
        return `${style("dim", label.padEnd(width))}  ${hanging}`;
      })
      .join("\n");
  }

  function end({ summary, files, durationMs }: Totals): void {
    if (countOf(summary) === 0) {
      const found = hints > 0 ? `, ${counted(hints, "hint")}` : "";
      out.write(`No Functions found in ${counted(files, "file")}${found}.\n`);
      return;
    }
    const parts = (Object.keys(MARKS) as Verdict[])
      .filter(verdict => summary[verdict] > 0)
      .map(verdict => style(MARKS[verdict].color, `${summary[verdict]} ${verdict}`));
    if (hints > 0) parts.push(style("yellow", counted(hints, "hint")));
    const seconds = style("dim", `(${(durationMs / 1000).toFixed(1)} s)`);
    out.write(
      `\n${counted(countOf(summary), "Function")} in ${counted(files, "file")}: ${parts.join(", ")} ${seconds}\n`,
    );
  }

  return { finding, hint, end };
}

function verdictText(finding: Finding): string {
  switch (finding.verdict) {
    case "correct":
    case "surrogate": {
      const error = largestError(finding.inputs);
      const tensors = finding.inputs.filter(({ shape }) => shape !== null).map(inputText);
      const verdict = finding.verdict === "correct" ? "correct" : "correct for its surrogate";
      return [verdict, ...tensors, ...(error === null ? [] : [`max error ${errorText(error)}`])]
        .map(plainLine)
        .join(" · ");
    }
    case "wrong":
    case "inconclusive":
    case "skipped":
      return finding.verdict;
  }
}

function placeText({ file, range }: Finding, cwd: string): string {
  return plainLine(`${relative(cwd, file)}:${range.start.line + 1}:${range.start.character + 1}`);
}

function inputRow({ name, shape, verdict, maxError, at }: InputReport): [string, string] {
  const error =
    maxError === null ? "" : `, error ${errorText(maxError)}${at?.length ? ` at ${indexText(at)}` : ""}`;
  return [plainLine(name), `${shape === null ? "" : `${shapeText(shape)} `}${verdict}${error}`];
}

/** Of the code that is shown: what is longer was not written by people. */
const LONGEST_LINE = 1_000;

/** Code frames count lines and columns from one, and end behind the last column. */
function frameOf({ range: { start, end } }: Finding, text: string, colors: boolean): string {
  const location = {
    start: { line: start.line + 1, column: start.character + 1 },
    end: { line: end.line + 1, column: end.character + 1 },
  };
  const frame = codeFrameColumns(plainSource(text), location, { forceColor: colors, highlightCode: colors });
  return frame
    .split("\n")
    .map(line => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line).trimEnd())
    .join("\n");
}

function paragraphs(...parts: string[]): string {
  return parts.filter(part => part !== "").join("\n\n");
}

function sentences(...parts: string[]): string {
  return parts
    .map(part => plainText(part).trim())
    .map(part => (/[.!?:]$/.test(part) ? part : `${part}.`))
    .join(" ");
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
