/** @file A problem as VS Code holds it, and the batch that finds problems everywhere. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, lensesBecome, rulesIn, show, uriOf } from "./documents.ts";
import { withSettings } from "./settings.ts";

const { fs } = vscode.workspace;

describe("problems", () => {
  afterEach(closeAll);

  it("stand on the returned expression, and their code leads to the page of the rule", async () => {
    const document = await show("matrix-square.ts");
    await lensesBecome("matrix-square.ts", [/backward wrong/]);
    const problem = vscode.languages
      .getDiagnostics(document.uri)
      .find(({ source }) => source === "gradient-lens");
    assert.ok(problem);
    assert.equal(document.getText(problem.range), "gradOutput.mul(2).mul(input)");
    assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
    assert.match(problem.message, /^Returned: .*\nExpected: .*\nDefined for .*square matrices only/m);
    assert.ok(typeof problem.code === "object" && problem.code.value === "wrong-vjp");
    const page = Buffer.from(await fs.readFile(problem.code.target)).toString();
    assert.match(page, /^# wrong-vjp\n/);
  });

  it("Cancel stops a check of the workspace for good", async () => {
    const endless = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";
export class Endless extends Function {
  static forward(ctx: Context, x: Tensor) { while (true) {} return x; }
  static backward(ctx: Context, gradOutput: Tensor) { return gradOutput; }
}
`;
    const names = Array.from({ length: 12 }, (_, i) => `endless/${i}.ts`);
    try {
      for (const name of names) await fs.writeFile(uriOf(name), Buffer.from(endless));
      await withSettings({ checkOnOpen: false }, async () => {
        await show(names[0]!);
        await lensesBecome(names[0]!, [/Check backward/]);
        const batch = vscode.commands.executeCommand("gradientLens.checkWorkspace");
        await lensesBecome(names[0]!, [/Checking backward/]);
        await vscode.commands.executeCommand("gradientLens.cancel");
        await batch;
        await lensesBecome(names[0]!, [/Check backward/]);
        assert.deepEqual(names.flatMap(rulesIn), []);
      });
    } finally {
      await closeAll();
      await fs.delete(uriOf("endless"), { recursive: true });
    }
  });
});
