/** @file The format `json`: all findings as one object, for programs. People's scripts stand on its names. */

import { relative, sep } from "node:path";
import type { Finding, Hint } from "../checker/finding.ts";
import { hintsOf, type Report, type Summary } from "./report.ts";
import type { Terminal } from "./terminal.ts";

/** Of this format: a change that could break a reader raises it. */
const VERSION = 1;

/** What characters JSON lets through as they are and a terminal would obey. */
const CONTROLS = /[\u007f-\u009f]|\p{Bidi_Control}/gu;

export function jsonReport(out: Terminal, cwd: string): Report {
  const functions: object[] = [];
  const hints: object[] = [];
  return {
    finding: finding => void functions.push(asJson(finding, cwd)),
    hint: (hint, finding) => void hints.push(hintAsJson(hint, finding, cwd)),
    end({ summary }) {
      const document: { version: number; functions: object[]; hints: object[]; summary: Summary } = {
        version: VERSION,
        functions,
        hints,
        summary,
      };
      out.write(`${JSON.stringify(document, null, 2).replace(CONTROLS, escaped)}\n`);
    },
  };
}

/** Every name is there in every finding, null where it does not apply. */
function asJson(finding: Finding, cwd: string): object {
  const { name, file, range, verdict, rule, message, domain, inputs, seed, durationMs } = finding;
  return {
    name,
    file: fileAsJson(file, cwd),
    range,
    verdict,
    rule,
    message,
    domain,
    inputs: inputs.map(({ name, shape, verdict, maxError, at }) => ({
      name,
      shape,
      verdict,
      maxError: finite(maxError),
      at,
    })),
    returned: "returned" in finding ? finding.returned : null,
    expected: "expected" in finding ? finding.expected : null,
    cause: "cause" in finding ? finding.cause : null,
    fix: finding.fixes[0] ?? null,
    reason: "reason" in finding ? finding.reason : null,
    hints: hintsOf(finding),
    seed,
    durationMs,
  };
}

/** Of an expression that is no Function. Which of its fixes is meant, if any, only its author knows. */
function hintAsJson({ rule, message }: Hint, { name, file, range, fixes }: Finding, cwd: string): object {
  return { name, file: fileAsJson(file, cwd), range, rule, message, fix: fixes[0] ?? null, fixes };
}

function fileAsJson(file: string, cwd: string): string {
  return relative(cwd, file).split(sep).join("/");
}

/** JSON has no infinity and no NaN: as strings they stay what they are, where null would say that nothing was measured. */
function finite(value: number | null): number | string | null {
  return value === null || Number.isFinite(value) ? value : String(value);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
