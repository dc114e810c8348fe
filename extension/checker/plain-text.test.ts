import { describe, expect, it } from "vitest";
import { plainLine, plainSource, plainText } from "./plain-text.ts";

describe("plain text", () => {
  it("loses colours, cursor movements, titles and links", () => {
    expect(
      plainText(
        "\u001b[31mred\u001b[0m \u001b[2Jwiped \u001b]0;title\u0007\u001b]8;;http://x\u0007link\u001b]8;;\u0007",
      ),
    ).toBe("red wiped link");
  });
  it("loses every control character but tab and newline, and marks of direction", () => {
    expect(plainText("a\0b\u0007c\bd\re\u0085f\u202eg\u2066h\ti\nj")).toBe("abcdefgh\ti\nj");
  });
  it("keeps letters of every script, mathematics and emoji", () => {
    expect(plainText("∂ output / ∂ x · 梯度 · ñ · 🙂")).toBe("∂ output / ∂ x · 梯度 · ñ · 🙂");
  });
  it("fits on one line", () => {
    expect(plainLine(" a\n\tb\r\nc ")).toBe("a b c");
  });
  it("keeps every position of a source text", () => {
    const source = "a\u001b[31mb\u202ec\r\n\td";
    expect(plainSource(source)).toBe("a\ufffd[31mb\ufffdc\r\n\td");
    expect(plainSource(source)).toHaveLength(source.length);
  });
});
