import { describe, expect, test } from "vitest";
import { type Figure, judged, type Row } from "./row.ts";
import { formatFigure, renderTable } from "./table.ts";

const figure = (value: number, ratio: number, source: Figure["source"] = "measured"): Figure => ({
  value,
  ratio,
  source,
  precision: "float64",
});

const row = (size: string, rest: Partial<Row> = {}): Row => ({
  case: "chain",
  size,
  unit: "ns",
  ours: 500,
  best: 490,
  peers: {},
  missing: {},
  bar: "",
  met: null,
  note: "",
  ...rest,
});

test("figures have three digits that mean something", () => {
  expect([0.05213, 4.1151, 28.94, 3911.4, -697952].map(formatFigure)).toEqual([
    "0.0521",
    "4.12",
    "28.9",
    "3,911",
    "-697,952",
  ]);
});

test("a table has contestants down and sizes across, and says who is missing and what was asked", () => {
  const rows = [
    row("1 element", { peers: { adnn: figure(60, 0.12) }, bar: "faster than adnn", met: false }),
    row("5×5", {
      peers: { adnn: figure(1147, 2.3), torch: figure(4115, 8.23, "committed") },
      missing: { deepbox: "cannot be loaded: not found" },
      bar: "at least 8× torch",
      note: "would be met against the committed torch",
    }),
  ];
  expect(renderTable("chain (ns)", rows)).toMatchInlineSnapshot(`
    "chain (ns)
                      1 element           5×5
      gradient-lens         500           500
      adnn                   60 0.12×   1,147  2.3×
      torch                   –         4,115 ≈8.2×
      deepbox: cannot be loaded: not found
      ✗ 1 element: faster than adnn — not met
      · 5×5: at least 8× torch (would be met against the committed torch)"
  `);
});

describe("a bar", () => {
  const twice = { text: "at least 2× torch", than: ["torch"], factor: 2 };

  test("is met at its very factor", () => {
    expect(judged([twice], { torch: figure(1, 2) })).toEqual({ bar: twice.text, met: true, note: "" });
  });

  test("is not met when one of its peers was faster", () => {
    const all = { text: "faster than both", than: ["a", "b"], factor: 1 };
    expect(judged([all], { a: figure(1, 3), b: figure(1, 0.9) }).met).toBe(false);
  });

  test("is left open where only a committed figure stands against it, which a note tells", () => {
    expect(judged([twice], { torch: figure(1, 3, "committed") })).toEqual({
      bar: twice.text,
      met: null,
      note: "would be met against the committed torch",
    });
  });

  test("is judged by what was measured here, whatever a committed figure beside it says", () => {
    const peers = { torch: figure(9, 4), "torch, committed": figure(1, 0.5, "committed") };
    expect(judged([twice], peers)).toEqual({
      bar: twice.text,
      met: true,
      note: "would not be met against the committed torch",
    });
  });

  test("is left open where a peer was not measured", () => {
    expect(judged([twice], {})).toMatchObject({ met: null, note: "torch was not measured" });
  });

  test("fails on what was measured, whatever is left open", () => {
    const other = { text: "faster than adnn", than: ["adnn"], factor: 1 };
    expect(judged([twice, other], { adnn: figure(1, 0.5) }).met).toBe(false);
  });

  test("of nothing asked is neither met nor missed", () => {
    expect(judged([], {})).toEqual({ bar: "", met: null, note: "" });
  });
});
