/** @file A forward that never ends: its check ends as `time-limit`, and meanwhile the editor answers. */

import { expect, test } from "vitest";
import { openWorkbench } from "./workbench.ts";

const endless = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Endless extends Function {
  static forward(ctx: Context, input: Tensor) {
    while (true) {}
    return input;
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    return gradOutput;
  }
}
`;

test("while (true) {} ends as time-limit, and keys show while it runs", async () => {
  await using editor = await openWorkbench({
    // Long enough for all that a person does meanwhile, on a busy machine too.
    settings: { "gradientLens.timeLimit": 20 },
    files: { "endless.ts": endless, "notes.txt": "Typed here while the check runs:\n" },
  });
  await editor.openFile("notes.txt");
  await editor.goTo(2);
  const before = await editor.typingLatency();

  await editor.openFile("endless.ts");
  await editor.waitForLens(/Checking backward/);
  await editor.openFile("notes.txt");
  await editor.goTo(2);
  const during = await editor.typingLatency();
  await editor.openFile("endless.ts");
  expect((await editor.lenses()).map(({ text }) => text)).toEqual([
    expect.stringContaining("Checking backward"),
  ]);

  const problems = await editor.waitForProblems("the time limit's problem", seen =>
    seen.some(({ code }) => code === "time-limit"),
  );
  expect(problems).toHaveLength(1);
  await editor.waitForLens(/inconclusive · .*stopped after 20 s/);
  await editor.screenshot("time-limit");
  const figures = ({ median, worst }: typeof before): string =>
    `median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`;
  console.log(`A key shows after: ${figures(before)}; during an endless check: ${figures(during)}`);

  // The process was ended; the next check gets a fresh one.
  await editor.replace("while (true) {}", "// ends");
  await editor.save();
  await editor.waitForLens(/backward correct/);
});
