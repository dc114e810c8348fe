/** @file What a child gone bad may say, as bytes on the pipe and as judgements; and orders that no parent gives. */

import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { judgementOfEnding } from "../../../extension/checker/judgement-of.ts";
import { PLAIN_NOTATION } from "../../../extension/checker/notation.ts";
import { plainText } from "../../../extension/checker/plain-text.ts";
import { LOG_LINES, REPORT_BYTES, TEXT_CHARS } from "../../../extension/checker/sandbox/caps.ts";
import { Child } from "../../../extension/checker/sandbox/child.ts";
import { frame } from "../../../extension/checker/sandbox/framing.ts";
import type { Job, Outcome } from "../../../extension/checker/sandbox/job.ts";
import type { Launched } from "../../../extension/checker/sandbox/launch.ts";
import { judgementSchema, type Report } from "../../../extension/checker/sandbox/protocol.ts";
import { orderOf } from "../../../extension/checker/sandbox/realm/order.ts";
import { mutatedBytes, mutatedText, mutatedValue } from "./mutation.ts";
import { target } from "./target.ts";

const inputs = [{ name: "x", shape: [2, 3], verdict: "correct", maxError: 1e-12, at: [0, 1] }];
const said = { message: "Sine.backward is right", domain: "x: (n, m)", inputs };
const JUDGEMENTS: unknown[] = [
  { ...said, verdict: "correct", rule: null, hints: [] },
  { ...said, verdict: "surrogate", rule: "state-leak", hints: [{ rule: "state-leak", message: "m" }] },
  {
    ...said,
    verdict: "wrong",
    rule: "wrong-vjp",
    returned: "Infinity",
    expected: "1",
    cause: null,
    derivation: null,
  },
  { ...said, verdict: "inconclusive", rule: "forward-throws", reason: "why", domain: null, inputs: [] },
];

const conversations = JUDGEMENTS.map(judgement => {
  const reports = [
    { type: "ready" },
    { type: "log", id: 1, line: "printed \u001b[31m" },
    { type: "log", id: 1, line: "more" },
    { type: "judged", id: 1, judgement },
  ] as Report[];
  return reports.map(report => frame(JSON.stringify(report)));
});

const WORDS: readonly string[] =
  `{ } [ ] " : , null true -1 1e999 0 NaN \\u0000 \\ud800 \\u202e "id":1 "id":2 "type":"ready" "type":"log" "type":"judged"
  "type":"failed" "type":"no-room" "line" "judgement" "verdict":"wrong" "rule":"wrong-vjp" "__proto__":{ "constructor" "inputs":[`
    .split(/\s+/)
    .concat("\0", "\0\0\0\0", "\x02\0\0\0{}", "\xff\xff\xff\xff", "\x1b[2J");

const stream = fc.record({
  bytes: mutatedBytes(
    conversations.map(parts => Buffer.concat(parts)),
    WORDS,
  ),
  chunk: fc.integer({ min: 1, max: 400 }),
  code: fc.constantFrom(0, 1, 3, null),
});

const JOB: Job = {
  task: "check",
  script: "1",
  name: "Sine",
  parameters: null,
  gradOutputs: null,
  notation: PLAIN_NOTATION,
  seed: 0,
};
const LIMITS = { timeMs: 60_000, memoryMb: 350 };

/** A process that is only its pipes. */
function pipes(): Launched & EventEmitter {
  const kill = () => true;
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  // No process has this id, so there is no memory to watch.
  return Object.assign(new EventEmitter(), {
    stdin,
    stdout,
    stderr,
    kill,
    pid: 2 ** 30,
  }) as unknown as Launched & EventEmitter;
}

/** Bytes as they come from a process, up to its end. */
export const protocol = target("protocol", stream, async ({ bytes, chunk, code }) => {
  const process = pipes();
  const options = { memoryMb: 350, confined: true, isolated: true };
  const child = new Child(() => process, options, { watch() {}, forget() {}, end() {} });
  let outcome: Outcome | undefined;
  void child.started.then(async ({ ok }) => {
    if (ok) outcome = await child.run(JOB, LIMITS);
  });
  for (let at = 0; at < bytes.length; at += chunk) {
    process.stdout.emit("data", bytes.subarray(at, at + chunk));
    await null;
  }
  await null;
  process.emit("close", code, code === null ? "SIGSEGV" : null);
  const started = await child.started;
  await child.gone;
  await null;
  if (child.alive) throw new TypeError("the child is gone and is said to be alive");
  if (!started.ok) return;
  await null;
  if (outcome === undefined) throw new TypeError("the job has no outcome");
  if ("logs" in outcome && outcome.logs.length > LOG_LINES + 2) throw new RangeError("too many lines");
  const { kind } = outcome;
  if (kind === "cancelled" || kind === "derived" || kind === "tried" || kind === "measured") return;
  mustBePlain(JSON.stringify([judgementOfEnding("Sine", outcome), outcome.logs]));
});

/** A judgement as it is decoded: all that is shown is made of it. */
export const finding = target("finding", mutatedValue(JUDGEMENTS), value => {
  const { success, data, error } = judgementSchema.safeParse(value);
  if (!success) {
    if (error.issues.length === 0) throw new TypeError("refused without a reason");
    return;
  }
  const text = JSON.stringify(data);
  mustBePlain(text);
  if (text.length > 4 * REPORT_BYTES || data.message.length > TEXT_CHARS) throw new RangeError("too long");
});

const orders = [
  {
    id: 1,
    job: {
      ...JOB,
      parameters: [{ name: "x", type: "Tensor", optional: false, initializer: null, rest: false }],
    },
    memoryMb: 350,
  },
].map(order => JSON.stringify(order));

/** An order as the child takes it. */
export const order = target("order", mutatedText(orders, WORDS), text => {
  try {
    const { id, job, memoryMb } = orderOf(text);
    if (!Number.isInteger(id) || typeof job.script !== "string" || !(memoryMb > 0))
      throw new RangeError("not an order");
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
});

/** JSON writes controls as escapes; what would steer a terminal must be gone before. */
function mustBePlain(json: string): void {
  const texts = JSON.stringify(JSON.parse(json), (_, value) =>
    typeof value === "string" ? plainText(value) : value,
  );
  if (texts !== JSON.stringify(JSON.parse(json))) throw new TypeError("control characters got through");
}
