/** @file The command, on folders with right, wrong and missing ops. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("run.ts", import.meta.url));

// Each run is a process of its own: no time is too long on a busy machine.
describe("conformance", { timeout: 120_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "conformance-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ["--conditions=source", script, ...args], { encoding: "utf8" });

  const write = (name: string, content: object): void =>
    writeFileSync(join(folder, name), JSON.stringify({ format: 1, ...content }));

  /** Doubling 3 gives `out`, differentiated with g = 1. */
  const doubling = (i: number, out: number, src = "sample"): object => {
    const scalar = (value: number): object => ({ shape: [], data: [value] });
    return {
      i,
      src,
      args: [{ ...scalar(3), dtype: "float64", requires_grad: true }, 2],
      out: [scalar(out)],
      single: true,
      wrt: ["args.0"],
      grad_out: [scalar(1)],
      grads: [scalar(2)],
    };
  };
  const op = (name: string, ...samples: object[]): object => {
    return {
      op: name,
      variant: "",
      call: `torch.${name}`,
      category: "binary",
      rtol: 1e-9,
      atol: 1e-10,
      samples,
    };
  };

  test("passes without an index", () => {
    write("mul.json", op("mul", doubling(0, 6), doubling(2, 6, "edge")));
    const { status, stdout } = run("--vectors", folder);
    expect(status).toBe(0);
    expect(stdout).toContain("2 samples pass, 0 fail; 0 ops are missing.");
    expect(stdout).toMatch(/^ {2}mul +1\/1 +1\/1 +0$/m);
  });

  test("JSON: failures by op, what is missing by name", () => {
    write("mul.json", op("mul", doubling(0, 6), doubling(2, 7), doubling(4, 8)));
    write("no_such_op.json", op("no_such_op", doubling(0, 6)));
    const rows = ["mul", "add", "nor_this"].map(name => {
      const { samples: _, ...row } = op(name) as { samples: unknown };
      return name === "mul" ? { ...row, file: "mul.json" } : { ...row, held_out_op: true };
    });
    write("index.json", { ops: rows });
    const { status, stdout } = run("--vectors", folder, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ops: [
        { op: "mul", variant: "", passed: 1, failed: 2, firstFailure: "sample 2: out[0]: expected 7, got 6" },
        { op: "no_such_op", variant: "", passed: 0, failed: 0, firstFailure: null },
        { op: "add", variant: "", passed: 0, failed: 0, firstFailure: null },
        { op: "nor_this", variant: "", passed: 0, failed: 0, firstFailure: null },
      ],
      passed: 1,
      failed: 2,
      missing: ["no_such_op", "nor_this"],
    });
    const chosen = run("--vectors", folder, "--op", "add", "--json");
    expect(chosen.status).toBe(0);
    expect(JSON.parse(chosen.stdout).ops).toHaveLength(1);
  });

  test("the table lists as many failures as asked for", () => {
    write("mul.json", op("mul", doubling(0, 6), doubling(2, 7), doubling(4, 8)));
    const failures = (...args: string[]): number =>
      run("--vectors", folder, ...args).stdout.match(/out\[0\]: expected/g)?.length ?? 0;
    expect(failures()).toBe(1);
    expect(failures("--failures", "5")).toBe(2);
  });

  test.each([
    ["a folder that is not there", () => ["--vectors", join(folder, "nowhere")], "no such folder"],
    ["a folder without vectors", () => ["--vectors", folder], "no op files"],
    ["no folder after --vectors", () => ["--vectors"], "argument missing"],
    ["no number of failures", () => ["--vectors", folder, "--failures", "x"], "Expected a whole number"],
  ])("%s: exit code 2", (_, args, message) => {
    const { status, stderr } = run(...args());
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
