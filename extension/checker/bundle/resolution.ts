/** @file What an import leads to: the engine, a module of the workspace, a package, or a Node built-in. */

import { isBuiltin } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import type { BuildOptions, Plugin, PluginBuild } from "esbuild";
import type { ReadText } from "../checker.ts";
import { IMPORT_EXTENSIONS, isRelative, readImport } from "../source/module-path.ts";
import { isEngine } from "../source/outline.ts";
import { scriptLanguage } from "../source/script-language.ts";
import { esbuild } from "./esbuild.ts";

export type Resolution =
  | { kind: "engine" }
  | { kind: "builtin" }
  /** A file of the workspace, whose text counts as it stands in the editor. */
  | { kind: "workspace"; file: string; text: string }
  /** A package's file, or nothing at all: esbuild reads it from disk, or says why not. */
  | { kind: "outside" };

/** The sandbox is no browser, but like one it has no built-ins, and packages that can do without them say so to browsers. */
export const RESOLUTION = {
  platform: "browser",
  resolveExtensions: IMPORT_EXTENSIONS,
} satisfies BuildOptions;

/** Resolves as esbuild would (packages, `paths` of tsconfig.json), unsaved buffers first. */
export class Resolver {
  #resolve: Promise<{ call: PluginBuild["resolve"]; dispose: () => Promise<void> }> | undefined;

  async resolve(importer: string, specifier: string, readText: ReadText): Promise<Resolution> {
    if (isEngine(specifier)) return { kind: "engine" };
    if (specifier.startsWith("node:")) return { kind: "builtin" };
    if (isRelative(specifier) || isAbsolute(specifier)) {
      const found = await readImport(importer, specifier, readText);
      if (found) return isOurs(found.file) ? { kind: "workspace", ...found } : { kind: "outside" };
    }
    const found = await this.#resolveByEsbuild(importer, specifier);
    if (found === undefined) return { kind: isBuiltin(specifier) ? "builtin" : "outside" };
    const text = isOurs(found) ? await readText(found) : undefined;
    return text === undefined ? { kind: "outside" } : { kind: "workspace", file: found, text };
  }

  /** Starts anew at the next call. */
  reset(): void {
    this.#resolve = undefined;
  }

  async dispose(): Promise<void> {
    const resolver = this.#resolve;
    this.#resolve = undefined;
    await (await resolver?.catch(() => undefined))?.dispose();
  }

  /** The file, if there is any. */
  async #resolveByEsbuild(importer: string, specifier: string): Promise<string | undefined> {
    this.#resolve ??= this.#start();
    const { call } = await this.#resolve;
    const options = { importer, resolveDir: dirname(importer), kind: "import-statement" } as const;
    const { path, errors } = await call(specifier, options);
    return errors.length > 0 ? undefined : resolve(path);
  }

  /** esbuild resolves at the request of a plugin only: here is one in a build that is never run. */
  async #start() {
    const { context } = await esbuild();
    const plugins: Plugin[] = [];
    const call = new Promise<PluginBuild["resolve"]>(captured => {
      plugins.push({ name: "resolve", setup: build => captured(build.resolve) });
    });
    const idle = await context({
      ...RESOLUTION,
      entryPoints: [],
      bundle: true,
      write: false,
      logLevel: "silent",
      plugins,
    });
    return { call: await call, dispose: () => idle.dispose() };
  }
}

/** Code and data outside packages: what somebody may be editing. */
function isOurs(file: string): boolean {
  if (/[\\/]node_modules[\\/]/.test(file)) return false;
  return scriptLanguage(file) !== undefined || file.endsWith(".json");
}
