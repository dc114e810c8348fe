/** @file Which modules of the workspace a Function needs, and of each of them which part. */

import ts from "typescript";
import type { ReadText } from "../checker.ts";
import type { Position } from "../finding.ts";
import { LineIndex } from "../source/line-index.ts";
import { moduleOf } from "../source/module.ts";
import { scriptLanguage } from "../source/script-language.ts";
import type { Resolution, Resolver } from "./resolution.ts";
import { type Request, Slice } from "./slice.ts";

/** A file that goes into the bundle: a module's slice, or data (JSON) as a whole. */
export interface LinkedFile {
  file: string;
  slice: Slice | undefined;
  text: string;
  /** The file that asked for it first; none for the Function's own. */
  importer: LinkedFile | undefined;
  /** Specifier → the file of the workspace that it means. */
  imports: Map<string, string>;
}

/** A file that is a module. */
export type LinkedModule = LinkedFile & { slice: Slice };

/** Something that a Function cannot have, and where it is asked for. */
export type Obstacle = { by: LinkedFile; at: Position } & (
  | { kind: "builtin"; specifier: string }
  | { kind: "import-at-run-time" }
  | { kind: "no-export"; name: string; of: string }
);

/** Follows what is needed from module to module until nothing new is. */
export class Linker {
  readonly files = new Map<string, LinkedFile>();
  readonly #resolver: Resolver;
  readonly #readText: ReadText;
  readonly #resolutions = new Map<string, Promise<Resolution>>();

  constructor(resolver: Resolver, readText: ReadText) {
    this.#resolver = resolver;
    this.#readText = readText;
  }

  /** The file of the Function, of which nothing is wanted yet. */
  open(file: string, text: string): LinkedModule {
    return this.#linked(file, text, undefined) as LinkedModule;
  }

  async link(): Promise<Obstacle | undefined> {
    const answered = new Map<LinkedFile, number>();
    for (let isComplete = false; !isComplete; ) {
      isComplete = true;
      for (const linked of this.files.values()) {
        const { slice } = linked;
        if (!slice) continue;
        const [dynamic] = slice.dynamicImports;
        if (dynamic) return { kind: "import-at-run-time", ...placeOf(dynamic, linked) };
        for (let next = answered.get(linked) ?? 0; next < slice.requests.length; next++) {
          isComplete = false;
          const refused = await this.#answer(slice.requests[next]!, linked);
          if (refused) return refused;
          answered.set(linked, next + 1);
        }
      }
    }
    return undefined;
  }

  async #answer(request: Request, linked: LinkedFile): Promise<Obstacle | undefined> {
    const { specifier, name, node, star } = request;
    const resolution = await this.#resolve(linked.file, specifier);
    if (resolution.kind === "builtin") return { kind: "builtin", specifier, ...placeOf(node, linked) };
    if (resolution.kind === "workspace") {
      const target = this.#linked(resolution.file, resolution.text, linked);
      linked.imports.set(specifier, target.file);
      if (!(await this.#provides(target, name))) {
        return star ? undefined : { kind: "no-export", name, of: target.file, ...placeOf(node, linked) };
      }
      target.slice?.want(name);
    }
    if (star) linked.slice?.keep(star);
    return undefined;
  }

  /** Whether a module exports a name, as far as texts tell: what is behind packages counts as all there. */
  async #provides(linked: LinkedFile, name: string, asked = new Set<LinkedFile>()): Promise<boolean> {
    const { slice } = linked;
    if (!slice || name === "*" || slice.isCommonJs || slice.exports.has(name)) return true;
    if (name === "default" || asked.has(linked)) return false;
    asked.add(linked);
    for (const { moduleSpecifier } of slice.stars) {
      if (!moduleSpecifier || !ts.isStringLiteralLike(moduleSpecifier)) continue;
      const resolution = await this.#resolve(linked.file, moduleSpecifier.text);
      if (resolution.kind !== "workspace") return resolution.kind !== "builtin";
      const target = this.#linked(resolution.file, resolution.text, linked);
      if (await this.#provides(target, name, asked)) return true;
    }
    return false;
  }

  #resolve(importer: string, specifier: string): Promise<Resolution> {
    const key = `${importer}\n${specifier}`;
    let resolution = this.#resolutions.get(key);
    if (resolution === undefined) {
      resolution = this.#resolver.resolve(importer, specifier, this.#readText);
      this.#resolutions.set(key, resolution);
    }
    return resolution;
  }

  #linked(file: string, text: string, importer: LinkedFile | undefined): LinkedFile {
    let linked = this.files.get(file);
    if (linked === undefined) {
      const slice = scriptLanguage(file) && new Slice(moduleOf(file, text));
      linked = { file, slice, text, importer, imports: new Map() };
      this.files.set(file, linked);
    }
    return linked;
  }
}

function placeOf(node: ts.Node, by: LinkedFile): { by: LinkedFile; at: Position } {
  return { by, at: new LineIndex(by.text).positionAt(node.getStart()) };
}
