/** @file Long expressions over several lines: word for word, and still the same expressions. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINE_CHARS } from "./layout.ts";
import { wrapped } from "./wrapping.ts";

const STYLE = { indent: "    ", unit: "  ", namespace: "gl" };

function write(expression: string): string {
  return wrapped("return ", expression, ";", STYLE).join("\n");
}

describe("an expression", () => {
  test("that fits stays on its line", () => {
    expect(write("x.mul(2).sum()")).toBe("    return x.mul(2).sum();");
  });

  test("that is a chain has a call a line", () => {
    const long =
      "gradOutput.mul(weight).div(deviation).sub(gradOutput.mul(output).sum(-1, true).mul(input).div(variance)).div(input.size(-1))";
    expect(write(long)).toMatchInlineSnapshot(`
      "    return gradOutput
            .mul(weight)
            .div(deviation)
            .sub(gradOutput.mul(output).sum(-1, true).mul(input).div(variance))
            .div(input.size(-1));"
    `);
  });

  test("that is a list has an element a line, and those are broken, too", () => {
    const long =
      "[where(input.ge(0), gradOutput, gradOutput.div(root)).sub(gradOutput.maskedFill(input.ge(0), 0).mul(output).mul(input).div(square).mul(ctx.alpha)), null]";
    expect(write(long)).toMatchInlineSnapshot(`
      "    return [
            where(input.ge(0), gradOutput, gradOutput.div(root)).sub(
              gradOutput.maskedFill(input.ge(0), 0).mul(output).mul(input).div(square).mul(ctx.alpha),
            ),
            null,
          ];"
    `);
  });

  test("that is a call of a namespace's function has an argument a line", () => {
    const long =
      "linalg.solve(cat([cat([Q.add(Q.t()).div(2), A.t()], 1), cat([A, full([n, n], 0)], 1)], 0).t(), gradOutput.unsqueeze(1))";
    expect(write(`ctx.needsInputGrad[0] ? ${long} : null`)).toMatchInlineSnapshot(`
      "    return ctx.needsInputGrad[0]
            ? linalg.solve(
                cat([cat([Q.add(Q.t()).div(2), A.t()], 1), cat([A, full([n, n], 0)], 1)], 0).t(),
                gradOutput.unsqueeze(1),
              )
            : null;"
    `);
  });
});

const { chain } = fc.letrec<{ chain: string; argument: string; atom: string }>(tie => ({
  atom: fc.constantFrom("gradOutput", "ctx.alpha", "input", "-1", "true"),
  argument: fc.oneof({ depthSize: "small" }, tie("atom"), tie("chain")),
  chain: fc
    .tuple(
      fc.constantFrom("gradOutput", "input", "where(input.gt(0), input, 0)"),
      fc.array(
        fc.tuple(fc.constantFrom("mul", "matmul", "sum"), fc.array(tie("argument"), { maxLength: 2 })),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
    )
    .map(([head, calls]) => head + calls.map(([name, args]) => `.${name}(${args.join(", ")})`).join("")),
}));

test("stays what it is, but for white space and commas at ends; no line is too long that could be broken", () => {
  fc.assert(
    fc.property(chain, expression => {
      const text = write(expression);
      const bare = (code: string): string =>
        code.replace(/\s+/g, "").replaceAll(",)", ")").replaceAll(",]", "]");
      expect(bare(text)).toBe(bare(`return ${expression};`));
      for (const line of text.split("\n")) {
        if (/\.\w+\(.*\(/.test(line)) expect(line.length).toBeLessThanOrEqual(LINE_CHARS + 20);
      }
    }),
  );
});
