import { expect, it } from "vitest";
import { terminalOf } from "./terminal.ts";

const write = () => {};
const colors = (isTTY: boolean | undefined, environment: Record<string, string>) =>
  terminalOf({ write, isTTY }, environment).colors;

it("has colours on a terminal only, unless told otherwise", () => {
  expect(colors(true, {})).toBe(true);
  expect(colors(undefined, {})).toBe(false);
  expect(colors(undefined, { FORCE_COLOR: "1" })).toBe(true);
  expect(colors(true, { FORCE_COLOR: "0" })).toBe(false);
  expect(colors(true, { NO_COLOR: "1" })).toBe(false);
  expect(colors(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
  expect(colors(true, { NO_COLOR: "" })).toBe(true);
});

it("writes over a line only where a person sees it", () => {
  expect(terminalOf({ write, isTTY: true }, {}).interactive).toBe(true);
  expect(terminalOf({ write, isTTY: true }, { TERM: "dumb" }).interactive).toBe(false);
  expect(terminalOf({ write }, { FORCE_COLOR: "1" }).interactive).toBe(false);
});
