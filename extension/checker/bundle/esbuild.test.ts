import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => {
  vi.doUnmock("esbuild");
  vi.doUnmock("esbuild-wasm");
  vi.resetModules();
});

const TIMEOUT = { timeout: 60_000 };

/** As where the platform has no program: the package is there, and fails at its first use. */
const withoutProgram = () => ({
  transform: async () => {
    throw new Error("no program for this platform");
  },
});

describe("esbuild", () => {
  it("is its WebAssembly build where there is no native one", TIMEOUT, async () => {
    vi.doMock("esbuild", withoutProgram);
    const { esbuild, stopEsbuild } = await import("./esbuild.ts");
    const { build } = await esbuild();
    const { outputFiles } = await build({
      stdin: { contents: "export const a: number = 1", loader: "ts" },
      write: false,
    });
    expect(outputFiles[0]!.text).toBe("export const a = 1;\n");
    await stopEsbuild();
  });

  it("says why it could not be started, and tries again", TIMEOUT, async () => {
    vi.doMock("esbuild", withoutProgram);
    vi.doMock("esbuild-wasm", withoutProgram);
    const { esbuild, stopEsbuild } = await import("./esbuild.ts");
    for (let i = 0; i < 2; i++) {
      await expect(esbuild()).rejects.toThrow(
        "esbuild could not be started, neither native nor as WebAssembly: no program for this platform; no program for this platform",
      );
    }
    await stopEsbuild();
  });
});
