/** @file What a hover says of a derivation, and that it says nothing where it would say too much. */

import { expect, test } from "vitest";
import type { Derivation, Derived } from "../checker/derivation.ts";
import { hoverText } from "./hover-text.ts";

const formula = (maths: string) => ({ maths, latex: maths, typescript: null });

function derivedWith(derivation: Partial<Derivation> | null, domain: string | null = null): Derived {
  const whole = {
    gradients: [formula("grad_out @ inputᵀ + inputᵀ @ grad_out")],
    parts: [],
    statements: null,
    imports: [],
    saved: [],
    steps: null,
  };
  return {
    derivation: derivation === null ? null : { ...whole, ...derivation },
    reason: derivation === null ? "It cannot be traced." : null,
    domain,
    inputs: [
      { name: "input", shape: [3, 3] },
      { name: "dim", shape: null },
    ],
    alternatives: [],
  };
}

test("the gradient of each input, with the shapes", () => {
  const derived = derivedWith({}, "input: (n, n); square matrices only; other ranks: (n, m, m) …");
  expect(hoverText("MatrixSquare", derived)).toEqual({
    title: "VJP of MatrixSquare",
    lines: ["input: (n, n); square matrices only", "", "grad_input = grad_out @ inputᵀ + inputᵀ @ grad_out"],
  });
});

test("what the formulas name, below them: what forward keeps first", () => {
  const derived = derivedWith({
    gradients: [formula("t @ s"), null],
    parts: [{ name: "t", ...formula("grad_out / s") }],
    saved: [
      { name: "s", role: "saved", formula: formula("√(input)"), parts: [], place: null },
      { name: "input", role: "input", formula: null, parts: [], place: null },
    ],
  });
  expect(hoverText("F", derived)!.lines).toEqual([
    "grad_input = t @ s",
    "where s = √(input)",
    "      t = grad_out / s",
  ]);
});

test("nothing where nothing was derived, or where it cannot be read at a glance", () => {
  expect(hoverText("F", derivedWith(null))).toBeUndefined();
  expect(hoverText("F", derivedWith({ gradients: [null] }))).toBeUndefined();
  expect(hoverText("F", derivedWith({ gradients: [formula("x + ".repeat(100))] }))).toBeUndefined();
});

test("texts from the sandbox stay one line each, without controls", () => {
  const derived = derivedWith({ gradients: [formula("a\n```\n[x](command:y)\u202e")] });
  expect(hoverText("F\u0007", derived)).toEqual({
    title: "VJP of F",
    lines: ["grad_input = a ``` [x](command:y)"],
  });
});
