/**
 * @file The sandbox's process as one file: the boot, which still has Node's powers, with the realm's script inside it
 * as text, which the boot evaluates after it has given those powers up.
 */

import { readFile } from "node:fs/promises";
import { sep } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { inProject, root } from "./project.ts";

const shared = {
  absWorkingDir: root,
  bundle: true,
  target: "node20",
  conditions: ["source"],
  // Whitespace is half of the text that every new process has to read; names stay, for messages.
  minifyWhitespace: true,
  logLevel: "warning",
} satisfies BuildOptions;

/** Writes the sandbox's process to `outfile`. */
export async function buildSandbox(outfile: string): Promise<void> {
  await build({
    ...shared,
    entryPoints: ["extension/checker/sandbox/realm/boot.ts"],
    outfile,
    platform: "node",
    format: "cjs",
    plugins: [realmAsText],
  });
}

/** `import text from "sandbox:realm"`: the realm's script, whose completion value is its `start`. */
const realmAsText: Plugin = {
  name: "realm-as-text",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^sandbox:realm$/ }, ({ path }) => ({ path, namespace: "sandbox" }));
    onLoad({ filter: /.*/, namespace: "sandbox" }, async () => ({
      contents: await realmScript(),
      loader: "text",
    }));
  },
};

async function realmScript(): Promise<string> {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: ["extension/checker/sandbox/realm/realm.ts"],
    write: false,
    // Neither Node's nor the browser's: nothing in the realm may need either.
    platform: "neutral",
    format: "iife",
    globalName: "realm",
    banner: { js: '(() => { "use strict";' },
    footer: { js: "return realm.start; })()" },
    plugins: [sesWithNames, engineClassesHanded],
  });
  return outputFiles[0]!.text;
}

/** In one scope with everything else SES's `Error` would have to be called `Error2`, which people would get to read. */
const sesWithNames: Plugin = {
  name: "ses-with-names",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]ses[\\/]index\.js$/ }, async ({ path }) => {
      const options: BuildOptions = {
        ...shared,
        entryPoints: [path],
        write: false,
        platform: "neutral",
        format: "esm",
        plugins: [iteratorsLeftAlone],
      };
      const { outputFiles } = await build({ ...options, keepNames: true });
      return { contents: outputFiles![0]!.text, loader: "js" };
    });
  },
};

/**
 * SES turns methods of the shared prototypes into accessors, so that they can be overridden by assignment. V8 spreads and copies
 * arrays and sets fast, five to thirty times, only while nobody has redefined how they are iterated; and nobody assigns that.
 */
const iteratorsLeftAlone: Plugin = {
  name: "iterators-left-alone",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]ses[\\/]src[\\/]enable-property-overrides\.js$/ }, async ({ path }) => {
      const condition = "'value' in desc && desc.configurable";
      const [before, after, ...more] = (await readFile(path, "utf8")).split(condition);
      if (after === undefined || more.length > 0)
        throw new TypeError(`expected one "${condition}" in ${path}`);
      return { contents: `${before}${condition} && prop !== Symbol.iterator${after}`, loader: "js" };
    });
  },
};

/** Each of the engine's modules hands its classes to the realm, which freezes also those that no export names. */
const engineClassesHanded: Plugin = {
  name: "engine-classes-handed",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(inProject("engine", sep))) return undefined;
      const source = await readFile(path, "utf8");
      const names = [...source.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)].map(([, name]) => name);
      const list = JSON.stringify(inProject("extension", "checker", "sandbox", "realm", "engine-classes.ts"));
      const hand = `\nimport { engineClasses as handed } from ${list};\nhanded.push(${names.join(", ")});\n`;
      return { contents: names.length > 0 ? source + hand : source, loader: "ts" };
    });
  },
};
