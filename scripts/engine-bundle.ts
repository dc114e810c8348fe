/**
 * @file The engine as a package: ES modules one by one, so that bundlers can leave out what is not imported, and one
 * file for `require`.
 */

import { globSync, readFileSync, rmSync } from "node:fs";
import { type BuildOptions, build, context, type Plugin } from "esbuild";
import { inProject, root } from "./project.ts";

/** `const name = make(…)`, at the beginning of a line of a module, with a type or without. */
const MADE_BY_CALL = /^((?:export )?const [^\n]*? = )(?=\w+(?:<[^\n]*?>)?\()/gm;

/**
 * Tells the bundlers of those who use the engine which calls they may drop: an operation that nobody imports, and which
 * is no method of a tensor either. In the engine a call that makes a constant does nothing else; what modules do
 * to the world, `defineMethods(…)` above all, is a statement of its own.
 */
const pureConstants: Plugin = {
  name: "pure-constants",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]engine[\\/][^.]*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(MADE_BY_CALL, "$1/* @__PURE__ */ "),
      loader: "ts",
    }));
  },
};

/** Leaves imports between the engine's modules as they are, under the names that the files have in the package. */
const oneByOne: Plugin = {
  name: "one-by-one",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path: path.replace(/\.ts$/, ".js"), external: true },
    );
  },
};

/** The engine's modules, tests excepted: what the package's entry can reach, and the lens's entry. */
function engineModules(): string[] {
  const tests = /\.test\.ts$/;
  return globSync("engine/{*.ts,*/*.ts}", { cwd: root }).filter(
    file => !tests.test(file) && !/engine[\\/](dist[\\/]|judge\.ts|symbolic[\\/.])/.test(file),
  );
}

const packaged = inProject("engine", "dist");

function engineOptions(format: "esm" | "cjs", dist = packaged): BuildOptions {
  const output: BuildOptions =
    format === "esm"
      ? { entryPoints: engineModules(), outdir: dist, outbase: "engine", plugins: [pureConstants, oneByOne] }
      : { entryPoints: ["engine/index.ts"], outfile: `${dist}/index.cjs` };
  return {
    absWorkingDir: root,
    ...output,
    bundle: true,
    format,
    // Neither Node's nor the browser's: the engine knows no I/O. "main" is for libraries that have no "module".
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    sourcemap: true,
    legalComments: "eof",
    logLevel: "warning",
  };
}

export async function buildEngine(outDir = packaged): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  await Promise.all([build(engineOptions("esm", outDir)), build(engineOptions("cjs", outDir))]);
}

export async function watchEngine(): Promise<void> {
  for (const format of ["esm", "cjs"] as const) await (await context(engineOptions(format))).watch();
}
