/** @file Consumers of the packed engine see its types, methods of other files included, however they resolve modules. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratchFolder } from "../test/editor/scratch.ts";
import { emitEngineTypes } from "./engine-types.ts";
import { inProject } from "./project.ts";

/** `matmul` and `softmax` are declared as methods in files of their own. */
const consumer = `
import { Function, type Context, linalg, type Tensor } from "@gradient-lens/engine";

export class Square extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }
}
export function use(x: Tensor): Tensor {
  // @ts-expect-error There is no such method: the types are not simply \`any\`.
  x.noSuchMethod();
  return linalg.inv(x.t().softmax(0));
}
`;

const { folder, remove } = scratchFolder();
afterAll(remove);

beforeAll(() => {
  const engine = join(folder, "node_modules", "@gradient-lens", "engine");
  mkdirSync(engine, { recursive: true });
  cpSync(inProject("engine", "package.json"), join(engine, "package.json"));
  emitEngineTypes(join(engine, "dist"));
  for (const name of ["module.mts", "commonjs.cts"]) writeFileSync(join(folder, name), consumer);
});

const { ModuleKind, ModuleResolutionKind } = ts;

test.for([
  ["nodenext", ModuleKind.NodeNext, ModuleResolutionKind.NodeNext],
  ["node16", ModuleKind.Node16, ModuleResolutionKind.Node16],
  ["bundler", ModuleKind.ESNext, ModuleResolutionKind.Bundler],
] as const)("with module resolution %s", ([, module, moduleResolution]) => {
  const program = ts.createProgram([join(folder, "module.mts"), join(folder, "commonjs.cts")], {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    // The declarations need neither Node's types nor a browser's.
    types: [],
    lib: ["lib.es2023.d.ts"],
  });
  const messages = ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(messages).toEqual([]);
});
