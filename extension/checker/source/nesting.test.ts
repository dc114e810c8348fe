import { describe, expect, it } from "vitest";
import { findFunctions } from "./functions.ts";
import { refuseEndlessParse } from "./nesting.ts";

const nested = (levels: number, head: string): string => `${head.repeat(levels)}1${")".repeat(levels)}`;

describe("refuseEndlessParse", () => {
  it.each(["async(a=", "async (a = ", "async\n(a=", "async <T>(a = "])("refuses many of %j", head => {
    expect(() => refuseEndlessParse(nested(28, head))).toThrow(RangeError);
    expect(() => refuseEndlessParse(nested(5, head))).not.toThrow();
  });

  it("lets many stand beside one another", () => {
    expect(() => refuseEndlessParse("run(async (x) => { await f(x); });\n".repeat(100))).not.toThrow();
  });

  it("keeps files with such code from being read at all", async () => {
    const text = `import { Function } from "@gradient-lens/engine";
const a = ${nested(40, "async(a=")};
export class Sine extends Function { static forward(ctx, x) { return x; } static backward(ctx, g) { return g; } }`;
    expect(await findFunctions("/code/a.ts", text, async () => undefined)).toEqual([]);
  });
});
