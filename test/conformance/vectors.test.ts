import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nameOf, readVectors } from "./vectors.ts";

describe("a folder of vectors", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vectors-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, content: object): void =>
    writeFileSync(join(folder, name), JSON.stringify(content));
  const row = (op: string, variant = ""): object => ({ op, variant, call: `torch.${op}`, category: "unary" });
  const read = (): [string, number][] => readVectors(folder).map(v => [nameOf(v), v.samples.length]);

  test("without an index: all op files", () => {
    write("div__floor.json", { format: 1, ...row("div", "floor"), samples: [{ i: 0 }] });
    write("exp.json", { format: 1, ...row("exp"), samples: [{ i: 0 }, { i: 2 }] });
    expect(read()).toEqual([
      ["div__floor", 1],
      ["exp", 2],
    ]);
  });

  test("with an index: what it lists without a file comes without samples, and no file is passed over", () => {
    write("exp.json", { format: 1, ...row("exp"), samples: [{ i: 0 }] });
    write("log.json", { format: 1, ...row("log"), samples: [{ i: 1 }] });
    const ops = [{ ...row("exp"), file: "exp.json" }, row("tan"), { ...row("log"), held_out_op: true }];
    write("index.json", { format: 1, ops });
    expect(read()).toEqual([
      ["exp", 1],
      ["log", 1],
      ["tan", 0],
    ]);
  });

  test("what is no such folder is named, with what was expected", () => {
    expect(read).toThrow("no op files (*.json)");
    write("index.json", { format: 1, ops: [{ ...row("exp"), file: "exp.json" }] });
    expect(read).toThrow("names exp.json, which is not there");
    write("index.json", { format: 1, rows: [] });
    expect(read).toThrow('index.json: expected a list "ops"');
    write("rng.json", { format: 1, cases: [] });
    expect(read).toThrow("rng.json: expected an op file");
    write("rng.json", { format: 2 });
    expect(read).toThrow("rng.json: expected vectors of format 1, got 2");
    writeFileSync(join(folder, "rng.json"), "{");
    expect(read).toThrow(/rng\.json: .*JSON/);
    expect(() => readVectors(join(folder, "nowhere"))).toThrow("no such folder");
  });
});
