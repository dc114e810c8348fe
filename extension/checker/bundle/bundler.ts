/** @file One Function made into a self-contained script, from the texts as they stand in the editor. */

import { basename } from "node:path";
import type { DerivableSite, ReadText } from "../checker.ts";
import { scriptLanguage } from "../source/script-language.ts";
import { dropEsbuild, isEndOfEsbuild, runningEsbuild, stopEsbuild } from "./esbuild.ts";
import { Linker } from "./link.ts";
import { obstacleRefusal, type Refusal, refusal } from "./refusal.ts";
import { Resolver } from "./resolution.ts";
import { type Bundle, buildScript } from "./script.ts";
import type { Slice } from "./slice.ts";

/** The first time it may be another's bundle that ended esbuild's process. */
const MOST_TRIES = 2;

/** Keeps esbuild's process warm from one bundle to the next. */
export class Bundler {
  readonly #resolver = new Resolver();

  /**
   * Rejects only if esbuild itself cannot be had; what is wrong with the code comes as a refusal.
   * @param rewrite of the Function's file, of which what is not needed is blank: every other character is where it was
   */
  async bundle(
    file: string,
    site: DerivableSite,
    readText: ReadText,
    rewrite: (text: string) => string = text => text,
  ): Promise<Bundle | Refusal> {
    const { name, unreachable } = site;
    if (unreachable !== undefined)
      return refusal("cannot-bundle", `${name} cannot be checked. ${unreachable}`);
    const text = scriptLanguage(file) && (await readText(file));
    if (text === undefined)
      return refusal("cannot-bundle", `${basename(file)} is no script that can be read.`);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const running = runningEsbuild();
      try {
        return await this.#bundleOnce(file, text, site, readText, rewrite);
      } catch (error) {
        if (error instanceof RangeError)
          return refusal("cannot-bundle", `${name} needs code that is nested too deep to be read.`);
        if (!isEndOfEsbuild(error)) throw error;
        this.#resolver.reset();
        await dropEsbuild(running);
      }
    }
    return refusal("cannot-bundle", `esbuild ends whenever it bundles what ${name} needs.`);
  }

  async #bundleOnce(
    file: string,
    text: string,
    site: DerivableSite,
    readText: ReadText,
    rewrite: (text: string) => string,
  ): Promise<Bundle | Refusal> {
    const { name, path } = site;
    const linker = new Linker(this.#resolver, readText);
    const entry = linker.open(file, text);
    if (!want(entry.slice, path)) {
      return refusal(
        "cannot-bundle",
        `${name} is no longer in ${basename(file)}: check it again once it is.`,
      );
    }
    const obstacle = await linker.link();
    return obstacle
      ? obstacleRefusal(obstacle, name, file)
      : buildScript(linker.files.values(), entry, site, rewrite);
  }

  /** Ends esbuild's process. A later bundle starts it again. */
  async dispose(): Promise<void> {
    await this.#resolver.dispose();
    await stopEsbuild();
  }
}

/** Keeps what the class at `path` needs; false if there is none (any more). */
function want(slice: Slice, [root, ...properties]: string[]): boolean {
  if (root === undefined) return false;
  if (slice.isCommonJs && root === "exports") slice.want(properties[0] ?? "*");
  else if (slice.isCommonJs && root === "module") slice.want(properties[1] ?? "*");
  else if (root === "default" && slice.exports.has(root)) slice.want(root);
  else return slice.wantBinding(root);
  return true;
}
