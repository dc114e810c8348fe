/**
 * @file The README's table of settings, from the manifest: `npm run readme` writes it, a test holds the two together.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { inProject } from "./project.ts";

interface Setting {
  type: string;
  default: unknown;
  markdownDescription: string;
}

const BEGIN = "<!-- settings:begin, written by scripts/readme.ts -->";
const END = "<!-- settings:end -->";

/** A README with the manifest's settings between its two marks. */
export function withSettings(readme: string, manifest: string): string {
  const { contributes } = JSON.parse(manifest) as {
    contributes: { configuration: { properties: Record<string, Setting> } };
  };
  const rows = Object.entries(contributes.configuration.properties).map(
    ([name, { default: value, markdownDescription }]) =>
      `| \`${name}\` | \`${JSON.stringify(value)}\` | ${markdownDescription} |`,
  );
  const table = ["| setting | default | |", "|---|---|---|", ...rows].join("\n");
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`The README must hold ${BEGIN} and, after it, ${END}.`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

if (process.argv[1] === import.meta.filename) {
  const path = inProject("README.md");
  writeFileSync(
    path,
    withSettings(readFileSync(path, "utf8"), readFileSync(inProject("package.json"), "utf8")),
  );
}
