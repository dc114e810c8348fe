/**
 * @file The checker in a thread of its own. TypeScript and esbuild are loaded here and never in the extension host, which
 * nothing of a check can block.
 */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { generate } from "./generate.ts";
import { checkerOn } from "./local-checker.ts";
import { createRuntime, type Runtime } from "./runtime.ts";
import { findLoss } from "./source/losses.ts";
import { findTensorFunctions } from "./source/tensor-functions.ts";
import { type Buffers, readFromDisk, withBuffers } from "./texts.ts";
import type {
  Cancel,
  FromWorker,
  Method,
  Methods,
  Request,
  ToWorker,
  WorkerData,
} from "./worker-protocol.ts";

type Answers = {
  [M in Method]: (params: Methods[M]["params"], signal: AbortSignal) => Promise<Methods[M]["result"]>;
};

if (parentPort) {
  const { realm, cache } = workerData as WorkerData;
  serve(parentPort, createRuntime(realm, { cache }));
}

/** Answers requests until the port is closed. */
export function serve(port: MessagePort, runtime: Runtime): void {
  const running = new Map<number, AbortController>();
  // Each request sees the texts as they were when it was made, whatever is typed while it waits.
  const checker = (buffers: Buffers) => checkerOn(runtime, withBuffers(buffers, readFromDisk));

  const answers: Answers = {
    async functions({ file, text, buffers }) {
      const known = text ?? (await withBuffers(buffers, readFromDisk)(file));
      return known === undefined ? [] : checker(buffers).functions(file, known);
    },
    async sites({ file, text, buffers }) {
      const known = text ?? (await withBuffers(buffers, readFromDisk)(file));
      if (known === undefined) return [];
      const here = checker(buffers);
      return [...(await here.functions(file, known)), ...(await here.reductions(file, known))];
    },
    check: ({ file, site, options, buffers }, signal) => checker(buffers).record(file, site, options, signal),
    tensorFunctions: ({ file, text }) => findTensorFunctions(file, text),
    loss: async ({ file, text, position }) => (await findLoss(file, text, position)) ?? null,
    derive: ({ file, site, options, buffers }, signal) =>
      checker(buffers).derive(file, site, options, signal),
    generate: ({ file, request, options, buffers }, signal) =>
      generate(runtime, withBuffers(buffers, readFromDisk), file, request, options, signal),
    async dispose() {
      for (const request of running.values()) request.abort();
      await runtime.dispose();
      return null;
    },
  };

  async function answer(request: Request): Promise<FromWorker> {
    const { id, kind, params } = request;
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const method = answers[kind] as (
        params: unknown,
        signal: AbortSignal,
      ) => Promise<Methods[Method]["result"]>;
      return { kind: "result", id, result: await method(params, abort.signal) };
    } catch (error) {
      if (abort.signal.aborted) return { kind: "cancelled", id };
      const { message, stack = null } = error instanceof Error ? error : new Error(String(error));
      return { kind: "fault", id, message, stack };
    } finally {
      running.delete(id);
    }
  }

  port.on("message", async (message: ToWorker) => {
    if (message.kind === "cancel") cancel(message);
    else port.postMessage(await answer(message));
  });

  function cancel({ id }: Cancel): void {
    running.get(id)?.abort();
  }
}
