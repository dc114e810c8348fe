/**
 * @file The editor's end of the checker in a worker. The worker is started by the first request; when it dies, what was
 * asked of it is rejected and the next request starts another.
 */

import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import {
  type Checker,
  type CheckOptions,
  type DerivableSite,
  type FunctionSite,
  isReduction,
  type ReductionSite,
  type Site,
  type TensorFunctionSite,
} from "../checker/checker.ts";
import type { Position } from "../checker/finding.ts";
import type { Generated, GenerateRequest } from "../checker/generate.ts";
import type { CheckRecord, DeriveOptions, DeriveRecord } from "../checker/local-checker.ts";
import type { LossSite } from "../checker/source/losses.ts";
import type { Buffers } from "../checker/texts.ts";
import type { FromWorker, Method, Methods, ToWorker, WorkerData } from "../checker/worker-protocol.ts";

interface Pending {
  resolve(result: never): void;
  reject(reason: unknown): void;
}

interface Connection {
  worker: Worker;
  pending: Map<number, Pending>;
}

/** The worker ended before it answered: nothing is known, and the same request may be made again. */
export class CheckerLost extends Error {
  override readonly name = "CheckerLost";
}

export interface CheckerClientOptions {
  /** Path of the built worker. */
  worker: string;
  realm: string;
  /** Where outcomes are kept; outside of every workspace. */
  cache: string | null;
  /** The texts as the editor holds them at this moment. */
  buffers(): Buffers;
  log(message: string): void;
}

export class CheckerClient implements Checker {
  readonly #options: CheckerClientOptions;
  #connection: Connection | undefined;
  #lastId = 0;
  #disposed = false;

  constructor(options: CheckerClientOptions) {
    this.#options = options;
  }

  functions(file: string, text: string): Promise<FunctionSite[]> {
    return this.#request("functions", { file, text, buffers: this.#options.buffers() });
  }

  /** All that can be checked in a file: its Functions, then its reductions. Without its text, it is read in the worker. */
  sites(file: string, text?: string): Promise<Site[]> {
    const buffers = this.#options.buffers();
    return this.#request("sites", text === undefined ? { file, buffers } : { file, text, buffers });
  }

  async reductions(file: string, text: string): Promise<ReductionSite[]> {
    return (await this.sites(file, text)).filter(isReduction);
  }

  async check(...request: Parameters<Checker["check"]>) {
    return (await this.record(...request)).finding;
  }

  record(file: string, site: Site, options: CheckOptions, signal?: AbortSignal): Promise<CheckRecord> {
    return this.#request("check", { file, site, options, buffers: this.#options.buffers() }, signal);
  }

  tensorFunctions(file: string, text: string): Promise<TensorFunctionSite[]> {
    return this.#request("tensorFunctions", { file, text });
  }

  loss(file: string, text: string, position: Position): Promise<LossSite | null> {
    return this.#request("loss", { file, text, position });
  }

  /** @param text the file's, where it is to be another than the editor's */
  derive(
    file: string,
    site: DerivableSite,
    options: DeriveOptions,
    signal?: AbortSignal,
    text?: string,
  ): Promise<DeriveRecord> {
    const buffers = { ...this.#options.buffers(), ...(text !== undefined && { [file]: text }) };
    return this.#request("derive", { file, site, options, buffers }, signal);
  }

  generate(
    file: string,
    request: GenerateRequest,
    options: CheckOptions,
    signal?: AbortSignal,
  ): Promise<Generated> {
    return this.#request("generate", { file, request, options, buffers: this.#options.buffers() }, signal);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const connection = this.#connection;
    if (!connection) return;
    const ended = this.#ask("dispose", null).catch(() => null);
    // A worker that no longer answers is stopped all the same: its processes end with the pipes to it.
    await Promise.race([ended, setTimeout(1000, null, { ref: false })]);
    this.#connection = undefined;
    rejectAll(connection, "The checker was stopped.");
    await connection.worker.terminate();
  }

  /** The worker's death is no word about what was asked: the next worker is asked once more. */
  async #request<M extends Method>(kind: M, params: Methods[M]["params"], signal?: AbortSignal) {
    try {
      return await this.#ask(kind, params, signal);
    } catch (error) {
      if (error instanceof CheckerLost && !this.#disposed) return this.#ask(kind, params, signal);
      throw error;
    }
  }

  #ask<M extends Method>(
    kind: M,
    params: Methods[M]["params"],
    signal?: AbortSignal,
  ): Promise<Methods[M]["result"]> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#disposed && kind !== "dispose")
      return Promise.reject(new CheckerLost("The checker was stopped."));
    this.#connection ??= this.#connect();
    const { worker, pending } = this.#connection;
    const id = ++this.#lastId;
    const post = (message: ToWorker) => worker.postMessage(message);
    const cancel = () => post({ kind: "cancel", id });
    return new Promise<Methods[M]["result"]>((resolve, reject) => {
      pending.set(id, { resolve, reject: reason => reject(signal?.aborted ? signal.reason : reason) });
      signal?.addEventListener("abort", cancel, { once: true });
      post({ kind, id, params } as ToWorker);
    }).finally(() => signal?.removeEventListener("abort", cancel));
  }

  #connect(): Connection {
    const { worker: script, realm, cache, log } = this.#options;
    const workerData: WorkerData = { realm, cache };
    const worker = new Worker(script, { workerData, stdout: true, stderr: true });
    const connection: Connection = { worker, pending: new Map() };
    worker.on("message", message => settle(connection, message));
    worker.on("error", error => this.#lose(connection, `The checker failed: ${error.message}`));
    worker.on("exit", code => this.#lose(connection, `The checker ended with exit code ${code}.`));
    worker.stdout.on("data", (data: Buffer) => log(data.toString().trimEnd()));
    worker.stderr.on("data", (data: Buffer) => log(data.toString().trimEnd()));
    return connection;
  }

  #lose(connection: Connection, why: string): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#options.log(why);
    rejectAll(connection, `${why} Check again.`);
  }
}

function rejectAll({ pending }: Connection, why: string): void {
  for (const { reject } of pending.values()) reject(new CheckerLost(why));
  pending.clear();
}

function settle({ pending }: Connection, message: FromWorker): void {
  const request = pending.get(message.id);
  if (!request) return;
  pending.delete(message.id);
  switch (message.kind) {
    case "result":
      request.resolve(message.result as never);
      break;
    case "cancelled":
      request.reject(new DOMException("The check was cancelled.", "AbortError"));
      break;
    case "fault":
      request.reject(Object.assign(new Error(message.message), { stack: message.stack ?? message.message }));
  }
}
