/** @file The examples, opened one after the other: each lens says what its file's first lines promise. */

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, lensesBecome, rulesBecome, show, uriOf } from "./documents.ts";

const correct = /backward correct/;
const wrong = /backward wrong/;

const expected: Record<string, RegExp[]> = {
  "energy.ts": [correct, correct],
  "linear.ts": [wrong],
  "matrix-square-fixed.ts": [correct],
  "matrix-square.ts": [wrong],
  "quadratic-form.ts": [correct],
  "softmax.ts": [correct],
  "solve.ts": [correct],
};

/** Of the planted errors. */
const rules: Record<string, string> = { "linear.ts": "only-special-inputs", "matrix-square.ts": "wrong-vjp" };

/** Hints, which stand beside a lens that is content. */
const hints: Record<string, string[]> = { "quadratic-form.ts": ["cross-terms"] };

describe("examples", () => {
  afterEach(closeAll);

  it("are all expected here", async () => {
    const entries = await vscode.workspace.fs.readDirectory(uriOf("."));
    const files = entries.map(([name]) => name).filter(name => name.endsWith(".ts"));
    assert.deepEqual(files.sort(), Object.keys(expected).sort());
  });

  for (const [file, lenses] of Object.entries(expected)) {
    it(`${file} is checked when it is opened`, async () => {
      await show(file);
      await lensesBecome(file, lenses);
      const due = [...lenses.filter(lens => lens === wrong).map(() => rules[file]!), ...(hints[file] ?? [])];
      await rulesBecome(file, due);
    });
  }
});
