import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineIndex } from "./line-index.ts";

describe("places in a text", () => {
  it("count lines as editors do, and UTF-16 units", () => {
    const lines = new LineIndex("a\r\n\t😀b\rc\n\u2028d");
    expect(lines.positionAt(3)).toEqual({ line: 1, character: 0 });
    expect(lines.positionAt(6)).toEqual({ line: 1, character: 3 });
    expect(lines.positionAt(8)).toEqual({ line: 2, character: 0 });
    expect(lines.rangeOf(10, 12)).toEqual({
      start: { line: 3, character: 0 },
      end: { line: 3, character: 2 },
    });
  });

  it("lead back to their offsets", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\r\n", "😀", "\t"), maxLength: 30 });
    fc.assert(
      fc.property(texts, text => {
        const lines = new LineIndex(text);
        for (let offset = 0; offset <= text.length; offset++) {
          expect(lines.offsetAt(lines.positionAt(offset))).toBe(offset);
        }
      }),
    );
  });

  it("outside the text are moved to its bounds", () => {
    const lines = new LineIndex("ab\nc");
    expect(lines.offsetAt({ line: 0, character: 9 })).toBe(3);
    expect(lines.offsetAt({ line: 9, character: 9 })).toBe(4);
    expect(lines.positionAt(99)).toEqual({ line: 1, character: 1 });
    expect(lines.positionAt(-1)).toEqual({ line: 0, character: 0 });
  });
});
