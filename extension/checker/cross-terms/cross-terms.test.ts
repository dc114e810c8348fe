/** @file The hint, through the real sandbox: who gets it, what it says, and that its fixes are what they promise. */

import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProject } from "../../../scripts/project.ts";
import type { Finding, TextEdit } from "../finding.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createChecker, type LocalChecker } from "../local-checker.ts";
import { builtRealm } from "../sandbox/testing.ts";
import { LineIndex } from "../source/line-index.ts";
import { IMPORTS, NOT_REPORTED, REPORTED } from "./cases.ts";

const FILE = inProject("examples", "scratch.ts");

let text = "";
let checker: LocalChecker;

beforeAll(async () => {
  const readText = async (path: string) => (path === FILE ? text : undefined);
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

const codeOf = ({ code, imports = IMPORTS }: (typeof REPORTED)[number]) => `${imports}\n${code}`;

describe("reported", () => {
  const fixedTexts: string[] = [];

  it.each(REPORTED)("$title", async given => {
    const { holds, fixed } = given;
    const code = codeOf(given);
    const found = await hintsIn(code);
    expect(found).toHaveLength(1);
    const [{ rule, message, fixes }] = found as [Finding];
    expect(rule).toBe("cross-terms");
    expect(message).toMatch(/^The (sum|mean) holds /);
    expect(message.split(" for every pair")[0]).toBe(
      `${message.slice(0, message.indexOf("holds"))}holds ${holds}`,
    );

    const changed = fixes.map(({ edits }) => applied(code, edits));
    expect(changed.slice(0, -1).map((result, f) => [f, result.includes(fixed[f] ?? "nothing")])).toEqual(
      fixed.map((_, f) => [f, true]),
    );
    expect(fixes.every(({ verified }) => verified)).toBe(true);
    for (const result of changed) expect(await hintsIn(result)).toEqual([]);
    fixedTexts.push(code, ...changed);
  });

  it("with fixes that type-check", () => {
    expect(typeErrors([`${IMPORTS}\nexport const n: number = randn([2]);`])).toHaveLength(1);
    expect(fixedTexts.length).toBeGreaterThan(2 * REPORTED.length);
    expect(typeErrors(fixedTexts)).toEqual([]);
  });
});

describe("not reported", () => {
  it.each(NOT_REPORTED)("%s", async (_, code) => {
    expect(await hintsIn(`${IMPORTS}\n${code}`)).toEqual([]);
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
