/** @file What is said of a Function that was judged, that could not be run, or whose run was stopped. */

import type { Refusal } from "./bundle/refusal.ts";
import type { FunctionSite } from "./checker.ts";
import type { Derived } from "./derivation.ts";
import type { Judgement, Rule } from "./finding.ts";
import { plainLine, plainText } from "./plain-text.ts";
import type { Outcome } from "./sandbox/job.ts";

/** How a run can end, where nobody cancelled it. */
export type Ending = Exclude<Outcome, { kind: "cancelled" | "tried" }>;

/** Those of a job about a Function. */
export type FunctionEnding = Exclude<Ending, { kind: "measured" }>;

/** What can be said before anything runs; undefined where the Function is ready to be checked. */
export function judgementOfText({ name, backward, unreachable }: FunctionSite): Judgement | undefined {
  if (unreachable) return without("skipped", "cannot-bundle", `${name} was not checked`, unreachable);
  if (!backward) {
    return without(
      "skipped",
      "missing-grad",
      `${name} has no backward yet`,
      "Add a static backward that takes ctx and the gradient of each output, and returns one gradient for each input of forward; or a static jvp that takes ctx and a tangent for each input.",
    );
  }
}

/** Of what the bundler would not, or could not, put together. */
export function judgementOfRefusal(
  name: string,
  { rule, message }: { rule: Rule; message: string },
): Judgement {
  return without("inconclusive", rule, `${name} was not run`, plainText(message));
}

export function judgementOfEnding(
  name: string,
  ending: Exclude<FunctionEnding, { kind: "derived" }>,
): Judgement {
  switch (ending.kind) {
    case "judged":
      return ending.judgement;
    case "time-limit":
      return without(
        "inconclusive",
        "time-limit",
        `${name} was stopped after ${ending.limits.timeMs / 1000} s`,
        "It had not finished. Look for a loop that does not end, check at smaller inputs (sampleInputs), or raise the time limit.",
      );
    case "memory-limit":
      return without(
        "inconclusive",
        "memory-limit",
        `${name} was stopped at ${ending.limits.memoryMb} MB of memory`,
        "Look for a list that only grows, check at smaller inputs (sampleInputs), or raise the memory limit.",
      );
    case "crashed":
      return without(
        "inconclusive",
        "sandbox-violation",
        `${name} ended the process it ran in`,
        `${sentence(plainLine(ending.detail))}Check again; if it happens each time, leave out parts of forward and backward until it does not.`,
      );
  }
}

/** What is said where nothing was derived, in the same words. */
export function derivedOf(name: string, ended: FunctionEnding | Refusal): Derived {
  if ("refused" in ended) return underived(plainText(ended.refused.message));
  if (ended.kind === "derived") return ended.derived;
  const { message, reason } = judgementOfEnding(name, ended) as Extract<Judgement, { reason: string }>;
  return underived(`${message}. ${reason}`);
}

function underived(reason: string): Derived {
  return { derivation: null, reason, domain: null, inputs: [], alternatives: [] };
}

function without(
  verdict: "inconclusive" | "skipped",
  rule: Rule,
  message: string,
  reason: string,
): Judgement {
  return { verdict, rule, message, reason, domain: null, inputs: [] };
}

function sentence(text: string): string {
  if (text === "") return "";
  return /[.!?]$/.test(text) ? `${text} ` : `${text}. `;
}
