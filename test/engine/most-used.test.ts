/** @file The package's declarations of what is used most: right, and readable where the mouse rests on a name. */

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emitEngineTypes } from "../../scripts/engine-types.ts";
import { inProject } from "../../scripts/project.ts";
import { scratchFolder } from "../editor/scratch.ts";

const { folder, remove } = scratchFolder();
afterAll(remove);

const source = readFileSync(inProject("test", "engine", "most-used.ts"), "utf8");
const file = join(folder, "most-used.ts");

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  strict: true,
  noEmit: true,
  types: [],
  lib: ["lib.es2023.d.ts"],
};

beforeAll(() => {
  const engine = join(folder, "node_modules", "@gradient-lens", "engine");
  mkdirSync(engine, { recursive: true });
  cpSync(inProject("engine", "package.json"), join(engine, "package.json"));
  emitEngineTypes(join(engine, "dist"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  // The whole engine is type-checked here, which takes a busy machine its time.
}, 60_000);

/** What is wrong with the file if it has this text: the line's number, from 0, and the message. */
function problems(text: string): [line: number, message: string][] {
  writeFileSync(file, text);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options))
    .map(({ file, start, messageText }) => [
      file!.getLineAndCharacterOfPosition(start!).line,
      ts.flattenDiagnosticMessageText(messageText, "\n"),
    ]);
}

const wrongCalls = [
  "sum(x, { dims: 0 }); // no such keyword",
  "x.softmax({ dim: '1' });",
  "x.cumsum(); // along which dimension?",
  "zeros(2, { dtype: 'float16' });",
  "matmul(x, 2);",
  "F.mseLoss(x, y, { reduction: 'average' });",
  "{ const n: number = x.sum(); }",
  "x.max().values; // without dim there are none",
  "autograd.grad(x, y, { allowUnused: true })[0].sum(); // may be null",
];

describe("calls", () => {
  test("have the types that they should, and those that are wrong are errors", () => {
    const end = source.split("\n").length - 1;
    const found = problems(`${source}${wrongCalls.join("\n")}\n`).map(([line]) => line - end);
    expect(found).toEqual(wrongCalls.map((_, i) => i));
  });

  test("run", async () => {
    const { checkedValues } = await import("./most-used.ts");
    expect(checkedValues).toBeGreaterThan(200);
  });
});

/** What the editor shows for the last name in `expression`. */
function hover(expression: string, name: string): string {
  const text = `import { type Tensor, sum, cat, linalg, zeros, noGrad } from "@gradient-lens/engine";\ndeclare const x: Tensor;\n${expression};\n`;
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: path => {
      const content = path === file ? text : ts.sys.readFile(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  };
  const service = ts.createLanguageService(host);
  const info = service.getQuickInfoAtPosition(file, text.lastIndexOf(name));
  return ts.displayPartsToString(info?.displayParts).replaceAll(/\s+/g, " ");
}

describe("hovers name the arguments", () => {
  test.each([
    ["x.transpose(0, 1)", "transpose", "transpose: (dim0: number, dim1: number) => Tensor (+1 overload)"],
    ["x.matmul(x)", "matmul", "matmul: (other: Tensor) => Tensor"],
    ["x.exp()", "exp", "exp: () => Tensor"],
    [
      "x.flatten({ startDim: 1 })",
      "flatten",
      "flatten: (options: { startDim?: number; endDim?: number; }) => Tensor (+1 overload)",
    ],
    ["x.unbind()", "unbind", "unbind: (dim?: number | undefined) => Tensor[] (+1 overload)"],
    ["x.max()", "max", "max(): Tensor (+3 overloads)"],
    ["noGrad(() => x)", "noGrad", "noGrad<Tensor>(body: () => Tensor): Tensor"],
    ["zeros(2)", "zeros", "zeros(...args: SizeArguments): Tensor"],
    ["sum(x, 1)", "sum", "(input: Tensor, dim?: Dims"],
    ["cat([x])", "cat", "(tensors: readonly Tensor[], dim?: number"],
    ["linalg.inv(x)", "inv", "inv(A: Tensor): Tensor"],
  ])("%s", (expression, name, shown) => {
    expect(hover(expression, name)).toContain(shown);
  });
});
