import { expect, it } from "vitest";
import type { Finding, Verdict } from "../checker/finding.ts";
import type { Status } from "./finding-store.ts";
import { statusText, tally } from "./status-text.ts";

const checked = (verdict: Verdict): Status => ({ kind: "checked", finding: { verdict } as Finding });
const CHECKING: Status = { kind: "checking", run: new AbortController() };
const textOf = (...statuses: Status[]) => statusText(tally(statuses), true);

it("counts problems first, what runs before all, and everything where all is well", () => {
  expect(textOf(checked("correct"), checked("surrogate")).text).toBe("$(pass) ∇ 2");
  expect(textOf(checked("correct"), checked("wrong"), checked("inconclusive")).text).toBe("$(error) ∇ 2");
  expect(textOf(checked("correct"), checked("inconclusive")).text).toBe("$(question) ∇ 1");
  expect(textOf(checked("wrong"), CHECKING, CHECKING).text).toBe("$(sync~spin) ∇ 2");
  expect(textOf(checked("correct"), { kind: "stale" }).text).toBe("$(circle-outline) ∇ 2");
});

it("names what it counts", () => {
  const statuses = [checked("correct"), checked("surrogate"), checked("wrong"), checked("skipped")];
  expect(textOf(...statuses, { kind: "unchecked" }, CHECKING).summary).toBe(
    "Functions: 1 being checked, 1 wrong, 2 correct, 1 skipped, 1 not checked.",
  );
});

it("says that nothing is checked without trust", () => {
  const { text, summary } = statusText(tally([{ kind: "unchecked" }]), false);
  expect(text).toContain("workspace-untrusted");
  expect(summary).toMatch(/not trusted/);
});
