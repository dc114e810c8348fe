/**
 * @file The slices of the modules that a Function needs, put together by esbuild into one script. It sees `engine` and
 * nothing else; its completion value is the class.
 */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { BuildFailure, BuildOptions, BuildResult } from "esbuild";
import type { DerivableSite } from "../checker.ts";
import { ENGINE } from "../source/outline.ts";
import { esbuild } from "./esbuild.ts";
import type { LinkedFile, LinkedModule } from "./link.ts";
import { isGlue, WorkspacePlugin } from "./plugin.ts";
import { esbuildRefusal, packageRefusal, type Refusal } from "./refusal.ts";
import { RESOLUTION } from "./resolution.ts";

export interface Bundle {
  /** Strict script text without imports. */
  script: string;
  map: SourceMap;
  /** Absolute paths of all files that the script is made of. */
  inputs: string[];
}

/** Source map, revision 3, from the script to the texts as they are. Sources are absolute paths, null for glue. */
export interface SourceMap {
  version: 3;
  sources: (string | null)[];
  names: string[];
  mappings: string;
}

/** The variable whose value is the script's. */
const VALUE = "gradientLens";

/** Imports of the engine, which is in no bundle, call `require`; so do requires that packages have left, which fail. */
const BANNER = `"use strict";
var ${VALUE};
var require = name => {
  if ((name + "/").startsWith("${ENGINE}/")) return engine;
  throw Error('Dynamic require of "' + name + '" is not supported');
};`;

const OPTIONS = {
  ...RESOLUTION,
  bundle: true,
  format: "iife",
  banner: { js: BANNER },
  footer: { js: `${VALUE};` },
  external: [ENGINE],
  target: "es2022",
  // What a package has left of them after bundling fails when it is called, not when the script is read.
  supported: { "dynamic-import": false },
  define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
  sourcemap: "external",
  sourcesContent: false,
  metafile: true,
  write: false,
  logLevel: "silent",
} satisfies BuildOptions;

/** The name under which the Function's module hands the class to the end of the script. */
const TARGET = "gradientLensTarget";

export async function buildScript(
  files: Iterable<LinkedFile>,
  entry: LinkedModule,
  { name, path }: DerivableSite,
  rewrite: (text: string) => string,
): Promise<Bundle | Refusal> {
  const { text, start } = ends(entry, path, rewrite);
  const folder = dirname(entry.file);
  const base = existsSync(folder) ? folder : process.cwd();
  const plugin = new WorkspacePlugin(files, entry, linked => (linked === entry ? text : textOf(linked)));
  const fileAt = (path: string) => plugin.fileAt(resolve(base, path));
  const { build } = await esbuild();
  try {
    const result = await build({
      ...OPTIONS,
      stdin: { contents: start, resolveDir: base, loader: "js" },
      absWorkingDir: base,
      outfile: resolve(base, "gradient-lens.js"),
      plugins: [plugin],
    });
    const builtin = plugin.builtinIn(result.metafile);
    return builtin ? packageRefusal(builtin, name, entry.file) : bundleOf(result, fileAt);
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!Array.isArray(errors)) throw error;
    // What the plugin itself throws is a fault of this program.
    const [own] = errors.map(({ detail }) => detail).filter(Boolean);
    if (own) throw own;
    const builtin = plugin.builtinMissing(errors);
    return builtin ? packageRefusal(builtin, name, entry.file) : esbuildRefusal(errors, fileAt, entry.file);
  }
}

function textOf({ slice, text }: LinkedFile): string {
  return slice?.text() ?? text;
}

/**
 * The slice of the Function's module, with a line more that exports the class where it does not itself; and the text
 * that the build starts with, which makes it the script's value.
 */
function ends(
  { slice, file }: LinkedModule,
  [root, ...properties]: string[],
  rewrite: (text: string) => string,
): { text: string; start: string } {
  const text = rewrite(slice.text());
  const from = JSON.stringify(file);
  const members = (names: string[]) => names.map(name => `[${JSON.stringify(name)}]`).join("");
  if (slice.isCommonJs && (root === "exports" || root === "module")) {
    const exported = root === "module" ? properties.slice(1) : properties;
    return { text, start: `${VALUE} = require(${from})${members(exported)};` };
  }
  if (slice.isCommonJs) {
    const start = `${VALUE} = require(${from})${members([TARGET, ...properties])};`;
    return { text: `${text}\nmodule.exports.${TARGET} = ${root};\n`, start };
  }
  const name = root === "default" ? root : TARGET;
  const start = `import { ${name} as root } from ${from};\n${VALUE} = root${members(properties)};`;
  return { text: root === "default" ? text : `${text}\nexport { ${root} as ${TARGET} };\n`, start };
}

function bundleOf(
  { outputFiles, metafile }: BuildResult<typeof OPTIONS>,
  fileAt: (path: string) => string,
): Bundle {
  const [script, map] = [".js", ".map"].map(end => outputFiles.find(({ path }) => path.endsWith(end))!.text);
  const { sources, names, mappings } = JSON.parse(map!) as {
    sources: string[];
    names: string[];
    mappings: string;
  };
  return {
    script: script!,
    map: {
      version: 3,
      sources: sources.map(source => (isGlue(source) ? null : fileAt(source))),
      names,
      mappings,
    },
    inputs: Object.keys(metafile.inputs)
      .filter(input => !isGlue(input))
      .map(fileAt),
  };
}
