/**
 * @file What the parent and a child say to each other. The parent believes nothing of it: it reads what comes from a
 * child with these schemas, and a message that does not fit is the end of the child. Texts lose their control
 * characters on the way in. The child imports the types only, and reads its orders in realm/order.ts.
 */

import * as z from "zod";
import type { CrossTerms } from "../cross-terms/cross-terms.ts";
import { type Derivation, type Derived, LINE_KINDS, STEP_KINDS } from "../derivation.ts";
import { type Judgement, RULES } from "../finding.ts";
import { plainText } from "../plain-text.ts";
import { withoutForeignCode } from "../written-code.ts";
import { COMBINATIONS, TEXT_CHARS } from "./caps.ts";
import type { Job, Trial, Tried } from "./job.ts";

/** To the child. The id comes back with the answer, so that no answer is taken for another job's. */
export interface Order {
  id: number;
  job: Job | Trial;
  /** What the process may hold, in megabytes. */
  memoryMb: number;
}

const text = z.string().max(TEXT_CHARS).transform(plainText);

/** JSON knows no infinities; a gradient does. */
const real = z.union([z.number(), z.enum(["Infinity", "-Infinity", "NaN"]).transform(Number)]);
const indices = z.array(z.number().int().nonnegative()).max(64);

const inputReport = z.strictObject({
  name: text,
  shape: indices.nullable(),
  verdict: z.enum(["correct", "wrong", "unchecked"]),
  maxError: real.nullable(),
  at: indices.nullable(),
});

const judged = {
  message: text,
  domain: text.nullable(),
  inputs: z.array(inputReport).max(200),
};

const rule = z.enum(RULES);

const writtenFormula = z.strictObject({ maths: text, latex: text, typescript: text.nullable() });
const namedFormulas = z.array(z.strictObject({ ...writtenFormula.shape, name: text })).max(200);

const derivationStep = z.strictObject({
  kind: z.enum(STEP_KINDS),
  title: text,
  sentence: text,
  lines: z
    .array(z.strictObject({ kind: z.enum(LINE_KINDS), maths: text, latex: text, shape: text.nullable() }))
    .max(100),
  caution: text.nullable(),
});

const derivationAsSaid = z.strictObject({
  gradients: z.array(writtenFormula.nullable()).max(200),
  parts: namedFormulas,
  statements: z.array(text).max(200).nullable(),
  imports: z.array(text).max(200),
  saved: z
    .array(
      z.strictObject({
        name: text,
        role: z.enum(["input", "output", "saved"]),
        formula: writtenFormula.nullable(),
        parts: namedFormulas,
        place: z.number().int().nonnegative().nullable(),
      }),
    )
    .max(200),
  steps: z.array(derivationStep).max(100).nullable(),
}) satisfies z.ZodType<Derivation>;

/** A fix would write its code into people's files. */
const derivation = derivationAsSaid.transform(withoutForeignCode);

export const judgementSchema = z.discriminatedUnion("verdict", [
  z.strictObject({
    ...judged,
    verdict: z.enum(["correct", "surrogate"]),
    rule: rule.nullable(),
    hints: z.array(z.strictObject({ rule, message: text })).max(20),
  }),
  z.strictObject({
    ...judged,
    verdict: z.literal("wrong"),
    rule,
    returned: text,
    expected: text,
    cause: z.strictObject({ kind: text, sentence: text }).nullable(),
    derivation: derivation.nullable(),
  }),
  z.strictObject({ ...judged, verdict: z.enum(["inconclusive", "skipped"]), rule, reason: text }),
]) satisfies z.ZodType<Judgement>;

export const derivedSchema = z.strictObject({
  derivation: derivation.nullable(),
  reason: text.nullable(),
  domain: text.nullable(),
  inputs: z.array(z.strictObject({ name: text, shape: indices.nullable() })).max(200),
  alternatives: z.array(derivation).max(10),
}) satisfies z.ZodType<Derived>;

const position = z.number().int().nonnegative();

const oneTried = z.strictObject({
  combination: position,
  right: z.enum(["everywhere", "hinted", "somewhere", "no"]),
  arguments: z.array(position).max(200),
}) satisfies z.ZodType<Tried>;

export const triedSchema = z.array(oneTried).max(COMBINATIONS);

export const crossTermsSchema = z.strictObject({
  batch: text,
  term: text,
  own: text.nullable(),
  gradient: text.nullable(),
  reduction: z.enum(["sum", "mean"]),
  hold: z.array(z.boolean()).max(20),
}) satisfies z.ZodType<CrossTerms>;

const id = z.number().int().nonnegative();

export const reportSchema = z.discriminatedUnion("type", [
  /** Booted, locked down, audited: give me a job. */
  z.strictObject({ type: z.literal("ready") }),
  /** A line that the checked code printed. */
  z.strictObject({ type: z.literal("log"), id, line: text }),
  /** The job is done and nothing of it can run any more. */
  z.strictObject({ type: z.literal("judged"), id, judgement: judgementSchema }),
  z.strictObject({ type: z.literal("derived"), id, derived: derivedSchema }),
  z.strictObject({ type: z.literal("tried"), id, tried: triedSchema, complete: z.boolean() }),
  z.strictObject({ type: z.literal("measured"), id, crossTerms: crossTermsSchema.nullable() }),
  /** Nothing was decided, as the engine was refused memory. */
  z.strictObject({ type: z.literal("no-room"), id }),
  /** Not the checked code but the sandbox itself failed. */
  z.strictObject({ type: z.literal("failed"), detail: text }),
]);

/** From the child, as it says it. */
export type Report = z.input<typeof reportSchema>;
