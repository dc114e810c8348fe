/** @file What the problem of a finding says, and how grave it is. */

import type { Finding } from "../checker/finding.ts";

export interface ProblemText {
  severity: "error" | "warning" | "information" | "hint";
  message: string;
}

/** Undefined where there is no problem: the lens says enough of what is right or was left out. */
export function problemText(finding: Finding): ProblemText | undefined {
  const { message, domain } = finding;
  switch (finding.verdict) {
    case "wrong": {
      const { returned, expected, cause } = finding;
      return {
        severity: "error",
        message: lines(
          message,
          cause?.sentence ?? null,
          `Returned: ${returned}`,
          `Expected: ${expected}`,
          definedFor(domain),
        ),
      };
    }
    case "inconclusive":
      return { severity: "warning", message: lines(message, finding.reason, definedFor(domain)) };
    case "correct":
    case "surrogate": {
      const [hint] = finding.hints;
      // The panel lists no hints. A Function has its lens; of a reduction nothing else tells.
      const severity = hint?.rule === "cross-terms" ? "information" : "hint";
      return hint && { severity, message: hint.message };
    }
    case "skipped":
      return undefined;
  }
}

function definedFor(domain: string | null): string | null {
  return domain === null ? null : `Defined for ${domain}`;
}

function lines(...parts: (string | null)[]): string {
  return parts.filter(part => part !== null && part !== "").join("\n");
}
