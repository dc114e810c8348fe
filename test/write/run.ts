/** @file Every rule of the corpus without its backward: derived, written, checked. `node --conditions=source test/write/run.ts [--show] [NAME …]` */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Buffered } from "./rule.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "test/verdict/rules");
const wanted = process.argv.slice(2).filter(name => name !== "--show");
const all = process.argv.includes("--show");
const buffered = new Buffered(join(root, "dist/sandbox.cjs"));
const counts = new Map<string, number>();
for (const name of readdirSync(folder).filter(name => name.endsWith(".ts"))) {
  const file = join(folder, name);
  const text = readFileSync(file, "utf8");
  for (const site of await buffered.checker.functions(file, text)) {
    if (wanted.length > 0 && !wanted.includes(site.name)) continue;
    if (site.unreachable !== undefined || site.backward === null) continue;
    const { outcome, detail, written } = await buffered
      .rewritten(file, text, site.name)
      .catch((error: Error) => ({
        outcome: "fault" as const,
        detail: error.stack ?? error.message,
        written: null,
      }));
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    console.log(`${name} ${site.name}: ${outcome}${detail === "" ? "" : ` (${detail})`}`);
    if (wanted.length > 0 || all) console.log(written);
  }
}
console.log(Object.fromEntries(counts));
await buffered.checker.dispose();
