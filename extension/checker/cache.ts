/**
 * @file Outcomes of the sandbox, kept from one start to the next: what was checked is not run again. An outcome follows from
 * the job, the limits and the program that ran it, so their digest is its name; nothing in the cache can be stale, only unused.
 *
 * Invariants: it lies outside of every workspace, so that none can bring verdicts along. A fault of it (a full disk, a
 * folder that cannot be written, an entry that is none) costs a run of the sandbox and is no error.
 */

import { createHash, randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { ENTRY_BYTES, entryOf, isLasting, outcomeOf } from "./cache-entry.ts";
import type { Job, Limits, Outcome, Trial } from "./sandbox/job.ts";

export interface Cache {
  /** Never rejects. */
  get(job: Job | Trial, limits: Limits): Promise<Outcome | undefined>;
  /** Keeps it for later, if the same job always ends so. Returns at once. */
  put(job: Job | Trial, limits: Limits, outcome: Outcome): void;
  /** Resolves when what was put is on disk, or could not be. */
  dispose(): Promise<void>;
}

export interface CacheOptions {
  /** Absolute path; made where it is missing. */
  folder: string;
  /** Path of the script that runs inside the sandbox: its text is the version of engine and checker. */
  realm: string;
  /** Bytes that all entries may take; those used longest ago go first. */
  bytes?: number;
  files?: Files;
}

export type Files = Pick<
  typeof fs,
  "mkdir" | "readdir" | "readFile" | "rename" | "rm" | "stat" | "utimes" | "writeFile"
>;

const BYTES = 32 << 20;
const ENTRY = ".outcome";
const UNFINISHED = ".part";
/** A file that is still not finished after so long belongs to a process that is no more. */
const ABANDONED_MS = 60 * 60_000;
/** Numbers may differ by a last bit from one of these to another. */
const PLATFORM = [process.platform, process.arch, process.versions.v8].join();

export function createCache({ folder, realm, bytes = BYTES, files = fs }: CacheOptions): Cache {
  const pending = new Set<Promise<void>>();
  let version: Promise<string> | undefined;
  let written = Number.POSITIVE_INFINITY;

  async function keyOf(job: Job | Trial, limits: Limits): Promise<string> {
    version ??= files.readFile(realm).then(text => createHash("sha256").update(text).digest("hex"));
    const { timeMs, memoryMb } = limits;
    return createHash("sha256")
      .update(JSON.stringify([await version, PLATFORM, timeMs, memoryMb, job]))
      .digest("hex");
  }

  async function read(key: string): Promise<Outcome | undefined> {
    const path = join(folder, key + ENTRY);
    if ((await files.stat(path)).size > ENTRY_BYTES) return undefined;
    const outcome = outcomeOf(key, await files.readFile(path, "utf8"));
    if (outcome) {
      const now = new Date();
      await quietly(files.utimes(path, now, now));
    } else await quietly(files.rm(path, { force: true }));
    return outcome;
  }

  /** Under another name until it is whole: a reader sees all of it or nothing. */
  async function write(key: string, text: string): Promise<void> {
    const unfinished = join(folder, `${key}.${randomUUID()}${UNFINISHED}`);
    try {
      await files.mkdir(folder, { recursive: true, mode: 0o700 });
      await files.writeFile(unfinished, text, { mode: 0o600, flag: "wx" });
      await files.rename(unfinished, join(folder, key + ENTRY));
    } catch (error) {
      await quietly(files.rm(unfinished, { force: true }));
      throw error;
    }
    written += Buffer.byteLength(text);
    if (written > bytes / 8) await prune();
  }

  /** Makes room for what is written until the next time. Other processes may do the same at this moment. */
  async function prune(): Promise<void> {
    written = 0;
    const names = await files.readdir(folder);
    const found = await Promise.all(
      names.map(async name => {
        const path = join(folder, name);
        const stat = await files.stat(path).catch(() => undefined);
        return stat && { path, size: stat.size, used: stat.mtimeMs };
      }),
    );
    const abandoned = Date.now() - ABANDONED_MS;
    let room = bytes - bytes / 8;
    for (const entry of found.filter(one => one !== undefined).toSorted((a, b) => b.used - a.used)) {
      const { path, size, used } = entry;
      if (path.endsWith(UNFINISHED) ? used < abandoned : path.endsWith(ENTRY) && size > room)
        await quietly(files.rm(path, { force: true }));
      else if (path.endsWith(ENTRY)) room -= size;
    }
  }

  return {
    async get(job, limits) {
      try {
        return await read(await keyOf(job, limits));
      } catch {
        return undefined;
      }
    },

    put(job, limits, outcome) {
      if (!isLasting(outcome)) return;
      const writing = keyOf(job, limits).then(async key => {
        const text = entryOf(key, outcome);
        if (text !== undefined) await write(key, text);
      });
      const done = quietly(writing).then(() => void pending.delete(done));
      pending.add(done);
    },

    async dispose() {
      await Promise.all(pending);
    },
  };
}

async function quietly(doing: Promise<unknown>): Promise<void> {
  await doing.catch(() => {});
}
