import { expect, it } from "vitest";
import { progressOn } from "./progress.ts";

function progressAt() {
  const written: string[] = [];
  let now = 0;
  const terminal = { write: (text: string) => void written.push(text), colors: false, interactive: true };
  return { written, terminal, progress: progressOn(terminal, () => now), pass: (ms: number) => (now += ms) };
}

it("stays away from short runs, and writes over itself on long ones, not too often", () => {
  const { written, progress, pass } = progressAt();
  progress.update("1 of 9");
  pass(600);
  progress.update("2 of 9");
  progress.update("3 of 9");
  pass(200);
  progress.update("4 of 9");
  progress.clear();
  progress.clear();
  expect(written).toEqual(["\r\u001b[K2 of 9", "\r\u001b[K4 of 9", "\r\u001b[K"]);
});

it("writes nothing where nobody watches", () => {
  const { written, terminal } = progressAt();
  let now = 0;
  const progress = progressOn({ ...terminal, interactive: false }, () => now);
  now = 5000;
  progress.update("1 of 9");
  progress.clear();
  expect(written).toEqual([]);
});
