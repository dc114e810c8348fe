/** @file What the sandbox costs: to start a process for a check, to have a warm one answer, and to compute inside of it. */

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "../../extension/checker/limits.ts";
import { PLAIN_NOTATION } from "../../extension/checker/notation.ts";
import type { Job } from "../../extension/checker/sandbox/job.ts";
import { createSandbox, type Sandbox } from "../../extension/checker/sandbox/sandbox.ts";
import { inProject } from "../../scripts/project.ts";
import type { Case } from "../bench-case.ts";
import type { Row } from "../row.ts";
import { median } from "../statistics.ts";

const REALM = inProject("dist", "sandbox.cjs");
const [STARTS, TRIPS, ROUNDS] = [15, 300, 17];
const LIMITS = { ...DEFAULT_LIMITS, timeMs: 60_000 };

/** Nothing to judge, so that the way there and back is all that is measured. */
const NOTHING = "undefined;";

const WORK: Record<string, string> = {
  "plain loops": `const a = new Float64Array(1 << 16); let sum = 0;
    for (let round = 0; round < 300; round++) for (let i = 0; i < a.length; i++) { a[i] = Math.sqrt(i + round) * 0.5 + a[i]; sum += a[i]; }`,
  "objects and closures": `let total = 0;
    for (let round = 0; round < 120; round++) total += Array.from({ length: 20_000 }, (_, i) => ({ i, f: x => x + i })).map(({ f }) => f(round)).reduce((a, b) => a + b, 0);`,
  "arrays spread and copied": `const shape = [3, 4, 5], row = Array.from({ length: 2_000 }, (_, i) => i);
    let total = 0;
    for (let i = 0; i < 400_000; i++) total += Math.max(...shape) + [...shape].length;
    for (let i = 0; i < 2_000; i++) total += new Float64Array(row)[1] + Float64Array.from(row)[1] + new Set([...new Set(shape)]).size;`,
  "small tensors": `let x = engine.ones([8, 8]);
    for (let i = 0; i < 60_000; i++) x = x.mul(0.5).add(x).sin();`,
  "large tensors": `let x = engine.ones([256, 256]);
    for (let i = 0; i < 300; i++) x = x.mul(0.5).add(x).sin().exp().neg();`,
};

export const isolation: Case = {
  name: "isolation",
  title:
    "the sandbox: a process to its first result, a warm round trip (ms), and code inside against outside (×)",
  async *rows() {
    yield row("start to first result", "ms", await startTimes(), 150, "a median under 150 ms");
    const sandbox = createSandbox({ realm: REALM });
    const outside = openOutside();
    try {
      yield row("warm round trip", "ms", await roundTrips(sandbox), 2, "a median under 2 ms");
      for (const [name, work] of Object.entries(WORK)) {
        yield row(
          `${name}, inside / outside`,
          "×",
          await slowdowns(sandbox, outside, work),
          1.1,
          "a median under 1.1×",
        );
      }
    } finally {
      outside.end();
      await sandbox.dispose();
    }
  },
};

function row(size: string, unit: string, figures: readonly number[], limit: number, bar: string): Row {
  const ours = median(figures);
  const best = Math.min(...figures);
  return {
    case: "isolation",
    size,
    unit,
    ours,
    best,
    peers: {},
    missing: {},
    bar,
    met: ours < limit,
    note: "",
  };
}

const jobOf = (script: string): Job => ({
  task: "check",
  script,
  name: "Nothing",
  parameters: null,
  gradOutputs: null,
  notation: PLAIN_NOTATION,
  seed: 0,
});

async function timed(sandbox: Sandbox, script: string): Promise<number> {
  const start = performance.now();
  const outcome = await sandbox.run(jobOf(script), LIMITS);
  if (outcome.kind !== "judged") throw new Error(`the sandbox ended with ${outcome.kind}`);
  return performance.now() - start;
}

/** No process stands by: each is started for its job. The first of all also finds out what the system can do. */
async function startTimes(): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const start = performance.now();
    const sandbox = createSandbox({ realm: REALM, warm: 0 });
    await timed(sandbox, NOTHING);
    times.push(performance.now() - start);
    await sandbox.dispose();
  }
  return times;
}

async function roundTrips(sandbox: Sandbox): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < TRIPS; i++) times.push(await timed(sandbox, NOTHING));
  return times.slice(TRIPS / 10);
}

/**
 * Inside there is no clock: what an empty job takes is taken off. Both sides get a new text each time, as a check does, in
 * processes that have run the same before; which of them goes first changes from round to round.
 */
async function slowdowns(sandbox: Sandbox, outside: Outside, work: string): Promise<number[]> {
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Within a function, as the bundler puts all of a script.
    const text = `(() => { ${work} })(); // ${round}`;
    const inside = async () =>
      (await timed(sandbox, `${text}\n${NOTHING}`)) - (await timed(sandbox, NOTHING));
    const early = round % 2 === 0 ? await inside() : null;
    const ms = await outside.timed(text);
    ratios.push((early ?? (await inside())) / ms);
  }
  // Until then both compile, and their heaps grow.
  return ratios.slice(2);
}

interface Outside {
  timed(text: string): Promise<number>;
  end(): void;
}

function openOutside(): Outside {
  const child = fork(join(import.meta.dirname, "..", "outside-process.ts"), { execArgv: [] });
  return {
    async timed(text) {
      child.send(text);
      const [ms] = await once(child, "message");
      return ms;
    },
    end: () => void child.kill(),
  };
}
