/** @file A check that never ends holds up neither the extension host nor the other checks. */

import * as assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as vscode from "vscode";
import { closeAll, lensesBecome, lensTitles, replace, rulesIn, show } from "./documents.ts";

describe("an endless check", () => {
  afterEach(closeAll);

  it("lets another file's check end before it, and ends as time-limit", async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const document = await show("matrix-square-fixed.ts");
    await lensesBecome("matrix-square-fixed.ts", [/backward correct/]);
    await replace(
      document,
      "return input.matmul(input);",
      "while (true) {}\n    return input.matmul(input);",
    );

    delay.enable();
    const endless = vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome("matrix-square-fixed.ts", [/Checking backward/]);
    await show("softmax.ts");
    await vscode.commands.executeCommand("gradientLens.checkFile");
    await lensesBecome("softmax.ts", [/backward correct/]);
    assert.match((await lensTitles("matrix-square-fixed.ts"))[0] ?? "", /Checking backward/);
    await endless;
    delay.disable();

    assert.deepEqual(rulesIn("matrix-square-fixed.ts"), ["time-limit"]);
    const ms = (nanoseconds: number): string => `${(nanoseconds / 1e6).toFixed(0)} ms`;
    console.log(`Event loop during an endless check: mean delay ${ms(delay.mean)}, longest ${ms(delay.max)}`);
  });
});
