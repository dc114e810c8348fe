/** @file The hint on a sum that mixes samples: it comes, the light bulb says what could be there instead, and it goes. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, replace, rulesBecome, show, uriOf, write } from "./documents.ts";

const FILE = "cross-terms.ts";
const LOSS = "x.matmul(A).matmul(x.t()).sum()";
const TEXT = `import { type Tensor } from "@gradient-lens/engine";
export function loss(x: Tensor, A: Tensor) {
  return ${LOSS};
}
`;

describe("cross terms", () => {
  beforeEach(() => write(FILE, TEXT));
  afterEach(async () => {
    await closeAll();
    await vscode.workspace.fs.delete(uriOf(FILE));
  });

  async function actionsAtReduction(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    const at = document.positionAt(document.getText().indexOf(LOSS) + 3);
    return vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      new vscode.Range(at, at),
      vscode.CodeActionKind.QuickFix.value,
    );
  }

  it("are a hint, on the sum itself", async () => {
    const document = await show(FILE);
    await rulesBecome(FILE, ["cross-terms"]);
    const [hint] = vscode.languages
      .getDiagnostics(document.uri)
      .filter(({ source }) => source === "gradient-lens");
    assert.ok(hint);
    assert.equal(hint.severity, vscode.DiagnosticSeverity.Information);
    assert.equal(document.getText(hint.range), LOSS);
    assert.match(hint.message, /x\[i\] @ A @ x\[j\] of every pair of rows of x/);
  });

  const fixes: [title: RegExp, text: string][] = [
    [/diagonal/, "x.matmul(A).matmul(x.t()).diagonal().sum()"],
    [/einsum/, 'einsum("ni,ij,nj->", x, A, x)'],
    [/meant/, "// gradient-lens-ignore cross-terms"],
  ];
  for (const [title, text] of fixes) {
    it(`go with the quick fix ${title.source}`, async () => {
      const document = await show(FILE);
      await rulesBecome(FILE, ["cross-terms"]);
      const action = (await actionsAtReduction(document)).find(found => title.test(found.title));
      assert.ok(action?.edit);
      assert.ok(!action.isPreferred);
      await vscode.workspace.applyEdit(action.edit);
      assert.ok(document.getText().includes(text), document.getText());
      await document.save();
      await rulesBecome(FILE, []);
    });
  }

  it("come back with the code that had them", async () => {
    const document = await show(FILE);
    await rulesBecome(FILE, ["cross-terms"]);
    await replace(document, ".sum()", ".diagonal().sum()");
    await rulesBecome(FILE, []);
    await replace(document, ".diagonal()", "");
    await document.save();
    await rulesBecome(FILE, ["cross-terms"]);
  });
});
