/** @file The suites that drive a real VS Code from outside; those inside its extension host are mocha's, in host/. */

import { defineConfig } from "vitest/config";
import { root } from "../../scripts/project.ts";

export default defineConfig({
  root,
  test: {
    include: ["test/editor/*.test.ts"],
    // Each starts a VS Code and a browser.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A browser, a server and an extension host share the machine with whatever else runs there; a second try is shown.
    retry: 1,
  },
});
