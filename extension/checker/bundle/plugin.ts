/** @file The workspace as esbuild is shown it: slices in place of files, no built-ins. */

import { existsSync, realpathSync } from "node:fs";
import { builtinModules } from "node:module";
import { extname } from "node:path";
import type {
  Loader,
  Message,
  Metafile,
  OnLoadArgs,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from "esbuild";
import { scriptLanguage } from "../source/script-language.ts";
import { isReadable } from "../texts.ts";
import type { LinkedFile } from "./link.ts";

/** Namespace of modules that are no files. esbuild calls such a module `namespace:path`. */
const BUILTIN_MODULE = "node-builtin";
/** What esbuild calls the importer of the file that a build starts with. */
const NONE = "";

/** Whether esbuild's name for a module is that of an empty one in place of a built-in, no file. */
export function isEmptyModule(input: string): boolean {
  return input.startsWith(`${BUILTIN_MODULE}:`);
}

/** A Node built-in that a package asks for. */
export interface BuiltinImport {
  specifier: string;
  importer: string;
}

export class WorkspacePlugin implements Plugin {
  readonly name = "workspace";
  readonly #builtins: BuiltinImport[] = [];
  readonly #byPath = new Map<string, LinkedFile>();
  /** Importer and specifier → a file that is not on disk, or that esbuild would not look for under that name. */
  readonly #redirects = new Map<string, string>();
  readonly #textOf: (linked: LinkedFile) => string;

  constructor(files: Iterable<LinkedFile>, entry: LinkedFile, textOf: (linked: LinkedFile) => string) {
    this.#textOf = textOf;
    for (const linked of files) {
      this.#byPath.set(linked.file, linked);
      // esbuild calls files by their real paths.
      if (existsSync(linked.file)) this.#byPath.set(realpathSync.native(linked.file), linked);
      for (const [specifier, file] of linked.imports) {
        if (!existsSync(file) || isCompiledName(specifier, linked, file))
          this.#redirect(linked.file, specifier, file);
      }
    }
    if (!existsSync(entry.file)) this.#redirect(NONE, entry.file, entry.file);
  }

  /** The file as its user knows it, for the path esbuild gives it. */
  fileAt(path: string): string {
    return this.#byPath.get(path)?.file ?? path;
  }

  /** The built-in that is still there after tree shaking, if any. */
  builtinIn({ outputs }: Metafile): BuiltinImport | undefined {
    const used = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
    const left = new Set(used.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([input]) => input));
    return this.#builtins.find(({ specifier }) => left.has(`${BUILTIN_MODULE}:${specifier}`));
  }

  /** The built-in that esbuild could not resolve, if that is what it says. */
  builtinMissing([error]: readonly Message[]): BuiltinImport | undefined {
    return this.#builtins.find(({ specifier }) => error?.text === `Could not resolve "${specifier}"`);
  }

  readonly setup = (build: PluginBuild): void => {
    build.onLoad({ filter: exactly(this.#byPath.keys()), namespace: "file" }, args => this.#load(args));
    build.onLoad({ filter: /^/, namespace: "file" }, args => refuseEndless(args));
    if (this.#redirects.size > 0) {
      const specifiers = [...this.#redirects.keys()].map(key => key.slice(key.indexOf("\n") + 1));
      build.onResolve({ filter: exactly(specifiers) }, args => this.#follow(args));
    }
    build.onResolve({ filter: NODE_BUILTIN }, args => this.#resolveBuiltin(args, build));
    build.onLoad({ filter: /^/, namespace: BUILTIN_MODULE }, () => ({ contents: "module.exports = {};" }));
  };

  #load({ path }: OnLoadArgs) {
    const linked = this.#byPath.get(path)!;
    return { contents: this.#textOf(linked), loader: loaderOf(linked.file) };
  }

  #redirect(importer: string, specifier: string, file: string): void {
    this.#redirects.set(`${importer}\n${specifier}`, file);
  }

  #follow({ importer, path }: OnResolveArgs): OnResolveResult | undefined {
    const file = this.#redirects.get(`${this.fileAt(importer)}\n${path}`);
    return file === undefined ? undefined : { path: file };
  }

  /**
   * A built-in that a package asks for. A package of the same name stands in for it where one is installed. Else an
   * import leads to an empty module, which tree shaking removes if nothing uses it; an import at run time fails then;
   * and `require` is left to esbuild, which forgives it within `try`.
   */
  async #resolveBuiltin(args: OnResolveArgs, build: PluginBuild): Promise<OnResolveResult | undefined> {
    const { path, kind, importer, resolveDir, pluginData } = args;
    if (pluginData === PACKAGE_ONLY) return undefined;
    const standIn = await build.resolve(path, { kind, importer, resolveDir, pluginData: PACKAGE_ONLY });
    if (standIn.errors.length === 0) return undefined;
    this.#builtins.push({ specifier: path, importer: this.fileAt(importer) });
    if (kind === "dynamic-import") return { path, external: true };
    return kind === "import-statement" ? { path, namespace: BUILTIN_MODULE, sideEffects: false } : undefined;
  }
}

/** What esbuild reads itself, it reads to the end. */
async function refuseEndless({ path }: OnLoadArgs): Promise<OnLoadResult | undefined> {
  const isFile = await isReadable(path).catch(() => true);
  return isFile ? undefined : { errors: [{ text: `"${path}" is no file, or too large to be code` }] };
}

/** How esbuild is to read a file of the workspace. */
export function loaderOf(file: string): Loader {
  return scriptLanguage(file)?.loader ?? (extname(file).slice(1) as Loader);
}

const PACKAGE_ONLY = Symbol("package only");
const NODE_BUILTIN = new RegExp(
  `^(node:.*|${builtinModules.filter(name => !name.startsWith("_")).join("|")})$`,
);

/** Whether `./x.js`, imported by JavaScript, means `x.ts`: esbuild looks for that in TypeScript's imports only. */
function isCompiledName(specifier: string, { file: importer }: LinkedFile, file: string): boolean {
  return /\.[cm]?jsx?$/.test(importer) && /\.[cm]?jsx?$/.test(specifier) && /\.[cm]?tsx?$/.test(file);
}

/** esbuild's filters are Go's regular expressions: this is their common part with JavaScript's. */
function exactly(names: Iterable<string>): RegExp {
  const escaped = [...names].map(name => name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`^(${escaped.join("|")})$`);
}
