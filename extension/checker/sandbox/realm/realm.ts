/**
 * @file The locked realm: the engine, hardened, and a check for each order that comes in. Its script is evaluated after
 * the boot gave up Node's powers; its completion value is {@link start}.
 */

import "./lockdown.ts";
import * as engineModule from "@gradient-lens/engine";
import { resetState } from "@gradient-lens/engine/judge";
import { TEXT_CHARS } from "../caps.ts";
import type { Order, Report } from "../protocol.ts";
import { audit } from "./audit.ts";
import { type Answer, answerTo, createCompartment } from "./check.ts";
import { engineClasses } from "./engine-classes.ts";
import { createLogLines } from "./log-lines.ts";
import { orderOf } from "./order.ts";
import { keepRoom } from "./room.ts";
import { describeThrown } from "./thrown.ts";

/** What the realm has of the world. */
export interface Host {
  send(text: string): void;
  /** Calls back when every promise job that there is has run. Nothing else can be waiting: the realm has no timers. */
  afterMicrotasks(callback: () => void): void;
  /** Resident memory of the process. */
  residentBytes(): number;
  /** Milliseconds of processor time that the process has used: less than go by where the machine is busy with other things. */
  processorMs(): number;
}

export type Start = typeof start;

/** Audits the realm, says `ready`, and returns what takes each order. Throws where the realm cannot be trusted. */
export function start({ send, afterMicrotasks, residentBytes, processorMs }: Host): (order: string) => void {
  Reflect.deleteProperty(globalThis, "WebAssembly");
  const room = keepRoom(residentBytes);
  const engine = harden({ ...engineModule });
  harden(engineClasses);
  audit({ globalThis: createCompartment(engine, 0, () => {}).globalThis, engineClasses });
  send(written({ type: "ready" }));

  return text => {
    const { id, job, memoryMb } = orderOf(text);
    room.open(memoryMb);
    // Written out now, sent later: promise jobs of the checked code may still run in between, on the check's time.
    const lines = createLogLines(line => send(written({ type: "log", id, line })));
    const answer = reportOn(id, job, lines.add);
    afterMicrotasks(() => {
      lines.finish();
      send(answer);
    });
  };

  function reportOn(id: number, job: Order["job"], write: (line: string) => void): string {
    try {
      resetState(job.seed);
      const answer = answerTo(job, engine, write, processorMs);
      return written(isUndecided(answer) && room.refused ? { type: "no-room", id } : { ...answer, id });
    } catch (error) {
      return written({ type: "failed", detail: `the check itself failed: ${describeThrown(error)}` });
    }
  }
}

function isUndecided(answer: Answer): boolean {
  switch (answer.type) {
    case "judged":
      return answer.judgement.verdict === "inconclusive";
    case "derived":
      return answer.derived.derivation === null;
    case "measured":
      return answer.crossTerms === null;
    case "tried":
      return false;
  }
}

function written(report: Report): string {
  return JSON.stringify(report, (_key, value: unknown) => {
    if (typeof value === "string" && value.length > TEXT_CHARS) return `${value.slice(0, TEXT_CHARS - 2)} …`;
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}
