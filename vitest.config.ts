/** @file The tests that need no editor. Those in a real VS Code have their own configuration, in test/editor. */

import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  // `@gradient-lens/engine` is then its sources, as in the builds.
  ssr: { resolve: { conditions: ["source", "module", "node", "development|production"] } },
  test: {
    include: ["{bench,engine,extension,scripts,test}/**/*.test.ts"],
    // Generous, as many tests start processes, and a machine may be busy with other things.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: "test/temporary.ts",
    exclude: [...configDefaults.exclude, "test/editor/**"],
  },
});
