/** @file The built command line as people and scripts call it: exit codes, streams, and the two formats, on real checks. */

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProject, nodeExecutable, root } from "../../scripts/project.ts";

const CLI = inProject("dist", "cli.js");
/** Not the cache of the one who runs the tests. */
const CACHE = mkdtempSync(join(tmpdir(), "gradient-lens-cli-cache-"));
afterAll(() => rmSync(CACHE, { recursive: true }));

function gradientLens(args: string[], { cwd = root, env = {} } = {}): SpawnSyncReturns<string> {
  // No TTY and no colours from outside: what a script sees.
  const { FORCE_COLOR, NO_COLOR, ...inherited } = process.env;
  return spawnSync(nodeExecutable, [CLI, ...args], {
    cwd,
    env: { ...inherited, XDG_CACHE_HOME: CACHE, ...env },
    encoding: "utf8",
  });
}

interface Json {
  version: number;
  functions: {
    name: string;
    file: string;
    verdict: string;
    rule: string | null;
    range: unknown;
    reason: string;
  }[];
  hints: { file: string; rule: string; fix: object; fixes: object[] }[];
  summary: Record<string, number>;
}

function json(args: string[], options = {}): Json {
  return JSON.parse(gradientLens(["check", ...args, "--format", "json"], options).stdout);
}

const IMPORT = 'import { type Context, Function, type Tensor } from "@gradient-lens/engine";\n';

const classOf = (name: string, forward: string, backward: string) => `
export class ${name} extends Function {
  static forward(ctx: Context, x: Tensor) { ctx.saveForBackward(x); ${forward} }
  static backward(ctx: Context, gradOutput: Tensor) { ${backward} }
}
`;

describe("gradient-lens check", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gradient-lens-cli-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  describe("on the examples", () => {
    it("finds the planted errors and nothing else, and exits with 1", () => {
      const { status, stderr, stdout } = gradientLens(["check", "examples", "--format", "json"]);
      expect(stderr).toBe("");
      expect(status).toBe(1);
      const { version, functions, hints, summary } = JSON.parse(stdout) as Json;
      expect(version).toBe(1);
      const problems = functions.filter(({ verdict }) => verdict !== "correct");
      expect(problems).toMatchObject([
        { name: "Linear", file: "examples/linear.ts", verdict: "wrong", rule: "only-special-inputs" },
        { name: "MatrixSquare", file: "examples/matrix-square.ts", verdict: "wrong", rule: "wrong-vjp" },
      ]);
      expect(hints).toMatchObject([{ file: "examples/quadratic-form.ts", rule: "cross-terms" }]);
      expect(summary).toMatchObject({ correct: functions.length - 2, wrong: 2, inconclusive: 0, skipped: 0 });
    });

    it("has a hint, with fixes that were checked, where a sum holds cross terms; it fails nothing", () => {
      const { status, stdout } = gradientLens(["check", "examples/quadratic-form.ts"]);
      expect(status).toBe(0);
      expect(stdout).toMatch(
        /! x\.matmul\(A\)\.matmul\(x\.t\(\)\)\.sum\(\) · hint · examples\/quadratic-form\.ts:\d+/,
      );
      expect(stdout).toContain("the cross terms x[i] @ A @ x[j] of every pair of rows of x");
      expect(stdout).toContain("the gradient by x is not x @ (A + Aᵀ)");
      expect(stdout).toMatch(/1 Function in 1 file: 1 correct, 1 hint/);

      const json = gradientLens(["check", "examples/quadratic-form.ts", "--format", "json"]);
      const [hint] = (JSON.parse(json.stdout) as Json).hints;
      expect(hint!.fix).toEqual(hint!.fixes[0]);
      expect(hint!.fixes).toMatchObject(
        [
          { title: /\.diagonal\(\)\.sum\(\)/, verified: true },
          { title: /einsum\("ni,ij,nj->"/, verified: true },
          { title: /gradient-lens-ignore cross-terms/, verified: true },
        ].map(fix => ({ ...fix, title: expect.stringMatching(fix.title) })),
      );
    });

    it("points at the returned expression, zero-based", () => {
      const { functions } = json(["examples/matrix-square.ts"]);
      const lines = readFileSync(inProject("examples", "matrix-square.ts"), "utf8").split("\n");
      const line = lines.findIndex(text => text.includes("return gradOutput"));
      const character = lines[line]!.indexOf("gradOutput");
      expect(functions[0]!.range).toEqual({
        start: { line, character },
        end: { line, character: lines[line]!.indexOf(";") },
      });
    });

    it("exits with 0 on the correct ones alone", () => {
      const { status, stdout } = gradientLens([
        "check",
        "examples/matrix-square-fixed.ts",
        "examples/softmax.ts",
      ]);
      expect(stdout).toMatch(
        /✓ MatrixSquare · correct.*✓ Softmax · correct.*2 Functions in 2 files: 2 correct/s,
      );
      expect(status).toBe(0);
    });

    it("says that the square is for square matrices only", () => {
      expect(gradientLens(["check", "examples/matrix-square.ts"]).stdout).toMatch(/square matrices only/);
    });

    it("gives the same findings for the same seed, and others' numbers for another", () => {
      const findings = (seed: string) => {
        const { functions } = json(["examples/matrix-square.ts", "--seed", seed]);
        return functions.map(
          ({ durationMs: _, ...finding }: Json["functions"][number] & { durationMs?: number }) => finding,
        );
      };
      expect(findings("5")).toEqual(findings("5"));
      expect(findings("6")).not.toEqual(findings("5").map(finding => ({ ...finding, seed: 6 })));
    });
  });

  it("gives file names relative to where it runs", () => {
    const files = json([inProject("examples", "softmax.ts")], { cwd: inProject("docs") }).functions;
    expect(files[0]!.file).toBe("../examples/softmax.ts");
  });

  it.each([
    [["check", "no/such/folder"], /^gradient-lens: no such file or folder: no\/such\/folder\n$/],
    [["check", "LICENSE"], /^gradient-lens: cannot check LICENSE: .*\n$/],
    [["check", "--format", "xml"], /^gradient-lens: .*'xml' is invalid.*\n$/],
    [["chekc"], /^gradient-lens: unknown command 'chekc'.*\n$/],
    [[], /^gradient-lens: expected a command.*\n$/],
  ])("cannot run %j: one clear line on stderr, exit code 2", (args, line) => {
    const { status, stderr, stdout } = gradientLens(args);
    expect(stderr).toMatch(line);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  it("knows in a second run what it ran in the first, unless it is told not to, and says the same", () => {
    write("cached.ts", IMPORT + classOf("Cached", "return x.sin();", "return gradOutput;"));
    const cache = join(folder, "cache-home");
    const report = (...args: string[]) => {
      const { functions } = json([join(folder, "cached.ts"), ...args], { env: { XDG_CACHE_HOME: cache } });
      return functions.map(one => ({ ...one, durationMs: 0 }));
    };
    const first = report("--no-cache");
    expect(existsSync(cache)).toBe(false);
    expect(report()).toEqual(first);
    expect(readdirSync(join(cache, "gradient-lens")).length).toBeGreaterThan(0);
    expect(report()).toEqual(first);
    for (const name of readdirSync(join(cache, "gradient-lens")))
      writeFileSync(join(cache, "gradient-lens", name), "rubbish");
    expect(report()).toEqual(first);
  });

  it("says so where there is no Function, and exits with 0", () => {
    write("none/plain.ts", "export class A extends B {}\n");
    const { status, stdout } = gradientLens(["check", "none"], { cwd: folder });
    expect(stdout).toBe("No Functions found in 1 file.\n");
    expect(status).toBe(0);
  });

  it("stops what does not end, and checks the others", () => {
    const endless = classOf("Endless", "while (true) {}", "return gradOutput;");
    write("endless.ts", IMPORT + endless + classOf("Twice", "return x.mul(2);", "return gradOutput.mul(2);"));
    const { functions } = json(["endless.ts", "--time-limit", "0.5"], { cwd: folder });
    expect(functions).toMatchObject([
      { name: "Endless", verdict: "inconclusive", rule: "time-limit" },
      { name: "Twice", verdict: "correct" },
    ]);
  });

  it("refuses Node's built-in modules with their name", () => {
    const reads = classOf(
      "Reads",
      'readFileSync("/etc/hostname"); return x.mul(2);',
      "return gradOutput.mul(2);",
    );
    write("reads.ts", `import { readFileSync } from "node:fs";\n${IMPORT}${reads}`);
    const { functions } = json(["reads.ts"], { cwd: folder });
    expect(functions).toMatchObject([{ name: "Reads", verdict: "inconclusive", rule: "sandbox-violation" }]);
    expect(functions[0]!.reason).toContain("node:fs");
  });

  it("lets no escape sequence of the checked code reach the terminal", () => {
    const throws = classOf(
      "Throws",
      "return x.mul(2);",
      'throw new Error("\\u001b[2J\\u001b]0;title\\u0007 away");',
    );
    write("throws.ts", IMPORT + throws);
    const { status, stdout } = gradientLens(["check", "throws.ts"], { cwd: folder });
    expect(stdout).toContain("away");
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(status).toBe(1);
  });

  it("has colours where they are asked for, but for those who want none", () => {
    const args = ["check", "examples/softmax.ts"];
    expect(gradientLens(args).stdout).not.toContain("\u001b");
    expect(gradientLens(args, { env: { FORCE_COLOR: "1" } }).stdout).toContain("\u001b[32m");
    expect(gradientLens(args, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } }).stdout).not.toContain("\u001b");
  });
});
