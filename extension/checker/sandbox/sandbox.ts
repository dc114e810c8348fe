/**
 * @file Runs jobs in isolated child processes, a few at a time, in the order they came. Children are kept warm: one that
 * did its job well gets the next one; one that was stopped is replaced by a spare that has already started.
 */

import { Child, type Started } from "./child.ts";
import type { Job, Limits, Outcome, Trial } from "./job.ts";
import { createLaunch } from "./launch.ts";
import { createReaper } from "./reaper.ts";

export interface SandboxOptions {
  /** Absolute path of the built child bundle. */
  realm: string;
  /** Node, or Electron, to run it with; the one that runs this by default. */
  execPath?: string;
  /** Jobs that run at the same time. */
  running?: number;
  /** Children that stand by, started, beyond those that run a job. The first ones start at once. */
  warm?: number;
}

export interface Sandbox {
  /** Runs one job. Never rejects: every end is an outcome. */
  run(job: Job | Trial, limits: Limits, signal?: AbortSignal): Promise<Outcome>;
  /** Ends every process and resolves when they are gone. Jobs that still run or wait are `cancelled`. */
  dispose(): Promise<void>;
}

/**
 * A child that holds more than this after a job is replaced. It lies above what a realm and a young generation that has
 * grown to its full size come to (launch.ts): those are used again, and a process that is new for each check is slow.
 */
const residueMb = (memoryMb: number) => 0.7 * memoryMb;

/** What cannot be measured from outside, or freed inside (registered symbols), goes with the child. */
const JOBS_A_CHILD = 2_000;

/**
 * How often a job is begun whose process somebody else ended: of one that was killed while it stood by we may hear only
 * after it was given the job, and the next one may be hit too. What has no end to it must still come to one.
 */
const TRIES = 3;

interface Task {
  job: Job | Trial;
  limits: Limits;
  signal: AbortSignal | undefined;
  resolve(outcome: Outcome): void;
}

/** Throws where the bundle or the runtime is missing. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { realm, execPath = process.execPath, running = 1, warm = 1 } = options;
  const launch = createLaunch(execPath, realm);
  const reaper = createReaper();
  const children = new Set<Child>();
  const waiting: Task[] = [];
  let idle: Child[] = [];
  let busy = 0;
  let memoryMb = 350;
  const walls = { confined: true, isolated: true };
  let disposed = false;

  function start(): Child {
    const child = new Child(launch, { memoryMb, ...walls }, reaper);
    children.add(child);
    void child.gone.then(() => {
      children.delete(child);
      idle = idle.filter(other => other !== child);
    });
    return child;
  }

  /** A child for these limits: rather one that is ready than one that starts, rather one used a moment ago. */
  function take(limits: Limits, unused: boolean): Child {
    if (limits.memoryMb !== memoryMb) {
      // V8's limit is set when a process starts.
      memoryMb = limits.memoryMb;
      endIdle();
    }
    const fit = unused ? idle.filter(other => other.jobs === 0) : idle;
    const child = fit.findLast(other => other.idle) ?? fit.findLast(other => other.alive) ?? start();
    idle = idle.filter(other => other !== child);
    child.hold();
    return child;
  }

  function endIdle(): void {
    for (const child of idle.splice(0)) void child.end();
  }

  function giveBack(child: Child): void {
    const spent = child.jobs >= JOBS_A_CHILD || (child.residentMb() ?? 0) > residueMb(memoryMb);
    if (disposed || !child.alive || spent || child.memoryMb !== memoryMb) void child.end();
    else idle.push(child);
    child.release();
  }

  function standBy(): void {
    while (!disposed && idle.length < warm) idle.unshift(start());
  }

  function next(): void {
    while (busy < running && waiting.length > 0) {
      const task = waiting.shift()!;
      busy += 1;
      void serve(task).then(outcome => {
        busy -= 1;
        task.resolve(outcome);
        next();
      });
    }
  }

  async function serve(task: Task, tries = TRIES, unused = false): Promise<Outcome> {
    const { job, limits, signal } = task;
    const [child, started] = await startedChild(limits, unused);
    const outcome: Outcome =
      disposed || signal?.aborted
        ? { kind: "cancelled" }
        : started.ok
          ? await child.run(job, limits, signal)
          : { kind: "crashed", detail: `the sandbox did not start: ${started.detail}`, logs: [] };
    giveBack(child);
    if (outcome.kind === "crashed" && child.killed && tries > 1) {
      // Whatever killed it may have killed those that stand by, and we have not heard of it yet.
      endIdle();
      return serve(task, tries - 1, unused);
    }
    // What earlier jobs left in the process must not count: only one of its own can tell that a job is too large.
    if (outcome.kind === "memory-limit" && child.jobs > 1 && !unused) return serve(task, tries, true);
    standBy();
    return outcome;
  }

  async function startedChild(limits: Limits, unused: boolean): Promise<[Child, Started]> {
    const child = take(limits, unused);
    standBy();
    const started = await child.started;
    if (started.ok || started.without === null || disposed) return [child, started];
    // SES and the process of its own hold without Node's permission model, and without the system's isolation.
    walls[started.without] = false;
    return startedChild(limits, unused);
  }

  function enqueue(job: Job | Trial, limits: Limits, signal?: AbortSignal): Promise<Outcome> {
    return new Promise(resolve => {
      const task: Task = { job, limits, signal, resolve };
      waiting.push(task);
      next();
    });
  }

  /** Takes back a job that nobody has begun. */
  function withdraw(signal: AbortSignal): void {
    for (const task of waiting.filter(other => other.signal === signal)) {
      waiting.splice(waiting.indexOf(task), 1);
      task.resolve({ kind: "cancelled" });
    }
  }

  standBy();

  return {
    async run(job, limits, signal) {
      if (disposed || signal?.aborted) return { kind: "cancelled" };
      const onAbort = () => withdraw(signal!);
      signal?.addEventListener("abort", onAbort);
      const outcome = await enqueue(job, limits, signal);
      signal?.removeEventListener("abort", onAbort);
      return outcome;
    },

    async dispose() {
      disposed = true;
      for (const task of waiting.splice(0)) task.resolve({ kind: "cancelled" });
      await Promise.all([...children].map(child => child.end()));
      reaper.end();
    },
  };
}
