import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckerClient, CheckerLost } from "./checker-client.ts";

/**
 * A worker that speaks the protocol and does as the name of the file says. `marker` outlives it: so it knows whether it
 * is the first.
 */
const WORKER = (marker: string) => `
import { existsSync, writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
const cancelled = new Set();
parentPort.on("message", message => {
  const { kind, id, params } = message;
  const reply = rest => parentPort.postMessage({ id, ...rest });
  if (kind === "cancel") return reply({ kind: "cancelled" });
  if (kind === "dispose") return reply({ kind: "result", result: null });
  switch (params.file) {
    case "dies once":
      if (!existsSync(${JSON.stringify(marker)})) {
        writeFileSync(${JSON.stringify(marker)}, "");
        process.exit(9);
      }
      return reply({ kind: "result", result: [{ name: "after death" }] });
    case "dies": return process.exit(9);
    case "throws": throw new Error("out of memory, say");
    case "waits": return;
    case "faulty": return reply({ kind: "fault", message: "esbuild cannot be had", stack: null });
    default: return reply({ kind: "result", result: [{ name: params.file, text: params.text, buffers: params.buffers }] });
  }
});
`;

describe("checker client", () => {
  let folder: string;
  let client: CheckerClient;
  let logged: string[];
  let buffers: Record<string, string>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gradient-lens-client-"));
    const worker = join(folder, "worker.mjs");
    writeFileSync(worker, WORKER(join(folder, "marker")));
    logged = [];
    buffers = {};
    const log = (message: string) => void logged.push(message);
    client = new CheckerClient({ worker, realm: "", cache: null, buffers: () => buffers, log });
  });
  afterEach(async () => {
    await client.dispose();
    rmSync(folder, { recursive: true });
  });

  it("matches replies to requests, whatever their order", async () => {
    const names = await Promise.all(["a", "b", "c"].map(file => client.functions(file, "")));
    expect(names.flat().map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("sends the unsaved buffers as they are when it is asked", async () => {
    buffers = { "/code/a.ts": "unsaved" };
    const asked = client.functions("a", "text");
    buffers = {};
    expect(await asked).toEqual([{ name: "a", text: "text", buffers: { "/code/a.ts": "unsaved" } }]);
  });

  it("asks the next worker once more when one dies", async () => {
    expect(await client.functions("dies once", "")).toEqual([{ name: "after death" }]);
    expect(logged).toEqual(["The checker ended with exit code 9."]);
  });

  it("rejects with the reason what kills every worker, and goes on with the next request", async () => {
    await expect(client.functions("dies", "")).rejects.toThrow(CheckerLost);
    await expect(client.functions("throws", "")).rejects.toThrow(
      "The checker failed: out of memory, say Check again.",
    );
    expect((await client.functions("a", ""))[0]?.name).toBe("a");
  });

  it("hands on a fault with its message", async () => {
    await expect(client.functions("faulty", "")).rejects.toThrow("esbuild cannot be had");
  });

  it("cancels by the signal, with its reason", async () => {
    const abort = new AbortController();
    const options = { seed: 0, limits: { timeMs: 1, memoryMb: 1 } };
    const check = client.check("waits", {} as never, options, abort.signal);
    abort.abort(new Error("edited"));
    await expect(check).rejects.toThrow("edited");
  });

  it("does not begin what is cancelled before", async () => {
    const options = { seed: 0, limits: { timeMs: 1, memoryMb: 1 } };
    await expect(
      client.check("dies", {} as never, options, AbortSignal.abort(new Error("edited"))),
    ).rejects.toThrow("edited");
    expect(logged).toEqual([]);
  });

  it("rejects what waits when it is disposed, and starts nothing after", async () => {
    const waiting = client.functions("waits", "");
    const rejected = expect(waiting).rejects.toThrow("The checker was stopped.");
    await client.dispose();
    await rejected;
    await expect(client.functions("a", "")).rejects.toThrow("The checker was stopped.");
  });
});
