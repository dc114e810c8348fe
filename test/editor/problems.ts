/** @file The rows of the Problems panel. */

import type { Page } from "playwright-core";

export interface Problem {
  file: string;
  severity: string;
  message: string;
  /** Who reports it, "gradient-lens" or "ts" say, and under which code; empty where it gives none. */
  source: string;
  code: string;
  /** One-based. */
  line: number;
  column: number;
}

/** The rows that the panel shows; it must be open, and has no rows below its lower edge. */
export function readProblems(page: Page): Promise<Problem[]> {
  return page.locator(".markers-panel .monaco-list-row").evaluateAll(rows => {
    const text = (row: Element, selector: string): string =>
      row.querySelector(selector)?.textContent?.trim() ?? "";
    const problems: Problem[] = [];
    let file = "";
    for (const row of rows.sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))) {
      if (row.getAttribute("aria-level") === "1") {
        file = text(row, ".label-name");
        continue;
      }
      const place = /Ln (\d+), Col (\d+)/.exec(text(row, ".marker-line"));
      // Rows of the third level are related information; they have no marker icon.
      const severity = /marker-icon (\w+)/.exec(row.querySelector(".marker-icon")?.className ?? "")?.[1];
      if (!place || !severity) continue;
      problems.push({
        file,
        severity,
        message: [...row.querySelectorAll(".marker-message")].map(line => line.textContent).join("\n"),
        source: text(row, ".marker-source"),
        code: text(row, ".marker-code"),
        line: Number(place[1]),
        column: Number(place[2]),
      });
    }
    return problems;
  });
}
