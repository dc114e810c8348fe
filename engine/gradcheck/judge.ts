/** @file Judges a Function at given arguments: what its backward returns against the Jacobian of its forward. */

import { Generator } from "../tensor/random.ts";
import { isTensor } from "../tensor/tensor.ts";
import { type Chosen, compareDense, compareProjections, compareRows, trustedTape } from "./compare.ts";
import { type Cotangents, cotangentsFor, oneHot } from "./cotangents.ts";
import { activeColumns, tapeJacobian } from "./expected.ts";
import { concatenated, sameValues } from "./flat.ts";
import { Measured } from "./measured.ts";
import type { Objection } from "./point.ts";
import { checkJvp, checkNeeds, checkSharing } from "./protocol.ts";
import { reportsOf } from "./reports.ts";
import { type Hint, type JudgedFunction, type Ruling, standInOf } from "./ruling.ts";
import { checkSecondOrder } from "./second-order.ts";
import { type Answer, type Gradients, Subject } from "./subject.ts";

export interface JudgeOptions {
  /** Also check what need not be checked at every point: sharing of state, `needsInputGrad`, `jvp`, second derivatives. Default: true. */
  thorough?: boolean;
  /** Positions of arguments for which no gradient is expected. */
  constant?: ReadonlySet<number>;
}

/** Entries of the outputs that are asked for one by one where a look is not thorough: the others in combinations. */
const FEW_ROWS = 12;

const NONE: ReadonlySet<number> = new Set();

/**
 * Judges `definition` at `args`, which are left as they are.
 * @param seed of the cotangents and directions; the same seed gives the same ruling
 */
export function judge(
  definition: JudgedFunction,
  args: readonly unknown[],
  seed: number,
  { thorough = true, constant = NONE }: JudgeOptions = {},
): Ruling {
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return subject;
  if (!args.some(arg => isTensor(arg) && arg.isFloatingPoint())) return { kind: "nothing-to-check" };

  const random = new Generator(seed);
  const wanted = subject.outputs.map(isTensor);
  const measured = new Measured(definition, args, wanted);
  const tape = measured.tape();
  // Without a tape there is nothing that combinations could be held against.
  const most = thorough || tape === null ? undefined : FEW_ROWS;
  const cotangents = cotangentsFor(subject.total, random, most);
  const returned = ask(subject, cotangents);
  if ("kind" in returned) return returned;
  const obstacle = unmeasurable(measured, subject, definition, args);
  if (obstacle !== null) return obstacle;

  const expected = args.map((arg, i) => (constant.has(i) ? null : arg));
  const jacobian = tapeJacobian(tape, expected, cotangents, subject.total);
  const notes = { kinks: false };
  const point = { definition, args, subject, cotangents, tape, jacobian, measured, random, notes };
  const asked = cotangents.rows.length;
  const compared = (chosen: Chosen): Objection | null =>
    compareRows(point, returned.rows, chosen) ??
    compareDense(point, returned.dense, chosen) ??
    (asked < subject.total ? compareProjections(point, chosen) : null);
  const objection = compared(() => true);
  if (objection?.kind === "other") return objection.ruling;
  const wrong = args.map((_, i) => {
    if (objection === null || objection.worst.argument === i) return objection !== null;
    return "worst" in (compared(argument => argument === i) ?? {});
  });
  const reports = reportsOf(point, returned.rows, wrong);
  if (objection !== null) {
    return { kind: linearity(subject, returned.dense[0]!, objection.kind), reports, worst: objection.worst };
  }

  const hints: Hint[] = [...subject.summed].map(argument => ({ kind: "summed", argument }));
  if (thorough) {
    const { cotangent: g, gradients } = returned.dense[0]!;
    const further =
      checkSharing(definition, args, g, gradients) ??
      checkNeeds(definition, args, g, gradients) ??
      checkJvp(point);
    if (further !== null) return further;
    // What has no gradient is a constant: noise that is given, say.
    const moves = gradients.map(gradient => gradient !== null);
    const second = checkSecondOrder(definition, args, moves, g, random);
    if (second?.kind === "ruling") return second.ruling;
    if (second?.kind === "hint") hints.push(second.hint);
  }
  const coverage = { asked, of: subject.total, projected: trustedTape(point) !== null };
  const { outcomes } = subject;
  return {
    kind: "agrees",
    reports,
    hints,
    kinks: notes.kinks,
    coverage,
    active: activeColumns(jacobian),
    outcomes,
  };
}

interface Answers {
  /** For one entry at a time, divided by its seed. */
  readonly rows: readonly Gradients[];
  readonly dense: readonly Answer[];
}

function ask(subject: Subject, { rows, seeds, dense }: Cotangents): Answers | Ruling {
  const answers: Answer[] = [];
  for (const cotangent of dense) {
    const gradients = subject.pull(cotangent);
    if ("kind" in gradients) return gradients;
    answers.push({ cotangent, gradients });
  }
  const byRow: Gradients[] = [];
  for (const [r, k] of rows.entries()) {
    const seed = seeds[r]!;
    const gradients = subject.pull(oneHot(subject.total, k, seed));
    if ("kind" in gradients) return gradients;
    byRow.push(gradients.map(grad => grad?.map(value => value / seed) ?? null));
  }
  if (subject.reusesBuffers()) return { kind: "state-leak", how: "buffer" };
  const again = subject.pull(dense[0]!);
  if ("kind" in again) return again;
  if (!sameGradients(again, answers[0]!.gradients)) return { kind: "nondeterministic", by: "backward" };
  return { rows: byRow, dense: answers };
}

function sameGradients(a: Gradients, b: Gradients): boolean {
  return a.every((grad, i) => {
    const other = b[i] ?? null;
    return grad === null || other === null ? grad === other : sameValues(grad, other);
  });
}

/** What keeps forward from being measured at all. */
function unmeasurable(
  measured: Measured,
  subject: Subject,
  definition: JudgedFunction,
  args: readonly unknown[],
): Ruling | null {
  const { center } = measured;
  if (center === null) {
    const error = measured.failure ?? new Error("It returned no tensors the second time.");
    return { kind: "forward-throws", error };
  }
  const again =
    standInOf(definition) === undefined
      ? concatenated(subject.outputs.filter(isTensor))
      : measured.valuesAt(args);
  if (again === null || !sameValues(center, again)) return { kind: "nondeterministic", by: "forward" };
  if (center.length !== subject.total) {
    const error = new RangeError(
      `the surrogate returned ${center.length} numbers where forward returned ${subject.total}: expected outputs of the same shapes`,
    );
    return { kind: "forward-throws", error };
  }
  return null;
}

/** Of a backward that is wrong: whether it is not linear in gradOutput, or does not look at it at all. */
function linearity(
  subject: Subject,
  { cotangent, gradients }: Answer,
  kind: "differs" | "not-linear",
): "differs" | "not-linear" | "ignores-grad-output" {
  const scaled = subject.pull(cotangent.map(g => g * -0.37));
  if ("kind" in scaled) return kind;
  const some = gradients.some(grad => grad?.some(value => value !== 0));
  if (some && sameGradients(scaled, gradients)) return "ignores-grad-output";
  const homogeneous = gradients.every((grad, i) => {
    const size = grad?.reduce((m, value) => Math.max(m, Math.abs(value)), 0) ?? 0;
    return grad === null || grad.every((value, j) => Math.abs(scaled[i]![j]! + 0.37 * value) <= 1e-9 * size);
  });
  return homogeneous ? kind : "not-linear";
}
