/**
 * @file One child: from its start, through one job after another, to its end. It is ended by SIGKILL the moment a job
 * passes a limit, is aborted, or the child says anything that does not fit; whatever ended it, the job gets an outcome.
 */

import { plainText } from "../plain-text.ts";
import { LOG_LINES, ORDER_BYTES, REPORT_BYTES, TEXT_CHARS } from "./caps.ts";
import { FrameReader, frame } from "./framing.ts";
import { ISOLATION_EXITS } from "./isolation.ts";
import type { Job, Limits, Outcome, Task, Trial } from "./job.ts";
import type { Launch, Launched, LaunchOptions } from "./launch.ts";
import { EXIT } from "./launch-contract.ts";
import { type Order, reportSchema } from "./protocol.ts";
import type { Reaper } from "./reaper.ts";
import { residentMb, watchMemory } from "./resident-memory.ts";

/** A boot takes some 60 ms; one that takes this long will not end. */
const BOOT_MS = 15_000;

/** What V8 says on standard error before it aborts for want of memory. */
const OUT_OF_MEMORY = /out of memory/i;
const STDERR_BYTES = 32 << 10;

/** V8 and what runs in it end by other signals: SIGABRT, SIGTRAP, SIGILL, SIGSEGV. */
const SENT_BY_OTHERS = new Set<NodeJS.Signals>(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

/**
 * `without`: what the process could not be started with. Node's permission flags, where the runtime does not take them,
 * or takes them and does nothing; the operating system's isolation, where it worked before and no longer does.
 */
export type Started = { ok: true } | { ok: false; without: "confined" | "isolated" | null; detail: string };

const ANSWERS = {
  check: "judged",
  "check-elsewhere": "judged",
  "derive-backward": "derived",
  "derive-jvp": "derived",
  "derive-gradient": "derived",
  "cross-terms": "measured",
  try: "tried",
} as const satisfies Record<Task, Outcome["kind"]>;

interface Running {
  id: number;
  job: Job | Trial;
  limits: Limits;
  logs: string[];
  settle(outcome: Outcome): void;
}

export class Child {
  readonly memoryMb: number;
  readonly launched: LaunchOptions;
  /** Settles once: when the child is ready for its first job, or has ended before. Never rejects. */
  readonly started: Promise<Started>;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;

  readonly #process: Launched;
  readonly #reader = new FrameReader(REPORT_BYTES);
  #state: "starting" | "idle" | "busy" | "ended" = "starting";
  #running: Running | null = null;
  #jobs = 0;
  #killed = false;
  #stderr = "";
  #fault = "";
  #settleStart!: (started: Started) => void;

  constructor(launch: Launch, options: LaunchOptions, reaper: Reaper) {
    this.memoryMb = options.memoryMb;
    this.launched = options;
    this.#process = launch(options);
    this.started = new Promise(resolve => {
      this.#settleStart = resolve;
    });
    const boot = setTimeout(
      () => this.#breach(`it was not ready after ${BOOT_MS / 1000} s`),
      BOOT_MS,
    ).unref();
    void this.started.then(() => clearTimeout(boot));
    this.gone = new Promise(resolve => {
      this.#process.once("close", (code, signal) => resolve(this.#ended(code, signal)));
      this.#process.once("error", error => {
        this.#fault ||= error.message;
        // Where there is no process there will be no `close`.
        if (this.#process.pid === undefined) resolve(this.#ended(null, null));
      });
    });
    const { pid } = this.#process;
    if (pid !== undefined) {
      reaper.watch(pid);
      this.#process.once("exit", () => reaper.forget(pid));
    }
    this.#listen();
    this.release();
  }

  get alive(): boolean {
    return this.#state !== "ended";
  }

  get idle(): boolean {
    return this.#state === "idle";
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get jobs(): number {
    return this.#jobs;
  }

  residentMb(): number | null {
    return this.#process.pid === undefined ? null : residentMb(this.#process.pid);
  }

  /** Whether somebody else ended it: a person, the system short of memory. What it ran may be fine. */
  get killed(): boolean {
    return this.#killed;
  }

  /** Keeps the parent from ending by itself, as long as somebody waits for this child. */
  hold(): void {
    for (const handle of this.#handles()) handle.ref?.();
  }

  release(): void {
    for (const handle of this.#handles()) handle.unref?.();
  }

  /** Runs one job in a child that has started and is idle. Never rejects. */
  run(job: Job | Trial, limits: Limits, signal?: AbortSignal): Promise<Outcome> {
    if (this.#state !== "idle") {
      return Promise.resolve({
        kind: "crashed",
        detail: this.#fault || `the process is ${this.#state}`,
        logs: [],
      });
    }
    const id = this.#jobs + 1;
    const order = frame(JSON.stringify({ id, job, memoryMb: limits.memoryMb } satisfies Order));
    if (order.length > ORDER_BYTES) {
      const detail = `the script and its packages are ${order.length >> 20} MB, and ${ORDER_BYTES >> 20} MB are taken`;
      return Promise.resolve({ kind: "crashed", detail, logs: [] });
    }
    this.#state = "busy";
    this.#jobs = id;
    const logs: string[] = [];
    return new Promise(resolve => {
      const onTime = () => this.#stop({ kind: "time-limit", limits, logs });
      const onMemory = () => this.#stop({ kind: "memory-limit", limits, logs });
      const onAbort = () => this.#stop({ kind: "cancelled" });
      // What has arrived by then counts: after a long pause of the parent the timer speaks before the pipe is read.
      const deadline = setTimeout(
        () => setImmediate(() => this.#running?.id === id && onTime()),
        limits.timeMs,
      );
      const unwatch = watchMemory(this.#process.pid!, limits.memoryMb, onMemory);
      signal?.addEventListener("abort", onAbort);
      const settle = (outcome: Outcome) => {
        this.#running = null;
        clearTimeout(deadline);
        unwatch();
        signal?.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      this.#running = { id, job, limits, logs, settle };
      this.#process.stdin.write(order);
      if (signal?.aborted) onAbort();
    });
  }

  /** Ends the process, and resolves when it is gone. */
  end(): Promise<void> {
    this.hold();
    this.#stop({ kind: "cancelled" });
    return this.gone;
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#process;
    // The pipe breaks when the child dies; `close` says the rest.
    for (const pipe of [stdin, stdout, stderr]) pipe.on("error", () => {});
    stdout.on("data", (chunk: Buffer) => {
      if (this.#state === "ended") return;
      try {
        for (const text of this.#reader.push(chunk)) this.#hear(text);
      } catch (error) {
        this.#breach((error as Error).message);
      }
    });
    stderr.on("data", (chunk: Buffer) => {
      if (this.#state === "ended" && this.#stderr.length > STDERR_BYTES) return;
      this.#stderr += chunk.toString("latin1");
      if (this.#stderr.length > STDERR_BYTES)
        this.#breach("it wrote more to standard error than V8 ever does");
    });
  }

  /** Throws on what does not fit. */
  #hear(text: string): void {
    if (this.#state === "ended") return;
    const report = reportSchema.parse(JSON.parse(text));
    switch (report.type) {
      case "ready":
        if (this.#state !== "starting") throw new TypeError("it said twice that it is ready");
        this.#state = "idle";
        this.#settleStart({ ok: true });
        break;
      case "log":
        if (this.#job(report.id).logs.push(report.line) > LOG_LINES + 1) {
          throw new RangeError("it printed more lines than it may");
        }
        break;
      case "judged":
      case "derived":
      case "measured": {
        const { job, logs, settle } = this.#job(report.id);
        if (report.type !== ANSWERS[job.task])
          throw new TypeError(`it ${report.type} where it was to do something else`);
        this.#state = "idle";
        const { type: kind, id: _, ...answer } = report;
        settle({ kind, ...answer, logs } as Outcome);
        break;
      }
      case "tried": {
        const { job, logs, settle } = this.#job(report.id);
        const count = "combinations" in job ? job.combinations.length : 0;
        if (report.tried.some(({ combination }) => combination >= count))
          throw new RangeError("it tried what it was not asked to");
        this.#state = "idle";
        settle({ kind: "tried", tried: report.tried, complete: report.complete, logs });
        break;
      }
      case "no-room": {
        const { limits, logs } = this.#job(report.id);
        this.#stop({ kind: "memory-limit", limits, logs });
        break;
      }
      case "failed":
        this.#breach(report.detail);
    }
  }

  #job(id: number): Running {
    if (this.#running?.id !== id) throw new TypeError(`it spoke of job ${id}, which it does not have`);
    return this.#running;
  }

  #breach(detail: string): void {
    this.#fault ||= plainText(detail.slice(0, TEXT_CHARS));
    this.#stop({ kind: "crashed", detail: this.#fault, logs: this.#running?.logs ?? [] });
  }

  #stop(outcome: Outcome): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#process.kill("SIGKILL");
    this.#running?.settle(outcome);
    this.#settleStart({ ok: false, without: null, detail: this.#fault || "it was stopped" });
  }

  /** The process is gone, by our hand or by its own. */
  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#killed = this.alive && signal !== null && SENT_BY_OTHERS.has(signal);
    this.#state = "ended";
    this.#fault ||= `the process ended with ${signal ?? `code ${code}`}`;
    const running = this.#running;
    if (running) {
      const { limits, logs, settle } = running;
      const outOfMemory = OUT_OF_MEMORY.test(this.#stderr);
      settle(
        outOfMemory ? { kind: "memory-limit", limits, logs } : { kind: "crashed", detail: this.#fault, logs },
      );
    }
    const said = plainText(this.#stderr.slice(0, 500)).trim();
    this.#settleStart({
      ok: false,
      without: this.#lacking(code),
      detail: said === "" ? this.#fault : `${this.#fault}: ${said}`,
    });
  }

  #lacking(code: number | null): "confined" | "isolated" | null {
    const { confined, isolated } = this.launched;
    if (confined && (code === EXIT.notConfined || code === EXIT.badOption)) return "confined";
    return isolated && ISOLATION_EXITS.includes(code) ? "isolated" : null;
  }

  #handles(): { ref?(): void; unref?(): void }[] {
    const { stdin, stdout, stderr } = this.#process;
    return [this.#process, stdin, stdout, stderr] as { ref?(): void; unref?(): void }[];
  }
}
