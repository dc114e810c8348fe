/**
 * @file The judge's path without the sandbox: a Function's text is bundled as the product does it, evaluated in this
 * process on the same globals, and examined.
 */

import * as engineModule from "@gradient-lens/engine";
import { resetState } from "@gradient-lens/engine/judge";
import { Bundler } from "../../../extension/checker/bundle/bundler.ts";
import type { FunctionSite } from "../../../extension/checker/checker.ts";
import type { Judgement } from "../../../extension/checker/finding.ts";
import { judgementOfRefusal, judgementOfText } from "../../../extension/checker/judgement-of.ts";
import { examine } from "../../../extension/checker/probe/examine.ts";
import type { Parameter } from "../../../extension/checker/sandbox/job.ts";
import { createConsole } from "../../../extension/checker/sandbox/realm/console.ts";
import { seededMath } from "../../../extension/checker/sandbox/realm/seeded-math.ts";
import { describeThrown } from "../../../extension/checker/sandbox/realm/thrown.ts";
import { findFunctions } from "../../../extension/checker/source/functions.ts";
import { readFromDisk, withBuffers } from "../../../extension/checker/texts.ts";

const engine = Object.freeze({ ...engineModule });
const bundler = new Bundler();

/** A Function ready to be examined, or what the product says of one that cannot be. */
export type Prepared = { readonly program: Program } | { readonly refused: Judgement };

export async function prepare(file: string, text: string, name: string): Promise<Prepared> {
  const readText = withBuffers({ [file]: text }, readFromDisk);
  const site = (await findFunctions(file, text, readText)).find(found => found.name === name);
  if (site === undefined) throw new Error(`expected a Function ${name} in ${file}, found none`);
  const known = judgementOfText(site);
  if (known !== undefined) return { refused: known };
  const bundle = await bundler.bundle(file, site, readText);
  if ("refused" in bundle) return { refused: judgementOfRefusal(name, bundle.refused) };
  return { program: new Program(bundle.script, site) };
}

/** Ends esbuild's process. */
export function dispose(): Promise<void> {
  return bundler.dispose();
}

/** The self-contained script of one Function. */
export class Program {
  readonly name: string;
  readonly parameters: Parameter[] | null;
  readonly #script: string;

  constructor(script: string, { name, forward }: FunctionSite) {
    this.name = name;
    this.parameters = forward?.parameters ?? null;
    this.#script = script;
  }

  /** The class, evaluated afresh: what one check leaves on it, the next does not see. */
  evaluate(seed: number): unknown {
    resetState(seed);
    const console = createConsole(
      () => {},
      () => null,
    );
    return COMPLETION(engine, console, seededMath(seed), this.#script);
  }

  examine(seed: number): Judgement {
    try {
      const value = this.evaluate(seed);
      return examine(value, { name: this.name, parameters: this.parameters, seed, explained: false });
    } catch (error) {
      // The checker calls it a crash: it ends the process, and there is no verdict.
      return {
        verdict: "inconclusive",
        rule: "sandbox-violation",
        message: `the check of ${this.name} itself threw ${describeThrown(error)}`,
        reason: error instanceof Error ? (error.stack ?? "") : "",
        domain: null,
        inputs: [],
      };
    }
  }
}

/** A script's completion value, with the sandbox's names in scope. */
const COMPLETION = new globalThis.Function("engine", "console", "Math", "script", "return eval(script)");
