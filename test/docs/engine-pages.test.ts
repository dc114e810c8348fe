/**
 * @file The code on the engine's pages runs, and gives what the pages say: a line `expression; // => value`
 * is checked, and so is `// throws text` at the end of one that must throw.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isTensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { inCache, inProject } from "../../scripts/project.ts";

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;

/** A block's lines with each promise made into a call that checks it. */
function checked(code: string): string {
  return code
    .split("\n")
    .map(line => {
      const value = /^(\s*)(.+?);\s*\/\/ => (.*)$/.exec(line);
      if (value) return `${value[1]}checks.value(${value[2]}, ${JSON.stringify(value[3])});`;
      const thrown = /^(\s*)(.+?);\s*\/\/ throws (.*)$/.exec(line);
      if (thrown) return `${thrown[1]}checks.thrown(() => ${thrown[2]}, ${JSON.stringify(thrown[3])});`;
      return line;
    })
    .join("\n");
}

let made = 0;
const checks = {
  value(actual: unknown, expected: string): void {
    made++;
    const text = isTensor(actual) || typeof actual === "string" ? String(actual) : JSON.stringify(actual);
    expect(text.replaceAll(/\s+/g, "")).toBe(expected.replaceAll(/\s+/g, ""));
  },
  thrown(body: () => unknown, text: string): void {
    made++;
    expect(body).toThrow(text);
  },
};
Object.assign(globalThis, { checks });

const pages = [
  "engine/README.md",
  ...readdirSync(inProject("docs", "engine"))
    .filter(name => name.endsWith(".md"))
    .map(name => `docs/engine/${name}`),
];

describe.each(pages)("%s", page => {
  const blocks = [...readFileSync(inProject(page), "utf8").matchAll(BLOCK)].map(match => match[1]!);

  test.each(blocks.map((code, i) => [i + 1, code] as const))("block %i", async (i, code) => {
    mkdirSync(inCache("docs"), { recursive: true });
    const file = inCache("docs", `${page.replace(".md", "").replaceAll("/", "-")}-${i}.ts`);
    writeFileSync(file, checked(code));
    await import(/* @vite-ignore */ file);
  });

  test("promises something", () => {
    expect(blocks.some(code => /\/\/ (=>|throws) /.test(code))).toBe(true);
  });
});

test("the promises were checked", () => {
  expect(made).toBeGreaterThan(pages.length);
});
