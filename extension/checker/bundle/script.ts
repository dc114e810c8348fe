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
import { isEmptyModule, loaderOf, WorkspacePlugin } from "./plugin.ts";
import { esbuildRefusal, packageRefusal, type Refusal } from "./refusal.ts";
import { RESOLUTION } from "./resolution.ts";
import type { Slice } from "./slice.ts";

export interface Bundle {
  /** Strict script text without imports. */
  script: string;
  map: SourceMap;
  /** Absolute paths of all files that the script is made of. */
  inputs: string[];
}

/** Source map, revision 3, from the script to the texts as they are. Sources are absolute paths, null for what is no file. */
export interface SourceMap {
  version: 3;
  sources: (string | null)[];
  names: string[];
  mappings: string;
}

/** Imports of the engine, which is in no bundle, call `require`; so do requires that packages have left, which fail. */
const BANNER = `"use strict";
var require = name => {
  if ((name + "/").startsWith("${ENGINE}/")) return engine;
  throw Error('Dynamic require of "' + name + '" is not supported');
};`;

const OPTIONS = {
  ...RESOLUTION,
  bundle: true,
  format: "iife",
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

export async function buildScript(
  files: Iterable<LinkedFile>,
  entry: LinkedModule,
  { name, path }: DerivableSite,
  rewrite: (text: string) => string,
): Promise<Bundle | Refusal> {
  const { file, slice } = entry;
  const { text, ...ends } = endsOf(rewrite(slice.text()), path, slice);
  const folder = dirname(file);
  const base = existsSync(folder) ? folder : process.cwd();
  // Looking for a file costs esbuild almost as much time as all the rest.
  const plugin = slice.standsAlone
    ? undefined
    : new WorkspacePlugin(files, entry, linked => (linked === entry ? text : textOf(linked)));
  const fileAt = (path: string) => plugin?.fileAt(resolve(base, path)) ?? resolve(base, path);
  const { build } = await esbuild();
  try {
    const result = await build({
      ...OPTIONS,
      ...ends,
      ...(plugin
        ? { entryPoints: [file], plugins: [plugin] }
        : { stdin: { contents: text, sourcefile: file, resolveDir: base, loader: loaderOf(file) } }),
      absWorkingDir: base,
      outfile: resolve(base, "gradient-lens.js"),
    });
    const builtin = plugin?.builtinIn(result.metafile);
    return builtin ? packageRefusal(builtin, name, file) : bundleOf(result, fileAt);
  } catch (error) {
    const { errors } = error as BuildFailure;
    if (!Array.isArray(errors)) throw error;
    // What the plugin itself throws is a fault of this program.
    const [own] = errors.map(({ detail }) => detail).filter(Boolean);
    if (own) throw own;
    const builtin = plugin?.builtinMissing(errors);
    return builtin ? packageRefusal(builtin, name, file) : esbuildRefusal(errors, fileAt, file);
  }
}

function textOf({ slice, text }: LinkedFile): string {
  return slice?.text() ?? text;
}

/**
 * What makes the class the script's value: one more line of the Function's module, where the class has a name there;
 * else what that module exports.
 */
function endsOf(text: string, path: string[], slice: Slice) {
  let value = "gradientLens";
  while (text.includes(value)) value += "_";
  const members = (names: string[]) => names.map(name => `[${JSON.stringify(name)}]`).join("");
  const exported = exportedPath(path, slice);
  if (exported) {
    const footer = { js: `${value}${members(exported)};` };
    return { text, banner: { js: BANNER }, globalName: value, footer };
  }
  const [root, ...properties] = path;
  return {
    text: `${text}\n;${value} = ${root}${members(properties)};\n`,
    banner: { js: `${BANNER}\nvar ${value};` },
    footer: { js: `${value};` },
  };
}

/** Where the class is in its module's exports, if it is named by them. */
function exportedPath(path: string[], { isCommonJs }: Slice): string[] | undefined {
  if (path[0] === "default") return path;
  if (isCommonJs && path[0] === "exports") return path.slice(1);
  if (isCommonJs && path[0] === "module") return path.slice(2);
  return undefined;
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
      sources: sources.map(source => (isEmptyModule(source) ? null : fileAt(source))),
      names,
      mappings,
    },
    inputs: Object.keys(metafile.inputs)
      .filter(input => !isEmptyModule(input))
      .map(fileAt),
  };
}
