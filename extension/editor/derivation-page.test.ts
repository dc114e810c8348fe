/** @file The derivation's page: what is typeset, and that nothing that came out of checked code can become markup. */

import { describe, expect, test } from "vitest";
import type { Derived } from "../checker/derivation.ts";
import { derivationPage, typeset } from "./derivation-page.ts";

const RESOURCES = {
  cspSource: "https://example.test",
  nonce: "0123456789abcdef",
  styles: ["https://example.test/katex.css"],
  script: "https://example.test/derivation.js",
};

function page(derived: Derived | null, name = "Square"): { html: string; formulas: readonly string[] } {
  return derivationPage({ name, derived }, RESOURCES);
}

function derivedWith(text: string, latex = text): Derived {
  const line = { kind: "operation" as const, maths: text, latex, shape: text };
  const formula = { maths: text, latex, typescript: null };
  return {
    derivation: {
      gradients: [formula],
      parts: [{ name: text, ...formula }],
      statements: null,
      imports: [],
      saved: [],
      steps: [{ kind: "forward", title: text, sentence: text, lines: [line], caution: text }],
    },
    reason: null,
    alternatives: [],
    domain: text,
    inputs: [],
  };
}

/** Tags of a page, without those that the page itself and KaTeX are made of. */
function strangeTags(html: string): string[] {
  const known =
    /^(!DOCTYPE|html|head|meta|title|link|body|h1|h2|div|p|section|button|span|script|math|semantics|mrow|mi|mo|mn|ms?|mtext|msup|msub|msubsup|mfrac|msqrt|mover|mspace|mstyle|mpadded|annotation|svg|path|munder|mphantom|menclose)$/;
  return [...html.matchAll(/<\/?([!\w-]+)/g)].map(([, name]) => name!).filter(name => !known.test(name));
}

test("formulas are typeset, for eyes and for screen readers, and can be copied", () => {
  const { html, formulas } = page(derivedWith("G @ Xᵀ", "G \\, X^{\\top}"));
  expect(html).toContain('class="katex"');
  expect(html).toContain("<math");
  expect(formulas).toEqual(["G \\, X^{\\top}"]);
});

test("what it is waiting for, and why there is none", () => {
  expect(page(null).html).toContain("Deriving");
  const { html } = page({
    derivation: null,
    reason: "It reads <elements>.",
    domain: null,
    inputs: [],
    alternatives: [],
  });
  expect(html).toContain("It reads &#60;elements&#62;.");
  expect(html).toContain("adjoint system");
});

test("a derivation that is too long to be followed shows its end", () => {
  const derived = derivedWith("u", "u");
  derived.derivation!.steps = null;
  expect(page(derived).html).toContain("What backward returns");
});

describe("what comes out of checked code stays text:", () => {
  test.each([
    '<img src=x onerror="alert(1)">',
    "</script><script>alert(1)</script>",
    "</title><h1 onclick=alert(1)>",
    '"><svg onload=alert(1)>',
    "\\href{javascript:alert(1)}{x}",
    "\\url{javascript:alert(1)}",
    "\\includegraphics{https://evil.test/x.png}",
    "\\htmlClass{domain}{x}",
    '\\htmlData{formula=0}{x} \\htmlStyle{background:url("https://evil.test")}{x}',
    "\\def\\a{\\a\\a}\\a",
    "\\rule{1000em}{1000em}",
    "x } {",
    "\u202etxt\u202c\u0007",
  ])("%s", hostile => {
    const { html } = page(derivedWith(hostile), hostile);
    const shown = html.replace(/<annotation[^>]*>.*?<\/annotation>/gs, "");
    expect(strangeTags(html)).toEqual([]);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(shown).not.toMatch(
      /<[^>]*\s(on\w+|href="(?!https:\/\/example\.test)|src="(?!https:\/\/example\.test))/,
    );
    expect(shown).not.toMatch(/<[^>]*(javascript:|url\()/);
    for (const control of ["\u0007", "\u202e"]) expect(html).not.toContain(control);
    expect(html).not.toMatch(/style="[^"]*1000em/);
  });

  test("in the policy, only the page's own files and its one script are let in", () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page(null).html)![1]!;
    expect(policy).toContain("default-src &#39;none&#39;");
    expect(policy).toContain("script-src &#39;nonce-0123456789abcdef&#39;");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });
});

test("what KaTeX refuses is shown as plain text", () => {
  expect(typeset("\\frac{", "a < b")).toBe('<span class="plain">a &#60; b</span>');
});

test("what would take KaTeX seconds is shown as plain text: one long formula, and many", () => {
  expect(typeset("x".repeat(20_000), "x")).toBe('<span class="plain">x</span>');
  const many = derivedWith("y", "y".repeat(3_000));
  const step = many.derivation!.steps![0]!;
  step.lines = Array.from({ length: 100 }, () => step.lines[0]!);
  const { html, formulas } = page(many);
  expect(formulas).toHaveLength(100);
  expect(html.match(/class="katex"/g)!.length).toBeLessThan(20);
  expect(html.match(/class="plain"/g)!.length).toBeGreaterThan(80);
});
