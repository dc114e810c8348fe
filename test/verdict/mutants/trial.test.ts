/** @file The tool itself: what counts as a mutant, and that a judge that lets one pass is found out. */

import { join } from "node:path";
import { type Tensor, tensor } from "@gradient-lens/engine";
import { afterAll, describe, expect, test } from "vitest";
import { dispose } from "./examination.ts";
import type { RuleClass } from "./points.ts";
import { besides, differs, pullbackAt, roundingOf } from "./pullback.ts";
import { passes, print, reportOf } from "./report.ts";
import { type Rule, RulesError, readRules } from "./rules.ts";
import { tryRule } from "./trial.ts";

const fixtures = join(import.meta.dirname, "fixtures", "forms");
const rules = await readRules([fixtures]);
const named = (name: string): Rule => rules.find(({ site }) => site.name === name)!;
afterAll(dispose);

describe("rules", () => {
  test("are all Functions of a folder but abstract ones", async () => {
    const names = ["Product", "Power", "Exponential", "Cube", "Tanh"];
    const all = [...names.map(name => `forms.ts:${name}`), "ties.ts:Larger"];
    expect(rules.map(({ id }) => id)).toEqual(all);
    expect(await readRules([join(fixtures, "forms.ts")])).toHaveLength(names.length);
  });

  test("a folder without any is refused", async () => {
    await expect(readRules([join(fixtures, "none")])).rejects.toThrow(RulesError);
  });
});

describe("mutants", () => {
  test("that change nothing, do not run, or repeat another are not counted", async () => {
    const { mutants } = await tryRule(named("Exponential"), { seeds: [0] });
    const names = mutants.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["sign", "factor-1.00001", "abs-of-g", "input-for-output"]));
    // No input is saved; and to drop gradOutput gives what ones in its place give.
    expect(names).not.toContain("output-for-input");
    expect(names.filter(name => name.startsWith("dropped-factor"))).toEqual([
      "dropped-factor 47:12 gradOutput.mul(output) → gradOutput",
    ]);
  });

  test("that differ at a tie alone are not counted", async () => {
    const { mutants } = await tryRule(named("Larger"), { seeds: [0] });
    const names = mutants
      .map(({ name }) => name)
      .filter(name => /^(dropped-factor|other-constant)/.test(name));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter(name => name.includes("div(2)") && !name.includes("add"))).toEqual([]);
  });

  test("of every form are all caught, and the rules pass", { timeout: 120_000 }, async () => {
    for (const rule of rules) {
      const result = await tryRule(rule, { seeds: [0] });
      expect(result.answers).toMatchObject([{ verdict: "correct" }]);
      expect(result.mutants.length).toBeGreaterThan(12);
      expect(result.mutants.filter(({ missed }) => missed.length > 0)).toEqual([]);
    }
  });

  test("can be asked for by kind or name, and passed over", async () => {
    const namesOf = async (only: string[], without: string[] = []): Promise<string[]> => {
      const { mutants } = await tryRule(named("Product"), { seeds: [0], only, without });
      return mutants.map(({ name }) => name);
    };
    expect(await namesOf(["sign"])).toEqual(["sign", "sign of a", "sign of b"]);
    expect(await namesOf(["sign of b", "zero"], ["zero of a", "zero of b"])).toEqual(["sign of b", "zero"]);
  });
});

test("gives a sign of life before each of the judge's answers", async () => {
  const signs: string[] = [];
  await tryRule(
    named("Cube"),
    { seeds: [0, 1], only: ["sign"] },
    (...sign) => void signs.push(sign.join(" ")),
  );
  const mutant = ["sign shown", "sign judged", "sign judged"];
  expect(signs).toEqual([" judged", " judged", ...mutant]);
});

describe("a difference", () => {
  const rule = (factor: number): RuleClass => {
    return { apply: (x: { mul(f: number): unknown }) => x.mul(factor) } as unknown as RuleClass;
  };
  const point = [tensor([1, 2, 3])];
  const correct = pullbackAt(rule(2), point)!;

  test("is one above 1e-9 of the gradient", () => {
    expect(differs(correct, pullbackAt(rule(2 * (1 + 1e-8)), point)!)).toBe(true);
    expect(differs(correct, pullbackAt(rule(2 * (1 + 1e-10)), point)!)).toBe(false);
    expect(differs(correct, pullbackAt(rule(Number.NaN), point) ?? [[Number.NaN]])).toBe(true);
  });

  test("is none where rounding makes as much", () => {
    const other = pullbackAt(rule(2 * (1 + 1e-8)), point)!;
    expect(roundingOf(rule(2), point, correct)).toEqual([0, 0, 0]);
    expect(differs(correct, other, [1, 1, 1])).toBe(false);
  });

  test("is looked for beside ties and zeros, too", () => {
    const [moved] = besides([tensor([0, 1, 1, -2])]) as [Tensor];
    const [zero, one, same, two] = moved.tolist() as number[];
    expect(zero).not.toBe(0);
    expect(one).not.toBe(same);
    expect(one).toBeCloseTo(1, 2);
    expect(two).toBeCloseTo(-2, 2);
  });

  test("is none where a rule does not run", () => {
    const broken = {
      apply() {
        throw new Error("expected a matrix");
      },
    } as unknown as RuleClass;
    expect(pullbackAt(broken, point)).toBeNull();
  });
});

describe("the report", () => {
  const answer = (seed: number, verdict: "correct" | "wrong" | "inconclusive") => ({
    seed,
    verdict,
    rule: verdict === "correct" ? null : "wrong-vjp",
    message: "said so",
  });
  const report = reportOf([
    {
      rule: "a.ts:A",
      answers: [answer(0, "correct"), answer(1, "wrong")],
      mutants: [
        { name: "sign of x", kind: "sign", missed: [] },
        { name: "zero", kind: "zero", missed: [answer(1, "correct")] },
      ],
    },
    { rule: "a.ts:B", answers: [answer(0, "inconclusive"), answer(1, "inconclusive")], mutants: [] },
  ]);

  test("counts", () => {
    expect(report).toMatchObject({
      rules: 2,
      mutants: 2,
      caught: 1,
      falseAlarms: 1,
      inconclusive: 2,
      missed: [{ rule: "a.ts:A", mutant: "zero", seed: 1, verdict: "correct", seeds: 1 }],
    });
    expect(passes(report)).toBe(false);
    expect(passes({ ...report, missed: [], falseAlarms: 0 })).toBe(true);
  });

  test("reads", () => {
    expect(print(report, 2)).toBe(`sign  1/1
zero  0/1

missed: 1
  a.ts:A  zero
      correct, seed 1 (1 of 2 seeds)

false alarms: 1
  a.ts:A  wrong-vjp, seed 1
      said so

inconclusive: 1
  a.ts:B  wrong-vjp, seed 0 and 1 more
      said so

2 rules, 2 mutants, 1 caught; false alarms 1, inconclusive 2, seeds 2`);
  });
});
