/** @file Why a Function could not be bundled, in words for the person who wrote it. */

import { dirname, relative } from "node:path";
import type { Message } from "esbuild";
import type { Position, Rule } from "../finding.ts";
import type { Obstacle } from "./link.ts";
import type { BuiltinImport } from "./plugin.ts";

export interface Refusal {
  refused: { rule: Rule; message: string };
}

export function refusal(rule: Rule, message: string): Refusal {
  return { refused: { rule, message } };
}

/** `entry` is the file of the Function `name`. */
export function obstacleRefusal(obstacle: Obstacle, name: string, entry: string): Refusal {
  const { by, at } = obstacle;
  const files: string[] = [];
  for (let linked = by.importer; linked; linked = linked.importer) files.unshift(display(linked.file, entry));
  const route = [...files, place(display(by.file, entry), at)].join(" → ");
  switch (obstacle.kind) {
    case "builtin":
      return refusal(
        "sandbox-violation",
        `${route} imports "${obstacle.specifier}", and ${name} needs it. ${onlyComputes(name)}`,
      );
    case "import-at-run-time":
      return refusal(
        "sandbox-violation",
        `${route} calls import(), and ${name} needs it. Code is not loaded while a Function runs: import it at the top of the file.`,
      );
    case "no-export":
      return refusal(
        "cannot-bundle",
        `${route} imports "${obstacle.name}", which ${display(obstacle.of, entry)} does not export.`,
      );
  }
}

/** A built-in that a package needs. */
export function packageRefusal({ specifier, importer }: BuiltinImport, name: string, entry: string): Refusal {
  const by = display(importer, entry);
  return refusal(
    "sandbox-violation",
    `${by} imports "${specifier}", and ${name} needs it. ${onlyComputes(name)}`,
  );
}

function onlyComputes(name: string): string {
  return `A Function may only compute: keep files, network and processes out of what ${name} uses, and pass in what they give as an argument of forward.`;
}

/** What esbuild found wrong, the first of it in full. */
export function esbuildRefusal(
  errors: readonly Message[],
  fileOf: (location: string) => string,
  entry: string,
): Refusal {
  const [first, ...others] = errors;
  if (first === undefined) return refusal("cannot-bundle", "esbuild failed without a reason.");
  const { location } = first;
  const where = location
    ? `${place(display(fileOf(location.file), entry), { line: location.line - 1, character: utf16(location) })}: `
    : "";
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return refusal("cannot-bundle", `${where}${explained(first.text)}${more}`);
}

function explained(text: string): string {
  if (text.startsWith("Top-level await")) {
    return "await at the top level of a module that the Function needs: what it waits for is not there when the Function is checked. Compute it without await, or pass it in as an argument of forward.";
  }
  if (/^Could not resolve "[^./]/.test(text)) return `${text}. Is the package installed in this workspace?`;
  return text;
}

/** esbuild counts columns in bytes of UTF-8. */
function utf16({ lineText, column }: { lineText: string; column: number }): number {
  return Buffer.from(lineText).subarray(0, column).toString().length;
}

/** As editors and compilers write it, counted from one. */
function place(file: string, { line, character }: Position): string {
  return `${file}:${line + 1}:${character + 1}`;
}

/** Short names: as seen from the file of the Function. */
function display(file: string, entry: string): string {
  return relative(dirname(entry), file).replaceAll("\\", "/");
}
