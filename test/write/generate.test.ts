/** @file Generated code type-checks against the engine as it is published; what cannot be verified is refused with the reason. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DerivableSite } from "../../extension/checker/checker.ts";
import { type Generated, generate, type Wanted } from "../../extension/checker/generate.ts";
import { checkerOn } from "../../extension/checker/local-checker.ts";
import { createRuntime, type Runtime } from "../../extension/checker/runtime.ts";
import { builtRealm } from "../../extension/checker/sandbox/testing.ts";
import { LineIndex } from "../../extension/checker/source/line-index.ts";
import { findTensorFunctions } from "../../extension/checker/source/tensor-functions.ts";
import { edited } from "../../extension/checker/write/changes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FILE = join(root, "examples/written.ts");
const OPTIONS = { seed: 1, limits: { timeMs: 20_000, memoryMb: 350 } };
const IMPORT = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";\n\n`;

let runtime: Runtime;
beforeAll(async () => {
  runtime = createRuntime(await builtRealm());
});
afterAll(() => runtime.dispose());

async function made(text: string, wanted: Wanted): Promise<Generated> {
  const readText = async (path: string): Promise<string | undefined> => (path === FILE ? text : undefined);
  const sites: DerivableSite[] =
    wanted === "function"
      ? await findTensorFunctions(FILE, text)
      : await checkerOn(runtime, readText).functions(FILE, text);
  return generate(runtime, readText, FILE, { wanted, site: sites[0]! }, OPTIONS);
}

async function textAfter(text: string, wanted: Wanted): Promise<string> {
  const generated = await made(text, wanted);
  if (generated.kind === "refused") throw new Error(generated.message);
  return edited(text, generated.edits);
}

/** What the compiler says of a file that imports the engine's declarations. */
function typeErrors(text: string): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, readFile, fileExists } = host;
  host.getSourceFile = (name, ...rest) =>
    name === FILE
      ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023)
      : getSourceFile.call(host, name, ...rest);
  host.readFile = name => (name === FILE ? text : readFile.call(host, name));
  host.fileExists = name => name === FILE || fileExists.call(host, name);
  const program = ts.createProgram({ rootNames: [FILE], options, host });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("a custom Function", () => {
  test.each<[string, string]>([
    [
      "a declaration",
      "export function energy(x: Tensor, A: Tensor): Tensor {\n  return x.matmul(A).mul(x).sum(1);\n}\n",
    ],
    [
      "an arrow with a dimension",
      "const soft = (x: Tensor, dim = -1) => x.exp().div(x.exp().sum(dim, true));\n",
    ],
    ["two outputs", "function both(x: Tensor): [Tensor, Tensor] {\n  return [x.sin(), x.exp()];\n}\n"],
  ])("for %s type-checks", async (_, code) => {
    const text = await textAfter(IMPORT + code, "function");
    expect(typeErrors(text)).toEqual([]);
    expect(text).toContain(code.trimEnd());
  });

  test("stands where it says", async () => {
    const text = `${IMPORT}const cubed = (x: Tensor) => x.pow(3);\n`;
    const generated = await made(text, "function");
    if (generated.kind === "refused") throw new Error(generated.message);
    const after = edited(text, generated.edits);
    const lines = new LineIndex(after);
    const { start, end } = generated.inserted;
    const inserted = after.slice(lines.offsetAt(start), lines.offsetAt(end));
    expect(inserted).toMatch(/^class Cubed extends Function \{[\s\S]*\n\}$/);
  });

  test("asks sizes of tensors, counts dimensions from the back, and takes batches where forward does", async () => {
    const code = `function attention(q: Tensor, k: Tensor, v: Tensor) {
  const weights = q.matmul(k.mT).div(Math.sqrt(q.size(-1))).softmax(-1);
  return weights.matmul(v);
}
`;
    const generated = await made(IMPORT + code, "function");
    if (generated.kind === "refused") throw new Error(generated.message);
    const text = edited(IMPORT + code, generated.edits);
    expect(generated.note).toMatch(/\. Forward also takes q: \(n,\), k: .*: there backward throws\.$/);
    expect(text).toContain("ctx.saveForBackward(q, k, v, weights);");
    expect(text).toContain("u.matmul(k).div(Math.sqrt(q.size(-1)))");
    expect(text).toContain("weights.mT.matmul(gradOutput)");
    expect(typeErrors(text)).toEqual([]);
  });

  test("and then its jvp", async () => {
    const once = await textAfter(`${IMPORT}const cubed = (x: Tensor) => x.pow(3);\n`, "function");
    const twice = await textAfter(once, "jvp");
    expect(typeErrors(twice)).toEqual([]);
    expect(twice).toMatch(/static jvp\(ctx: Context, dx: Tensor\)/);
  });
});

test("a type error would be seen", () => {
  expect(typeErrors(`${IMPORT}export const n: number = "text";`)).not.toEqual([]);
});

describe("nothing is written, and it is said why,", () => {
  test("where it depends on the numbers how often forward does what", async () => {
    const code = `class Root extends Function {
  static forward(_ctx: Context, c: Tensor) {
    let y = c;
    for (let i = 0; i < Math.ceil(100 * c.abs().amax().item()); i++) y = y.sin();
    return y;
  }
}
`;
    const generated = await made(IMPORT + code, "backward");
    expect(generated).toMatchObject({ kind: "refused", equation: true });
    expect((generated as { message: string }).message).toMatch(/^No backward could be derived for Root\. /);
  });

  test("where the formula is another one for each size", async () => {
    const code = `class Turned extends Function {
  static forward(_ctx: Context, x: Tensor) {
    const half = x.size(1) / 2;
    return cat([x.narrow(1, half, half).square(), x.narrow(1, 0, half)], 1);
  }
}
`;
    const text = IMPORT.replace("{ type", "{ cat, type") + code;
    const generated = await made(text, "backward");
    expect((generated as { message?: string }).message).toMatch(
      /did not call it correct, so nothing was inserted\. .* for x of shape .*sizes, write one Function for each\./,
    );
  });

  test("where the backward that is there is wrong", async () => {
    const code = `class Sine extends Function {
  static forward(ctx: Context, x: Tensor) {
    ctx.saveForBackward(x);
    return x.sin();
  }
  static backward(ctx: Context, g: Tensor) {
    return g.mul(ctx.savedTensors[0].sin());
  }
}
`;
    const generated = await made(IMPORT + code, "jvp");
    expect(generated).toMatchObject({ kind: "refused", equation: false });
    expect((generated as { message: string }).message).toMatch(
      /did not call it correct, so nothing was inserted/,
    );
  });
});

test("what holds for fewer inputs than forward takes has a note", async () => {
  const code = `class Loss extends Function {
  static forward(_ctx: Context, x: Tensor) {
    return x.flatten(1).square().sum(1).add(1).log();
  }
}
`;
  const generated = await made(IMPORT + code, "backward");
  if (generated.kind === "refused") throw new Error(generated.message);
  expect(generated.note).toMatch(/^This backward is for x: \(n, m\)\. Forward also takes x: /);
  expect(typeErrors(edited(IMPORT + code, generated.edits))).toEqual([]);
});
