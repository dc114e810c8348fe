/** @file What the lens over a `backward` says in each state. */

import type { Finding } from "../checker/finding.ts";
import { plainLine } from "../checker/plain-text.ts";
import { errorText, indexText, inputText, largestError, worstInput } from "../checker/wording.ts";
import type { Status } from "./finding-store.ts";

export interface LensText {
  title: string;
  tooltip: string;
  /** What a click does. */
  action: "check" | "show" | "trust" | "none";
}

/** VS Code lays out icon and text side by side and drops a common space between them. */
const GAP = "\u00a0";

/** A lens is one line beside code: what is longer is in its tooltip and its problem. */
const LONGEST = 120;

export function lensText(status: Status, trusted: boolean): LensText {
  if (!trusted) {
    return {
      title: line("workspace-untrusted", "Not checked: the workspace is not trusted"),
      tooltip: "A check runs the code of this file. Manage Workspace Trust",
      action: "trust",
    };
  }
  switch (status.kind) {
    case "unchecked":
      return {
        title: line("circle-outline", "Check backward"),
        tooltip: "Hold backward against forward",
        action: "check",
      };
    case "stale":
      return {
        title: line("circle-outline", "Check backward", "edited since the last check"),
        tooltip: "Hold backward against forward as it stands now",
        action: "check",
      };
    case "checking":
      return {
        title: line("sync~spin", "Checking backward"),
        tooltip: "The command Cancel stops it",
        action: "none",
      };
    case "checked":
      return ofFinding(status.finding);
  }
}

function ofFinding(finding: Finding): LensText {
  const { message, domain } = finding;
  switch (finding.verdict) {
    case "correct":
      return {
        title: line("pass", "backward correct", ...figures(finding)),
        tooltip: lines(message, domain, "Check again"),
        action: "check",
      };
    case "surrogate":
      return {
        title: line("pass", "backward correct for its surrogate", ...figures(finding)),
        tooltip: lines(message, domain, "Check again"),
        action: "check",
      };
    case "wrong":
      return {
        title: line("error", "backward wrong", wrongPart(finding)),
        tooltip: lines(message, domain, "Show the problem"),
        action: "show",
      };
    case "inconclusive":
      return {
        title: line("question", "inconclusive", message),
        tooltip: lines(message, finding.reason, "Show the problem"),
        action: "show",
      };
    case "skipped":
      return {
        title: line("debug-step-over", "skipped", message),
        tooltip: lines(message, finding.reason, "Check again"),
        action: "check",
      };
  }
}

/** Where the error is, if it has a place: the message itself is the problem's. */
function wrongPart({ inputs, message }: Finding): string {
  const worst = worstInput(inputs);
  if (!worst) return message;
  const at = worst.at?.length ? ` at ${indexText(worst.at)}` : "";
  return `${inputText(worst)} · error ${errorText(worst.maxError!)}${at}`;
}

function figures({ inputs }: Finding): string[] {
  const error = largestError(inputs);
  const tensors = inputs.filter(({ shape }) => shape !== null).map(inputText);
  return [...tensors, ...(error === null ? [] : [`max error ${errorText(error)}`])];
}

function line(icon: string, ...parts: string[]): string {
  const text = parts.map(inert).join(" · ");
  return `$(${icon})${GAP}${text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text}`;
}

function lines(...parts: (string | null)[]): string {
  return parts.filter(part => part !== null).join("\n\n");
}

/** Text from checked code, on one line and without the notation in which a lens draws icons. */
function inert(text: string): string {
  return plainLine(text).replaceAll("$(", "$\u200b(");
}
