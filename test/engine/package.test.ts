/**
 * @file The engine as others get it: loaded by Node both ways and by a browser, with nothing beside it; and what a
 * bundler leaves out of it.
 */

import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as engine from "@gradient-lens/engine";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildEngine } from "../../scripts/engine-bundle.ts";
import { inProject, nodeExecutable } from "../../scripts/project.ts";
import { launchBrowser } from "../editor/browser.ts";
import { scratchFolder } from "../editor/scratch.ts";

const { folder, remove } = scratchFolder();
const installed = join(folder, "node_modules", "@gradient-lens", "engine");
const dist = join(installed, "dist");
afterAll(remove);

beforeAll(async () => {
  mkdirSync(installed, { recursive: true });
  cpSync(inProject("engine", "package.json"), join(installed, "package.json"));
  await buildEngine(dist);
}, 60_000);

/** Runs a program that has the package installed; gives what it printed. */
function run(file: string, code: string): string {
  writeFileSync(join(folder, file), code);
  const { stdout, stderr } = spawnSync(nodeExecutable, [file], { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim();
}

describe("in Node", () => {
  test("import and require give all names", async () => {
    const names = Object.keys(engine).toSorted();
    expect(Object.keys(await import(pathToFileURL(join(dist, "index.js")).href)).toSorted()).toEqual(names);
    expect(Object.keys(createRequire(import.meta.url)(join(dist, "index.cjs"))).toSorted()).toEqual(names);
  });

  test("needs nothing beside it", () => {
    const modules = globSync("**/*.{js,cjs}", { cwd: dist });
    expect(modules.length).toBeGreaterThan(100);
    for (const file of modules) {
      const specifiers = readFileSync(join(dist, file), "utf8").matchAll(
        /^(?:import|export)\b[^;'"]*?["']([^"']+)["'];$|\brequire\("([^"]+)"\)/gm,
      );
      for (const [, imported, required] of specifiers) expect(imported ?? required).toMatch(/^\.{1,2}\//);
    }
  });

  const nan = `
    function userCode(x) { return x.sqrt().mul(0).sum(); }
    try { autograd.detectAnomaly(() => userCode(tensor([0], { requiresGrad: true })).backward()); }
    catch (error) { console.log(error.message); }`;

  test.each([
    ["anomaly.mjs", `import { autograd, tensor } from "@gradient-lens/engine"; ${nan}`],
    ["anomaly.cjs", `const { autograd, tensor } = require("@gradient-lens/engine"); ${nan}`],
  ])("%s: anomaly mode shows the user's frames, and none of the package's before them", (file, code) => {
    const [, , first] = run(file, code).split("\n");
    expect(first).toMatch(new RegExp(`at userCode \\(.*${file.replace(".", "\\.")}:\\d+:\\d+\\)`));
  });
});

describe("in a bundle", () => {
  /** The modules of the package that something is left of, and the bundle. */
  async function bundled(code: string): Promise<{ modules: string[]; text: string }> {
    const { metafile, outputFiles } = await build({
      stdin: { contents: code, resolveDir: folder },
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
      metafile: true,
    });
    const [output] = Object.values(metafile.outputs);
    const kept = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    return {
      modules: kept.map(([path]) => path.replace(/^.*\/dist\//, "").replace(/\.js$/, "")),
      text: outputFiles[0]!.text,
    };
  }

  const evaluated = async (text: string): Promise<Record<string, unknown>> =>
    import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);

  test("a tensor keeps all its methods", async () => {
    const { text } = await bundled(
      `import { tensor } from "@gradient-lens/engine"; export const names = Object.getOwnPropertyNames(Object.getPrototypeOf(tensor(1)));`,
    );
    const { names } = await evaluated(text);
    expect((names as string[]).toSorted()).toEqual(
      Object.getOwnPropertyNames(engine.Tensor.prototype).toSorted(),
    );
  });

  test("what no method needs is left out where it is not imported", async () => {
    const { modules, text } = await bundled(
      `import { tensor } from "@gradient-lens/engine"; console.log(tensor([1, 2]).exp());`,
    );
    for (const absent of [
      "gradcheck/gradcheck",
      "autograd/implicit",
      "autograd/function",
      "kernels/eigen",
      "kernels/convolution",
      "nn/functional",
      "nn/conv",
      "ops/einsum",
      "ops/linalg-lstsq",
    ]) {
      expect(modules).not.toContain(absent);
    }
    // As in torch, x.svd() is a method: whoever has a tensor has that.
    expect(modules).toContain("ops/linalg-svd");
    const whole = await bundled(`import * as engine from "@gradient-lens/engine"; console.log(engine);`);
    expect(whole.modules).toEqual(expect.arrayContaining(["kernels/eigen", "nn/conv", "ops/einsum"]));
    expect(text.length).toBeLessThan(0.7 * whole.text.length);
  });
});

test("in a browser: a gradient and a gradcheck", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.route("http://engine.test/**", route => {
      const path = new URL(route.request().url()).pathname;
      return path === "/"
        ? route.fulfill({ contentType: "text/html", body: "<!doctype html><title>engine</title>" })
        : route.fulfill({ contentType: "text/javascript", path: join(dist, path) });
    });
    await page.goto("http://engine.test/");
    const results = await page.evaluate(`import("/index.js").then(engine => {
      const { autograd, Function, manualSeed, randn, tensor } = engine;
      class MatrixSquare extends Function {
        static forward(ctx, x) { ctx.saveForBackward(x); return x.matmul(x); }
        static backward(ctx, g) { const [x] = ctx.savedTensors; return g.matmul(x.t()).add(x.t().matmul(g)); }
      }
      manualSeed(0);
      const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
      MatrixSquare.apply(x).sum().backward();
      return [String(x.grad), autograd.gradcheck(x => MatrixSquare.apply(x), randn(3, 3).requiresGrad_())];
    })`);
    expect(results).toEqual(["tensor([[ 7., 11.],\n        [ 9., 13.]])", true]);
  } finally {
    await browser.close();
  }
});
