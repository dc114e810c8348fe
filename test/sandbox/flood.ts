/**
 * @file A flood: many checks at once, of which every third hangs or fills memory. The others must be judged as if they were
 * alone, and nothing may be left of it.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Finding } from "../../extension/checker/finding.ts";
import { DEFAULT_LIMITS } from "../../extension/checker/limits.ts";
import { checkerOn } from "../../extension/checker/local-checker.ts";
import { createRuntime } from "../../extension/checker/runtime.ts";
import { childrenOf } from "../../extension/checker/sandbox/testing.ts";

export interface Flood {
  checks: number;
  /** Verdicts, and rules of inconclusive ones, by how many checks ended so. */
  outcomes: Record<string, number>;
  /** What was expected of a check and did not come. */
  misjudged: string[];
  /** Bytes that the parent holds more than before, garbage collected. */
  grownBytes: number;
  processesLeft: number;
}

/** A hang is told from a slow check by its own limit. */
const HANG_MS = 300;
/** So many right ones first: the compiler keeps what it read of the last 128 texts. */
const WARM_UP = 130;

const CASES: readonly { body: string; prelude?: string; expected: string }[] = [
  { body: "return g.mul(ctx.savedTensors[0]!.cos());", expected: "correct" },
  { body: "return g.mul(ctx.savedTensors[0]!.sin());", expected: "wrong" },
  { body: "for (;;);", expected: "time-limit" },
  { body: "return g.mul(ctx.savedTensors[0]!.cos()).neg().neg();", expected: "correct" },
  { body: "return g;", expected: "wrong" },
  {
    body: "for (;;) kept.push(new Float64Array(1 << 20).fill(1));",
    prelude: "const kept: unknown[] = [];",
    expected: "memory-limit",
  },
  { body: "return g.mul(ctx.savedTensors[0]!.add(0).cos());", expected: "correct" },
  { body: "return g.mul(2);", expected: "wrong" },
  {
    body: "const spin = (): unknown => Promise.resolve().then(spin); spin(); return g;",
    expected: "time-limit",
  },
];

export async function flood(realm: string, checks: number): Promise<Flood> {
  const processesBefore = new Set(childrenOf(process.pid));
  const outcomes: Record<string, number> = {};
  const misjudged: string[] = [];
  const runtime = createRuntime(realm);

  async function check(index: number): Promise<void> {
    const { body, prelude = "", expected } = CASES[index < 0 ? 0 : index % CASES.length]!;
    const name = `Rule${Math.abs(index)}`;
    const file = `/flood/rule${index}.ts`;
    const text = `import { Function, type Context, type Tensor } from "@gradient-lens/engine";
${prelude}
export class ${name} extends Function {
  static forward(ctx: Context, x: Tensor) { ctx.saveForBackward(x); return x.sin(); }
  static backward(ctx: Context, g: Tensor) { ${body} }
}`;
    const checker = checkerOn(runtime, async path => (path === file ? text : undefined));
    const [site] = await checker.functions(file, text);
    const limits = { ...DEFAULT_LIMITS, ...(expected === "time-limit" && { timeMs: HANG_MS }) };
    const finding = await checker.check(file, site!, { seed: Math.abs(index), limits });
    const outcome = outcomeOf(finding);
    if (index >= 0) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const isItsOwn = finding.name === name && finding.seed === Math.abs(index);
    if (outcome !== expected || !isItsOwn) {
      misjudged.push(`${finding.name}: expected ${expected}, got ${outcome}: ${finding.message}`);
    }
  }

  let heldBefore = 0;
  try {
    // What the compiler keeps of a few texts, and loads for the first, is there in any case.
    await Promise.all(Array.from({ length: WARM_UP }, (_, index) => check(-1 - index)));
    heldBefore = heldBytes();
    await Promise.all(Array.from({ length: checks }, (_, index) => check(index)));
  } finally {
    await runtime.dispose();
  }
  const processesLeft = () => childrenOf(process.pid).filter(pid => !processesBefore.has(pid)).length;
  // The reapers end when their pipe closes, esbuild when it is told to: a moment later.
  for (let i = 0; i < 100 && processesLeft() > 0; i++) await new Promise(resolve => setTimeout(resolve, 50));
  return {
    checks,
    outcomes,
    misjudged,
    grownBytes: heldBytes() - heldBefore,
    processesLeft: processesLeft(),
  };
}

function outcomeOf({ verdict, rule }: Finding): string {
  return verdict === "inconclusive" ? rule : verdict;
}

function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 4; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
