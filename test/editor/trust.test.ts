/** @file In a workspace that is not trusted nothing of it is run, and the lens says so. */

import { expect, test } from "vitest";
import { openWorkbench } from "./workbench.ts";

test("nothing runs before the workspace is trusted", async () => {
  await using editor = await openWorkbench({ files: "examples", trusted: false });
  await editor.openFile("matrix-square.ts");
  await editor.waitForLens(/the workspace is not trusted/);
  await editor.command("Gradient Lens: Check file");
  expect(await editor.notifications()).toContainEqual(
    expect.stringContaining("the workspace is not trusted"),
  );
  expect(await editor.problems()).toEqual([]);
  await editor.screenshot("untrusted");

  await editor.clickLens(/the workspace is not trusted/, editor.page.locator(".workspace-trust-editor"));
  await editor.trust();
  await editor.openFile("matrix-square.ts");
  await editor.waitForLens(/backward wrong/);
});
