/** @file The hint, through the real sandbox: who gets it, what it says, and that its fixes are what they promise. */

import { mkdirSync, writeFileSync } from "node:fs";
import { autograd, manualSeed, randn, type Tensor } from "@gradient-lens/engine";
import fc from "fast-check";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inCache, inProject } from "../../../scripts/project.ts";
import type { Finding, TextEdit } from "../finding.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createChecker, type LocalChecker } from "../local-checker.ts";
import { builtRealm } from "../sandbox/testing.ts";
import { LineIndex } from "../source/line-index.ts";
import { IMPORTS, NOT_REPORTED, REPORTED, type ReportedCase } from "./cases.ts";

const FILE = inProject("examples", "scratch.ts");

const HELPERS = inProject("examples", "helpers.ts");
const HELPERS_TEXT = `import { type Tensor } from "@gradient-lens/engine";
export const form = (z: Tensor, M: Tensor) => z.matmul(M).matmul(z.t());
export const squares = (z: Tensor) => z.pow(2);
`;

let text = "";
let checker: LocalChecker;

beforeAll(async () => {
  const readText = async (path: string) => ({ [FILE]: text, [HELPERS]: HELPERS_TEXT })[path];
  checker = createChecker({ realm: await builtRealm(), readText });
});
afterAll(() => checker.dispose());

async function hintsIn(code: string): Promise<Finding[]> {
  text = code;
  const findings: Finding[] = [];
  for (const site of await checker.reductions(FILE, code)) {
    findings.push(await checker.check(FILE, site, { seed: 0, limits: DEFAULT_LIMITS }));
  }
  // Each was run: what cannot be says nothing.
  expect(findings.map(({ verdict }) => verdict)).toEqual(findings.map(() => "correct"));
  return findings.filter(finding => "hints" in finding && finding.hints.length > 0);
}

function applied(code: string, edits: readonly TextEdit[]): string {
  const lines = new LineIndex(code);
  return edits
    .map(({ range, newText }) => ({
      start: lines.offsetAt(range.start),
      end: lines.offsetAt(range.end),
      newText,
    }))
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, { start, end, newText }) => all.slice(0, start) + newText + all.slice(end), code);
}

/** What TypeScript has against texts that stand in the place of examples. */
function typeErrors(texts: readonly string[]): string[] {
  const files = new Map(texts.map((content, i) => [inProject("examples", `scratch-${i}.ts`), content]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = name => files.has(name) || fileExists.call(host, name);
  host.readFile = name => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    files.has(name)
      ? ts.createSourceFile(name, files.get(name)!, ts.ScriptTarget.ESNext, true)
      : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText, file }) => `${ts.flattenDiagnosticMessageText(messageText, " ")} in ${file?.text}`);
}

interface Ran {
  lossOf(x: Tensor, A: Tensor, B: Tensor): Tensor;
  /** What it came to, and what is right. */
  results?: [Tensor, Tensor];
}

let ran = 0;

/** A case's code, or what a fix made of it, as the module that it is. */
function run(code: string, { call = "loss(x, A, B)", results }: ReportedCase): Promise<Ran> {
  mkdirSync(inCache("cross-terms"), { recursive: true });
  const file = inCache("cross-terms", `${ran++}.ts`);
  const ending = results
    ? `export const results = [${results}];`
    : `export const lossOf = (x, A, B) => ${call};`;
  writeFileSync(file, `${code}\n${ending}\n`);
  return import(/* @vite-ignore */ file);
}

/** A loss of all rows by themselves, one after the other: what a rewrite is to come to. */
function overRows(loss: Ran["lossOf"], reduction: "sum" | "mean"): Ran["lossOf"] {
  return (x, ...matrices) => {
    const rows = x.ndim - 2;
    const each = Array.from({ length: x.size(rows) }, (_, i) => loss(x.narrow(rows, i, 1), ...matrices));
    const total = each.reduce((a, b) => a.add(b));
    return reduction === "sum" ? total : total.div(each.length);
  };
}

/** A loss and its gradients, at one batch. */
function evaluated(loss: Ran["lossOf"], stacked: boolean): Tensor[] {
  manualSeed(1);
  const at = [randn(stacked ? [2, 4, 3] : [4, 3]), randn([3, 3]), randn([3, 3])] as const;
  for (const tensor of at) tensor.requiresGrad_();
  const value = loss(...at);
  return [value, ...autograd.grad(value, at, { allowUnused: true, materializeGrads: true })];
}

async function expectRight(result: string, given: ReportedCase, original: string): Promise<void> {
  const { lossOf, results } = await run(result, given);
  const reduction = original.includes("mean(") ? "mean" : "sum";
  const stacked = given.holds.includes(":, ");
  const [actual, due] = results
    ? [[results[0]], [results[1]]]
    : [
        evaluated(lossOf, stacked),
        evaluated(overRows((await run(original, given)).lossOf, reduction), stacked),
      ];
  const tolerance = /float32/.test(original) ? 1e-4 : 1e-9;
  expect(actual).toHaveLength(due.length);
  for (const [i, tensor] of actual.entries())
    expect(tensor.allclose(due[i]!, tolerance, tolerance), `${tensor} for ${due[i]} of\n${result}`).toBe(
      true,
    );
}

const codeOf = ({ code, imports = IMPORTS }: (typeof REPORTED)[number]) => `${imports}\n${code}`;

describe("reported", () => {
  const fixedTexts: string[] = [];

  it.each(REPORTED)("$title", async given => {
    const { holds, fixed, gradient } = given;
    const code = codeOf(given);
    const found = await hintsIn(code);
    expect(found).toHaveLength(1);
    const [{ rule, message, fixes }] = found as [Finding];
    expect(rule).toBe("cross-terms");
    expect(message).toMatch(/^The (sum|mean) holds /);
    expect(message).toContain(` holds the cross terms ${holds} of every pair of rows of `);
    if (gradient === null) expect(message).not.toContain("gradient by");
    if (gradient)
      expect(message).toContain(` is not ${gradient}.
`);

    const changed = fixes.map(({ edits }) => applied(code, edits));
    expect(changed.slice(0, -1).map((result, f) => [f, result.includes(fixed[f] ?? "nothing")])).toEqual(
      fixed.map((_, f) => [f, true]),
    );
    expect(fixes.every(({ verified }) => verified)).toBe(true);
    for (const result of changed) expect(await hintsIn(result)).toEqual([]);
    // The last one says that all is as it is meant.
    for (const result of changed.slice(0, -1)) await expectRight(result, given, code);
    await expect(expectRight(changed.at(-1)!, given, code)).rejects.toThrow();
    fixedTexts.push(code, ...changed);
  });

  it("with fixes that type-check", () => {
    expect(typeErrors([`${IMPORTS}\nexport const n: number = randn([2]);`])).toHaveLength(1);
    expect(fixedTexts.length).toBeGreaterThan(2 * REPORTED.length);
    expect(typeErrors(fixedTexts)).toEqual([]);
  });
});

/** A product of factors, multiplied in any order. */
function productOf(factors: readonly string[], splits: readonly number[]): string {
  if (factors.length === 1) return factors[0]!;
  const [first = 0, ...others] = splits;
  const at = 1 + (first % (factors.length - 1));
  return `${productOf(factors.slice(0, at), others)}.matmul(${productOf(factors.slice(at), others)})`;
}

describe("every product of a batch with itself", () => {
  const factors = fc.array(fc.constantFrom("A", "B", "A.t()", "B.mT"), { maxLength: 3 });
  const splits = fc.array(fc.nat(5), { minLength: 5, maxLength: 5 });
  const change = fc.constantFrom("", ".t()", ".mul(-0.5)", ".add(3)");
  const reduction = fc.constantFrom("sum", "mean");

  it("is reported, and each rewrite is right", async () => {
    const property = fc.asyncProperty(factors, splits, change, reduction, async (between, at, change, by) => {
      const product = productOf(["x", ...between, "x.T"], at);
      const code = `${IMPORTS}\nexport const loss = (x: Tensor, A: Tensor, B: Tensor) => ${product}${change}.${by}();\n`;
      const [found] = await hintsIn(code);
      const given = { title: "", code, holds: "", fixed: [] };
      expect(found?.rule, code).toBe("cross-terms");
      expect(found!.fixes.length, code).toBeGreaterThan(change === "" || change === ".t()" ? 2 : 1);
      for (const { edits } of found!.fixes.slice(0, -1)) await expectRight(applied(code, edits), given, code);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it("is not, where the batches are two", async () => {
    const property = fc.asyncProperty(factors, splits, change, reduction, async (between, at, change, by) => {
      const product = productOf(["x", ...between, "y.T"], at);
      const code = `${IMPORTS}\nexport const loss = (x: Tensor, y: Tensor, A: Tensor, B: Tensor) => ${product}${change}.${by}();\n`;
      expect(await hintsIn(code), code).toEqual([]);
    });
    await fc.assert(property, { numRuns: 30 });
  });
});

describe("not reported", () => {
  it.each(NOT_REPORTED)("%s", async (_, code) => {
    expect(await hintsIn(`${IMPORTS}\n${code}`)).toEqual([]);
  });
});

describe("what another module computes", () => {
  const importing = (names: string) =>
    `import type { Tensor } from "@gradient-lens/engine";\nimport ${names} from "./helpers";\n`;

  it.each([
    ["{ form }", "form(x, A).sum()", "form(x, A).diagonal().sum()"],
    ["* as helpers", "helpers.form(x, A).mean()", "helpers.form(x, A).diagonal().mean()"],
  ])("is run, too: %s", async (names, reduced, diagonal) => {
    const code = `${importing(names)}export const loss = (x: Tensor, A: Tensor) => ${reduced};\n`;
    const [found, ...others] = await hintsIn(code);
    expect(others).toEqual([]);
    expect(found!.message).toContain("x[i] @ A @ x[j]");
    expect(applied(code, found!.fixes[0]!.edits)).toContain(diagonal);
  });

  it("and is no product of rows", async () => {
    expect(
      await hintsIn(`${importing("{ squares }")}export const loss = (x: Tensor) => squares(x).sum();\n`),
    ).toEqual([]);
  });
});

describe("files without candidates", () => {
  it.each([
    ["no product", 'import { randn } from "@gradient-lens/engine"; randn(2, 2).sum();'],
    [
      "no engine",
      'import { matmul } from "elsewhere"; const x = matmul(1); export const y = matmul(x, x).sum();',
    ],
    ["half-typed", `${IMPORTS}\nconst y = x.matmul(x.t(`],
    ["nothing twice", `${IMPORTS}\nexport const f = (x: Tensor, A: Tensor) => x.matmul(A).sum();`],
  ])("%s", async (_, code) => {
    expect(await checker.reductions(FILE, code)).toEqual([]);
  });
});
