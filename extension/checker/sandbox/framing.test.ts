import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader, frame } from "./framing.ts";

test("texts come out as they went in, however the pipe cuts them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (texts, sizes) => {
        const reader = new FrameReader(1 << 20);
        let bytes = Buffer.concat(texts.map(frame));
        const read: string[] = [];
        while (bytes.length > 0) {
          const size = sizes.next().value!;
          read.push(...reader.push(bytes.subarray(0, size)));
          bytes = bytes.subarray(size);
        }
        expect(read).toEqual(texts);
      },
    ),
  );
});

test("a text above the cap is refused by its length alone", () => {
  const reader = new FrameReader(10);
  expect(reader.push(frame("0123456789"))).toEqual(["0123456789"]);
  expect(() => reader.push(frame("0123456789a").subarray(0, 4))).toThrow(/at most 10 bytes, got one of 11/);
});
