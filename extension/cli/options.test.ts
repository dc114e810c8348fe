import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { DEFAULT_LIMITS } from "../checker/limits.ts";
import { parse } from "./options.ts";

function parsed(...argv: string[]) {
  let told = "";
  return { ...parse(argv, text => (told += text)), told: told || undefined };
}

describe("options", () => {
  it("check the working directory with the defaults, where nothing is said", () => {
    expect(parsed("check")).toEqual({
      kind: "check",
      arguments: { paths: ["."], format: "pretty", seed: 0, limits: DEFAULT_LIMITS, cached: true },
    });
  });

  it("take paths, format, seed and limits in any order", () => {
    const argv = [
      "a",
      "--seed",
      "7",
      "--format=json",
      "b",
      "--time-limit",
      "0.5",
      "--memory-limit",
      "512",
      "--no-cache",
    ];
    expect(parsed("check", ...argv)).toEqual({
      kind: "check",
      arguments: {
        paths: ["a", "b"],
        format: "json",
        seed: 7,
        limits: { timeMs: 500, memoryMb: 512 },
        cached: false,
      },
    });
  });

  it("tell help and version", () => {
    expect(parsed("--version").told).toBe(`${manifest.version}\n`);
    expect(parsed("--help").told).toContain("Usage: gradient-lens");
    expect(parsed("check", "--help").told).toContain("--format <format>");
  });

  it.each([
    [[], /expected a command/],
    [["chekc"], /unknown command 'chekc'.*check/],
    [["check", "--fromat", "json"], /unknown option '--fromat'/],
    [["check", "--format", "xml"], /'xml' is invalid.*pretty, json/],
    [["check", "--format"], /argument missing/],
    [["check", "--seed", "-1"], /Expected an integer from 0/],
    [["check", "--seed", "1.5"], /Expected an integer from 0/],
    [["check", "--seed", "4294967296"], /Expected an integer from 0/],
    [["check", "--time-limit", "0"], /at least 0.1/],
    [["check", "--memory-limit", "lots"], /at least 100/],
  ])("refuse %j in one line", (argv, message) => {
    const result = parsed(...argv);
    expect(result).toMatchObject({
      kind: "unusable",
      message: expect.stringMatching(message),
      told: undefined,
    });
    expect(result.kind === "unusable" && result.message).not.toContain("\n");
  });
});
