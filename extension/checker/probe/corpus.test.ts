/** @file No rule of the corpus needs `sampleInputs()`: inputs are found for each, from its text as the editor shows it. */

import { readdirSync, readFileSync } from "node:fs";
import { Function, type FunctionClass } from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { describe, expect, test } from "vitest";
import { findFunctions } from "../source/functions.ts";
import { search } from "./search.ts";

const RULES = new URL("../../../test/verdict/rules/", import.meta.url);
const MOST_TRIES = 1000;

describe.each(readdirSync(RULES).filter(file => file.endsWith(".ts")))("%s", async file => {
  const text = readFileSync(new URL(file, RULES), "utf8");
  const rules = (await import(new URL(file, RULES).href)) as Record<string, unknown>;
  const classes = Object.entries(rules).flatMap(([name, rule]) =>
    typeof rule === "function" && rule.prototype instanceof Function ? [name] : [],
  );
  const sites = await findFunctions(`/${file}`, text, async () => undefined);

  test.each(sites.filter(({ name }) => classes.includes(name)))("$name", ({ name, forward }) => {
    for (const seed of [1, 2, 3]) {
      const random = new Generator(seed);
      const { samples, tries, errors } = search(rules[name] as FunctionClass, forward!.parameters!, () =>
        random.uniform("float64"),
      );
      expect(samples, [...errors.keys()].slice(0, 5).join("\n")).not.toEqual([]);
      expect(tries).toBeLessThan(MOST_TRIES);
    }
  });

  test("every rule is there", () => {
    expect(sites.map(({ name }) => name)).toEqual(expect.arrayContaining(classes));
  });
});
