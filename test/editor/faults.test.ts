/** @file Processes that die and a window that reloads: verdicts come back, and no process is left behind. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openWorkbench } from "./workbench.ts";

const rule = `import { type Context, Function, type Tensor } from "@gradient-lens/engine";

export class Sine extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.sin();
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(input!.cos());
  }
}
`;
const endless = rule.replaceAll("Sine", "Endless").replace("return input.sin()", "while (true) {}");

test("a killed process, a flood of saves and a reload lose nothing and leave nothing", async () => {
  {
    await using editor = await openWorkbench({
      settings: { "gradientLens.timeLimit": 120 },
      files: { "sine.ts": rule, "endless.ts": endless },
    });
    await editor.openFile("sine.ts");
    await editor.waitForLens(/backward correct/);
    expect(sandboxes().length).toBeGreaterThan(0);

    for (const pid of sandboxes()) process.kill(pid, "SIGKILL");
    await editor.replace("input!.cos()", "input!.sin()");
    await editor.save();
    await editor.waitForLens(/backward wrong/);

    for (let i = 0; i < 10; i++) {
      await editor.replace(
        i % 2 === 0 ? "input!.sin()" : "input!.cos()",
        i % 2 === 0 ? "input!.cos()" : "input!.sin()",
      );
      await editor.save();
    }
    await editor.replace("input!.sin()", "input!.cos()");
    await editor.save();
    await editor.waitForLens(/backward correct/);

    // The window goes while a check runs that would not end for minutes.
    await editor.openFile("endless.ts");
    await editor.waitForLens(/Checking backward/);
    const before = sandboxes();
    await editor.command("Developer: Reload Window");
    await expect.poll(() => before.filter(pid => sandboxes().includes(pid)), { timeout: 60_000 }).toEqual([]);
    // The window comes back with the same file, whose check begins anew.
    await expect.poll(() => sandboxes().length, { timeout: 60_000 }).toBeGreaterThan(0);
    await editor.waitForLens(/Checking backward/);
    await editor.openFile("sine.ts");
    await editor.waitForLens(/backward correct/);
  }
  await expect.poll(sandboxes, { timeout: 60_000 }).toEqual([]);
});

/** Ids of the sandbox's processes that this test's VS Code started. */
function sandboxes(): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of readdirSync("/proc").filter(name => /^\d+$/.test(name))) {
    try {
      const [state, parent] = readFileSync(`/proc/${name}/stat`, "latin1").split(") ").at(-1)!.split(" ");
      if (state === "Z") continue;
      parents.set(Number(name), Number(parent));
      if (readFileSync(`/proc/${name}/cmdline`, "latin1").includes("sandbox.cjs")) found.push(Number(name));
    } catch {
      // It ended while it was looked at.
    }
  }
  return found.filter(pid => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === process.pid) return true;
    }
    return false;
  });
}
