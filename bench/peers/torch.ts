/** @file PyTorch, where this machine's python3 has it: a child process that takes its turns in the race. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Contestant, Sample } from "../contestant.ts";
import type { Peer, Task } from "../peer.ts";

export const TORCH = "torch";
export const TORCH_SLOW = "torch (slow)";
export const TORCH_FAST = "torch (fast)";

type Answer = Partial<Sample> & { version?: string; error?: string };

export async function openTorch(): Promise<Peer> {
  const script = fileURLToPath(new URL("../torch_peers.py", import.meta.url));
  const python = spawn("python3", [script], { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  python.stderr.on("data", chunk => {
    complaints += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    python.on("error", error => reject(new Error(`python3 cannot be started: ${error.message}`)));
    python.on("close", () => reject(new Error(complaints.trim().split("\n").at(-1) || "python3 has ended")));
  });
  failed.catch(() => {});
  // A child that has ended says so in `failed`.
  python.stdin.on("error", () => {});
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    return done ? failed : (JSON.parse(value) as Answer);
  };
  const { version = "unknown" } = await answer();

  let made = 0;
  const of = (name: string, task: Task, state: object, fast = false): Contestant => {
    const id = made++;
    let sent = false;
    return {
      name,
      precision: "float64",
      work: 1,
      async sample(runs) {
        const request = sent ? { id, runs } : { id, runs, task, state, fast };
        sent = true;
        python.stdin.write(`${JSON.stringify(request, plainArrays)}\n`);
        const { ms, witness, error } = await answer();
        if (error !== undefined || ms === undefined || witness === undefined) throw new Error(error);
        return { ms, witness };
      },
    };
  };

  return {
    version,
    gradcheck: task => [of(TORCH_SLOW, "gradcheck", task), of(TORCH_FAST, "gradcheck", task, true)],
    chain: task => [of(TORCH, "chain", task)],
    matmul: task => [of(TORCH, "matmul", task)],
    elementwise: task => [of(TORCH, "elementwise", task)],
    perceptron: task => [of(TORCH, "perceptron", task)],
    close: () => python.stdin.end(),
  };
}

const plainArrays = (_: string, value: unknown): unknown =>
  value instanceof Float64Array ? Array.from(value) : value;
