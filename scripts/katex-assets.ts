/** @file KaTeX's stylesheet and fonts, which the panel with typeset maths loads from beside the bundles; its script is bundled. */

import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProject } from "./project.ts";

/** Copies them into the given folder: of each font the one format that every VS Code reads. */
export function copyKatexAssets(target: string): void {
  const katex = inProject("node_modules", "katex");
  const fonts = join(katex, "dist", "fonts");
  mkdirSync(join(target, "fonts"), { recursive: true });
  for (const font of readdirSync(fonts).filter(name => name.endsWith(".woff2")))
    cpSync(join(fonts, font), join(target, "fonts", font));
  const css = readFileSync(join(katex, "dist", "katex.min.css"), "utf8");
  const single = css.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[^"]*"\)/g, "");
  if (/\.(?:woff|ttf)\)/.test(single))
    throw new Error("KaTeX's stylesheet names fonts in another form than expected");
  writeFileSync(join(target, "katex.css"), single);
  cpSync(join(katex, "LICENSE"), join(target, "LICENSE"));
}
