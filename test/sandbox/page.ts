/** @file docs/ATTACKS.md: every attack and how it ended, written by `npm run escapes -- --write-docs`. */

import { writeFileSync } from "node:fs";
import { inProject } from "../../scripts/project.ts";
import type { Report } from "./report.ts";

export function writePage(report: Report): void {
  writeFileSync(inProject("docs", "ATTACKS.md"), page(report));
}

/** No figures that differ from one run to the next: the page changes when an outcome does. */
export function page({ attacks, breaches }: Report): string {
  const kinds = Map.groupBy(attacks, ({ kind }) => kind);
  const rows = [...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([kind, of]) => summary(kind, of));
  return `<!-- Written by \`npm run escapes -- --write-docs\`. -->

# Attacks on the sandbox, and how they end

Each is a module that a checked Function imports, checked on the road that every check takes; after each, the next check must find
everything as it was and judge a correct Function so. \`blocked\`: ends by itself, without effect. \`harmless\`: ordinary code
that must work. \`terminated\`: must be stopped. What the sandbox promises is in [SECURITY.md](../SECURITY.md).

${attacks.filter(({ met }) => met).length} of ${attacks.length} attacks ended as expected; ${breaches} reached anything.

| kind | attacks | blocked | harmless | terminated | as expected |
|---|---:|---:|---:|---:|---:|
${rows.join("\n")}

| attack | kind | expectation | outcome | as expected |
|---|---|---|---|---|
${attacks.map(({ file, kind, expectation, outcome, met }) => `| ${file} | ${kind} | ${expectation} | ${outcome} | ${met ? "yes" : "**no**"} |`).join("\n")}
`;
}

function summary(kind: string, attacks: Report["attacks"]): string {
  const count = (expectation: string) => attacks.filter(attack => attack.expectation === expectation).length;
  const met = attacks.filter(attack => attack.met).length;
  return `| ${kind} | ${attacks.length} | ${count("blocked")} | ${count("harmless")} | ${count("terminated")} | ${met} |`;
}
