import { describe, expect, it } from "vitest";
import type { Fix, TextEdit } from "../checker/finding.ts";
import { preferredFix, together } from "./fixes.ts";

const edit = (line: number, from: number, to: number, newText: string): TextEdit => ({
  range: { start: { line, character: from }, end: { line, character: to } },
  newText,
});
const fix = (...edits: TextEdit[]): Fix => ({ title: "Transpose x", edits, verified: true });

describe("together", () => {
  it("puts the edits of several fixes in the order of the text", () => {
    const [late, early] = [edit(9, 4, 4, ".t()"), edit(2, 0, 3, "")];
    expect(together([fix(late), fix(early)])).toEqual([early, late]);
  });

  it("makes an edit once that several ask for", () => {
    const name = edit(0, 12, 12, ", neg");
    const [a, b] = [edit(3, 1, 2, "neg"), edit(8, 1, 2, "neg")];
    expect(together([fix(name, a), fix(name, b)])).toEqual([name, a, b]);
  });

  it("leaves a fix out as a whole that changes what another changes otherwise", () => {
    const [a, clashing, elsewhere] = [edit(3, 1, 8, "x"), edit(3, 4, 4, "y"), edit(5, 0, 0, "z")];
    expect(together([fix(a), fix(clashing, elsewhere)])).toEqual([a]);
    const [p, q] = [edit(3, 4, 4, ".t()"), edit(3, 4, 4, ".neg()")];
    expect(together([fix(p), fix(q)])).toEqual([p]);
  });
});

it("prefers the smallest fix that was checked, and none that was not", () => {
  const unchecked = { ...fix(), verified: false };
  const checked = fix(edit(1, 0, 0, "-"));
  expect(preferredFix({ fixes: [unchecked, checked] })).toBe(checked);
  expect(preferredFix({ fixes: [unchecked] })).toBeUndefined();
});
