/** @file A benchmark's rows as a table for people: contestants down, sizes across, and below it what was asked and met. */

import { OURS, type Row } from "./row.ts";

/** Three figures that mean something: 0.0521, 4.12, 28.9, 3,911. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en-US")
    : String(Number(value.toPrecision(3)));
}

/** How many times faster we are; "≈" where the other was measured on another machine. */
function formatRatio(ratio: number, source: "measured" | "committed"): string {
  return `${source === "committed" ? "≈" : ""}${formatFigure(Number(ratio.toPrecision(ratio < 0.1 ? 1 : 2)))}×`;
}

/** @param rows of one benchmark, one for each size */
export function renderTable(title: string, rows: readonly Row[]): string {
  const peers = [...new Set(rows.flatMap(row => Object.keys(row.peers)))];
  const lines = [
    ["", ...rows.flatMap(({ size }) => [size, ""])],
    [OURS, ...rows.flatMap(({ ours }) => [formatFigure(ours), ""])],
    ...peers.map(peer => [
      rows.some(row => row.peers[peer]?.precision === "float32") ? `${peer}, float32` : peer,
      ...rows.flatMap(row => {
        const figure = row.peers[peer];
        return figure ? [formatFigure(figure.value), formatRatio(figure.ratio, figure.source)] : ["–", ""];
      }),
    ]),
  ];
  const text = [title, ...aligned(lines)];
  const missing = new Map(rows.flatMap(row => Object.entries(row.missing)));
  for (const [peer, why] of missing) text.push(`  ${peer}: ${why}`);
  for (const row of rows) if (row.bar || row.note) text.push(`  ${verdict(row)}`);
  return text.join("\n");
}

/** Columns as wide as they must be, the first to the left and figures to the right. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)));
  return lines.map(line =>
    `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + (i % 2 ? 3 : 1)))).join("")}`.trimEnd(),
  );
}

function verdict({ size, bar, met, note }: Row): string {
  const mark = met === null ? "·" : met ? "✓" : "✗";
  const ruling = met === null ? "" : met ? " — met" : " — not met";
  return `${mark} ${size}: ${bar}${bar ? ruling : ""}${note ? ` (${note})` : ""}`;
}
