import { MessageChannel } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Runtime } from "./runtime.ts";
import { serve } from "./worker.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

const TEXT = `
import { Function } from "@gradient-lens/engine";
export class Square extends Function {
  static forward(ctx, x) { return x.mul(x); }
  static backward(ctx, g) { return g; }
}
`;

/** A worker's port with the real checker behind it, between a bundler and a sandbox that a test can hold up. */
function connect(overrides: Partial<Runtime> = {}) {
  const { port1, port2 } = new MessageChannel();
  const runtime: Runtime = {
    bundler: {
      bundle: async (file, _site, readText) => ({
        refused: { rule: "cannot-bundle", message: `${await readText(file)}` },
      }),
    },
    sandbox: { run: async () => ({ kind: "cancelled" }) },
    dispose: async () => {},
    ...overrides,
  };
  serve(port1, runtime);
  const waiting = new Map<number, (reply: FromWorker) => void>();
  port2.on("message", (reply: FromWorker) => waiting.get(reply.id)?.(reply));
  return {
    close: () => port2.close(),
    send: (message: ToWorker) => port2.postMessage(message),
    ask: (message: ToWorker) =>
      new Promise<FromWorker>(resolve => {
        waiting.set(message.id, resolve);
        port2.postMessage(message);
      }),
  };
}

describe("worker", () => {
  let worker: ReturnType<typeof connect>;
  const options = { seed: 0, limits: { timeMs: 1000, memoryMb: 100 } };

  beforeEach(() => {
    worker = connect();
  });
  afterEach(() => worker.close());

  async function siteOf(text: string) {
    const params = { file: "/code/square.ts", text, buffers: {} };
    const reply = await worker.ask({ kind: "functions", id: 1, params });
    if (reply.kind !== "result") throw new Error("expected a result");
    return (reply.result as { name: string }[])[0] as never;
  }

  it("finds the Functions of a text, and of a buffer", async () => {
    const found = { kind: "result", result: [{ name: "Square" }] };
    const file = "/code/square.ts";
    expect(
      await worker.ask({ kind: "functions", id: 1, params: { file, text: TEXT, buffers: {} } }),
    ).toMatchObject(found);
    expect(
      await worker.ask({ kind: "functions", id: 2, params: { file, buffers: { [file]: TEXT } } }),
    ).toMatchObject(found);
  });

  it("finds none in a file that is not there", async () => {
    const params = { file: "/nowhere/square.ts", buffers: {} };
    expect(await worker.ask({ kind: "functions", id: 1, params })).toEqual({
      kind: "result",
      id: 1,
      result: [],
    });
  });

  it("lets each request see the texts that came with it", async () => {
    const site = await siteOf(TEXT);
    const file = "/code/square.ts";
    const replies = await Promise.all(
      ["one", "two"].map((text, i) =>
        worker.ask({ kind: "check", id: i + 2, params: { file, site, options, buffers: { [file]: text } } }),
      ),
    );
    expect(replies).toMatchObject([
      { id: 2, result: { finding: { reason: "one" } } },
      { id: 3, result: { finding: { reason: "two" } } },
    ]);
  });

  it("cancels one request by its id and answers it as cancelled", async () => {
    const site = await siteOf(TEXT);
    worker.close();
    worker = connect({
      bundler: { bundle: async () => ({ script: "", inputs: [] }) as never },
      sandbox: {
        run: (_job, _limits, signal) =>
          new Promise(resolve => signal?.addEventListener("abort", () => resolve({ kind: "cancelled" }))),
      },
    });
    const file = "/code/square.ts";
    const check = worker.ask({ kind: "check", id: 5, params: { file, site, options, buffers: {} } });
    worker.send({ kind: "cancel", id: 4 });
    worker.send({ kind: "cancel", id: 5 });
    expect(await check).toEqual({ kind: "cancelled", id: 5 });
  });

  it("answers a fault of ours as one, and goes on", async () => {
    const site = await siteOf(TEXT);
    worker.close();
    worker = connect({
      bundler: {
        bundle: async () => {
          throw new Error("esbuild cannot be had");
        },
      },
    });
    const file = "/code/square.ts";
    const fault = await worker.ask({ kind: "check", id: 1, params: { file, site, options, buffers: {} } });
    expect(fault).toMatchObject({ kind: "fault", id: 1, message: "esbuild cannot be had" });
    const after = await worker.ask({ kind: "functions", id: 2, params: { file, text: TEXT, buffers: {} } });
    expect(after.kind).toBe("result");
  });
});
