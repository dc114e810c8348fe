/** @file What the mistake in a wrong backward is: the first hypothesis, from the simplest, that gives exactly what is returned. */

import { isTensor } from "@gradient-lens/engine";
import type { JudgedFunction, Ruling } from "@gradient-lens/engine/judge";
import type { Names } from "@gradient-lens/engine/symbolic";
import type { Cause } from "../finding.ts";
import { attempt, type Case, caseOf, type Points } from "./case.ts";
import type { Details, Explanation } from "./explanation.ts";
import { explainByChanges } from "./formula-changes.ts";
import { explainDiagonal, explainOtherFunction } from "./other-functions.ts";
import { explainPaths, explainStop } from "./paths.ts";
import { explainProducts } from "./products.ts";
import { explainRuling } from "./rulings.ts";
import { type Formulas, sentenceOf } from "./sentences.ts";
import { explainShape, notReduced } from "./shapes.ts";
import { explainTangents } from "./tangents.ts";
import { explainUndefined } from "./undefined-values.ts";
import { explainWhole } from "./whole-gradient.ts";
import { worstEntry } from "./worst-entry.ts";

export interface Diagnosed {
  readonly definition: JudgedFunction;
  readonly ruling: Ruling;
  /** Whether backward is right at some sizes, and wrong at others. */
  readonly atOneSize: boolean;
  readonly names: Names;
  readonly formulas: Pick<Formulas, "returned" | "expected">;
  readonly points: Points;
  /** Arguments with all sizes alike, at which shapes that do not fit otherwise do; null where there are none. */
  alike(): Points | null;
}

/** @returns null where no explanation is known */
export function diagnose(d: Diagnosed): Cause | null {
  const explanation = attempt(() => explanationOf(d));
  if (explanation === null) return null;
  const [gradName = "gradOutput"] = d.names.gradOutputs ?? [];
  const formulas = {
    ...d.formulas,
    gradName: gradName.replace(/^_(?=\p{L})/u, "").replace(/^gradOutput/, "grad_out"),
  };
  const { kind, details } = explanation;
  return { kind, sentence: sentenceOf(kind, details, formulas) };
}

function explanationOf(d: Diagnosed): Explanation | null {
  const { ruling, names, definition } = d;
  switch (ruling.kind) {
    case "differs":
    case "not-linear":
    case "ignores-grad-output": {
      if (d.atOneSize)
        return {
          kind: "size-as-number",
          details: { argument: names.inputs[ruling.worst.argument] ?? "" },
        };
      const c = caseOf(definition, d.points, names, ruling.worst.argument);
      if (c === null) return null;
      if (definition.backward === undefined) return explainTangents(c);
      return explained(c) ?? worstEntry(c, ruling.worst.argument, ruling.worst);
    }
    case "grad-shape": {
      const { argument, got, expected } = ruling;
      const [args] = d.points.points;
      return (
        attempt(() => notReduced(definition, args!, names, argument, expected)) ??
        whereAlike(d) ??
        attempt(() => explainShape(definition, args!, names, argument, got, expected)) ?? {
          kind: "shapes-disagree",
          details: { argument: names.inputs[argument] ?? "" },
        }
      );
    }
    case "backward-throws": {
      const undefinedValue = attempt(() => explainUndefined(definition, d.points.points[0]!));
      if (undefinedValue !== null) return undefinedValue;
      const ofShapes = ruling.error instanceof RangeError;
      return whereAlike(d) ?? (ofShapes ? { kind: "shapes-disagree", details: onlyTensorOf(d) } : null);
    }
    case "jvp-differs": {
      // The engine transposes the jvp of a Function without a backward.
      const transposed: JudgedFunction = Object.create(definition, { backward: { value: undefined } });
      const c = caseOf(transposed, d.points, names, null);
      return c === null ? { kind: "jvp-differs", details: { jvp: true } } : explainTangents(c);
    }
    default:
      return explainRuling(ruling, names.inputs);
  }
}

/** The argument that it must be about. */
function onlyTensorOf({ points, names }: Diagnosed): Details {
  const tensors = points.points[0]!.flatMap((arg, i) => (isTensor(arg) && arg.isFloatingPoint() ? [i] : []));
  const name = tensors.length === 1 ? names.inputs[tensors[0]!] : undefined;
  return name === undefined ? {} : { argument: name };
}

/** What is wrong where all sizes are alike, and so no shape keeps backward from running. */
function whereAlike(d: Diagnosed): Explanation | null {
  const points = attempt(() => d.alike());
  const c = points === null ? null : caseOf(d.definition, points, d.names, null);
  return c === null ? null : explained(c);
}

function explained(c: Case): Explanation | null {
  const whole = attempt(() => explainWhole(c)) ?? attempt(() => explainDiagonal(c));
  if (whole !== null) return whole;
  for (const explain of [explainProducts, explainPaths, explainByChanges, explainStop]) {
    for (const i of c.wrong) {
      const found = attempt(() => explain(c, i));
      if (found !== null) return found;
    }
  }
  return attempt(() => explainOtherFunction(c));
}
