/**
 * @file An outcome of the sandbox as it lies on disk: a line with a checksum of all that follows it and of its key, then
 * JSON. What is read is believed no more than what a child says: cut off, altered, foreign or of another key, it is none.
 */

import { createHash } from "node:crypto";
import * as z from "zod";
import { plainText } from "./plain-text.ts";
import { LOG_LINE_CHARS, LOG_LINES } from "./sandbox/caps.ts";
import type { Outcome } from "./sandbox/job.ts";
import { crossTermsSchema, derivedSchema, judgementSchema, triedSchema } from "./sandbox/protocol.ts";

/** What the same job ends with each time. Where the time was over, or a process ended, it may be the machine's doing. */
export type Lasting =
  | Extract<Outcome, { kind: "judged" | "derived" | "measured" }>
  | (Extract<Outcome, { kind: "tried" }> & { complete: true });

/** Larger ones are not kept; no judgement comes near. */
export const ENTRY_BYTES = 1 << 20;

const logs = z.array(z.string().max(LOG_LINE_CHARS).transform(plainText)).max(LOG_LINES + 1);

const lastingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("judged"), judgement: judgementSchema, logs }),
  z.strictObject({ kind: z.literal("derived"), derived: derivedSchema, logs }),
  z.strictObject({ kind: z.literal("tried"), tried: triedSchema, complete: z.literal(true), logs }),
  z.strictObject({ kind: z.literal("measured"), crossTerms: crossTermsSchema.nullable(), logs }),
]) satisfies z.ZodType<Lasting>;

const LASTING = new Set<Outcome["kind"]>([
  "judged",
  "derived",
  "tried",
  "measured",
] satisfies Lasting["kind"][]);

export function isLasting(outcome: Outcome): outcome is Lasting {
  return LASTING.has(outcome.kind) && (outcome.kind !== "tried" || outcome.complete);
}

/** Undefined where it would be too large. */
export function entryOf(key: string, outcome: Lasting): string | undefined {
  const body = JSON.stringify(outcome, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  const text = `${checksum(key, body)}\n${body}`;
  return Buffer.byteLength(text) > ENTRY_BYTES ? undefined : text;
}

/** Undefined where the text is no entry of this key. */
export function outcomeOf(key: string, text: string): Lasting | undefined {
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  if (text.slice(0, end) !== checksum(key, body)) return undefined;
  try {
    return lastingSchema.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function checksum(key: string, body: string): string {
  return createHash("sha256").update(`${key}\n${body}`).digest("hex");
}
