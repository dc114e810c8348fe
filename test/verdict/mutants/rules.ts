/** @file The rules under test: every Function of every file in a folder, as the product's own reader finds them. */

import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { FunctionSite } from "../../../extension/checker/checker.ts";
import { findFunctions } from "../../../extension/checker/source/functions.ts";
import { scriptLanguage } from "../../../extension/checker/source/script-language.ts";
import { readFromDisk } from "../../../extension/checker/texts.ts";

export interface RuleFile {
  /** Absolute path. */
  readonly file: string;
  /** Path from the folder that was asked for. */
  readonly label: string;
  readonly text: string;
  readonly sites: readonly FunctionSite[];
}

/** One Function of a file. */
export interface Rule {
  /** "linear.ts:Linear" */
  readonly id: string;
  readonly file: string;
  readonly text: string;
  readonly site: FunctionSite;
}

/** What is wrong with the folder that was asked for; its message is for people. */
export class RulesError extends Error {}

/** @param paths folders, read with what is below them, and single files */
export async function readRules(paths: readonly string[]): Promise<Rule[]> {
  const rules: Rule[] = [];
  for (const path of paths) {
    for (const { file, label, text, sites } of await filesOf(resolve(path))) {
      for (const site of sites) rules.push({ id: `${label}:${site.name}`, file, text, site });
    }
  }
  if (rules.length === 0)
    throw new RulesError(`expected files with Functions in ${paths.join(" and ")}, found none`);
  return rules;
}

async function filesOf(path: string): Promise<RuleFile[]> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new RulesError(`expected a folder of rules at ${path}, found nothing there`);
  const root = stats.isDirectory() ? path : join(path, "..");
  const names = stats.isDirectory() ? scripts(path) : [path];
  return Promise.all(
    names.map(async file => {
      const text = (await readFromDisk(file)) ?? "";
      const sites = (await findFunctions(file, text, readFromDisk)).filter(isRule);
      return { file, label: relative(root, file).replaceAll("\\", "/"), text, sites };
    }),
  );
}

function scripts(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(
      name => scriptLanguage(name) !== undefined && !/(^|[\\/])node_modules[\\/]|\.test\.\w+$/.test(name),
    )
    .sort()
    .map(name => join(folder, name));
}

/** An abstract base is no rule: the classes that extend it are. */
function isRule({ unreachable }: FunctionSite): boolean {
  return !unreachable?.startsWith("It is abstract");
}
