/** @file From what the judge ruled to what people read. */

import type { ArgumentReport, Mismatch, Ruling } from "@gradient-lens/engine/judge";
import { formatShape } from "@gradient-lens/engine/judge";
import type { InputReport, Judgement, Rule } from "../finding.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";

/** Everything a judgement says besides the ruling itself. */
export interface About {
  readonly name: string;
  /** Names of forward's arguments. */
  readonly parameters: readonly string[];
  readonly domain: string | null;
  /** The shapes of the tensors it was judged at: "input: (2, 2)". */
  readonly at: string;
  readonly surrogate: boolean;
}

/** The judgement for one ruling; `inputs` for those that carry no reports of their own. */
export function judgementOf(ruling: Ruling, about: About, inputs: readonly InputReport[]): Judgement {
  const { name, parameters, domain } = about;
  const argument = (i: number): string => parameters[i] ?? `argument ${i}`;
  const common = {
    domain,
    inputs: "reports" in ruling ? inputReports(ruling.reports, parameters) : [...inputs],
  };
  const wrong = (rule: Rule, message: string, returned: string, expected: string): Judgement => ({
    verdict: "wrong",
    rule,
    message,
    returned,
    expected,
    ...common,
  });
  const undecided = (rule: Rule, message: string, reason: string): Judgement => ({
    verdict: "inconclusive",
    rule,
    message,
    reason,
    ...common,
  });

  switch (ruling.kind) {
    case "agrees":
      return about.surrogate
        ? {
            verdict: "surrogate",
            rule: null,
            message: `${name}.backward is the derivative of its surrogate`,
            ...common,
          }
        : {
            verdict: "correct",
            rule: null,
            message: `${name}.backward is the vector–Jacobian product of forward`,
            ...common,
          };
    case "differs":
      return wrong(
        "wrong-vjp",
        `${name}.backward is not the vector–Jacobian product of forward: the gradient for ${entry(argument(ruling.worst.argument), ruling.worst.at)} is wrong at ${about.at}`,
        entryValue(ruling.worst, argument, ruling.worst.returned),
        entryValue(ruling.worst, argument, ruling.worst.expected),
      );
    case "not-linear":
      return wrong(
        "not-linear",
        `${name}.backward is not linear in gradOutput, as every vector–Jacobian product is: right for one entry at a time, wrong for all together at ${about.at}`,
        `${decimal(ruling.worst.returned)} for ${entry(argument(ruling.worst.argument), ruling.worst.at)}`,
        `${decimal(ruling.worst.expected)}, the sum of what it returns for the entries of gradOutput one by one`,
      );
    case "ignores-grad-output":
      return wrong(
        "ignores-grad-output",
        `${name}.backward returns the same whatever gradOutput is: it must multiply by it (the chain rule), at ${about.at}`,
        entryValue(ruling.worst, argument, ruling.worst.returned),
        entryValue(ruling.worst, argument, ruling.worst.expected),
      );
    case "grad-count":
      return wrong(
        "grad-count",
        `${name}.backward returns ${counted(ruling.got, "gradient")} for the ${counted(ruling.expected, "argument")} of forward`,
        counted(ruling.got, "value"),
        `${counted(ruling.expected, "value")}, one for each of ${parameters.join(", ")}; null where none is due`,
      );
    case "no-return":
      return wrong(
        "missing-grad",
        `${name}.backward returns nothing`,
        "undefined",
        "the gradient for each argument of forward: is a return missing?",
      );
    case "missing-grad":
      return wrong(
        "missing-grad",
        `${name}.backward returns no gradient for ${argument(ruling.argument)}, on which the output depends`,
        "null",
        `a gradient for ${argument(ruling.argument)}`,
      );
    case "not-a-tensor":
      return wrong(
        "grad-shape",
        `${name}.backward returns ${ruling.got} as the gradient for ${argument(ruling.argument)}`,
        ruling.got,
        "a tensor, or null where none is due",
      );
    case "grad-shape":
      return wrong(
        "grad-shape",
        `${name}.backward returns a gradient of shape ${formatShape(ruling.got)} for ${argument(ruling.argument)} of shape ${formatShape(ruling.expected)}`,
        `shape ${formatShape(ruling.got)}`,
        `shape ${formatShape(ruling.expected)}: a gradient has its input's shape; sum over the dimensions along which the input was repeated`,
      );
    case "input-mutated":
      return wrong(
        "input-mutated",
        `${name}.${ruling.by} changes ${argument(ruling.argument)} in place`,
        `${argument(ruling.argument)} with other values than it came with`,
        `${argument(ruling.argument)} as it came: use a clone(), or declare the change with ctx.markDirty`,
      );
    case "grad-output-mutated":
      return wrong(
        "input-mutated",
        `${name}.backward changes gradOutput in place`,
        "gradOutput with other values than it came with",
        "gradOutput as it came: others still need it; use the operation without the underscore, or a clone()",
      );
    case "nondeterministic":
      return ruling.by === "backward"
        ? wrong(
            "nondeterministic",
            `${name}.backward returns different gradients for the same gradOutput`,
            "two different results",
            "the same result each time: draw random numbers in forward and save them",
          )
        : undecided(
            "nondeterministic",
            `${name}.forward gives different values for the same inputs`,
            "It cannot be held against a derivative. Pass random numbers in as an argument, or seed them inside forward with manualSeed.",
          );
    case "forward-throws":
      return undecided(
        "forward-throws",
        `${name}.forward throws ${describeThrown(ruling.error)}`,
        `It was called at ${about.at}. Give inputs that it accepts: static sampleInputs() { return [tensor, …]; }`,
      );
    case "backward-throws":
      return wrong(
        "backward-throws",
        `${name}.backward throws ${describeThrown(ruling.error)}`,
        "an error",
        `the gradient for ${parameters.join(", ")} at ${about.at}`,
      );
    case "nothing-to-check":
      return {
        verdict: "skipped",
        rule: "not-differentiable",
        message: `${name} has nothing to differentiate`,
        reason: "No floating-point tensor goes into forward, or none comes out.",
        ...common,
      };
    case "not-differentiable":
      return undecided(
        "not-differentiable",
        `${name}.forward has no derivative that can be measured with respect to ${entry(argument(ruling.argument), ruling.at)} at ${about.at}`,
        "It jumps or has a kink at every point that was tried. Give smoother inputs with static sampleInputs(), or state what backward means to be with static surrogate(…).",
      );
  }
}

/** Reports of several judgings of one Function as one: the worst error of each argument. */
export function mergedReports(lists: readonly (readonly InputReport[])[]): InputReport[] {
  return lists.reduce<InputReport[]>((merged, list) => {
    if (merged.length === 0) return [...list];
    return merged.map((report, i) => {
      const other = list[i];
      return other?.maxError != null && !(other.maxError <= (report.maxError ?? -1)) ? other : report;
    });
  }, []);
}

export function inputReports(
  reports: readonly ArgumentReport[],
  parameters: readonly string[],
): InputReport[] {
  return reports.map(({ argument, shape, verdict, maxError, at }) => ({
    name: parameters[argument] ?? `argument ${argument}`,
    shape: shape === null ? null : [...shape],
    verdict,
    maxError,
    at: at === null ? null : [...at],
  }));
}

/** "input[0, 1]" */
function entry(name: string, at: readonly number[]): string {
  return at.length === 0 ? name : `${name}[${at.join(", ")}]`;
}

/** "∂ output[1, 0] / ∂ input[0, 1] = 2.5" */
function entryValue(
  { at, argument, output, outputAt }: Mismatch,
  name: (i: number) => string,
  value: number,
): string {
  const from = entry(output === 0 ? "output" : `output ${output}`, outputAt);
  return `∂ ${from} / ∂ ${entry(name(argument), at)} = ${decimal(value)}`;
}

function decimal(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toPrecision(6))}` : String(value);
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
