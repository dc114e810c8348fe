/** @file From what the judge ruled to what people read. */

import type {
  ArgumentReport,
  Coverage,
  Mismatch,
  Ruling,
  Hint as RulingHint,
} from "@gradient-lens/engine/judge";
import { formatShape } from "@gradient-lens/engine/judge";
import type { Hint, InputReport, Judgement, Rule } from "../finding.ts";
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
  /** Which static states the derivative: jvp where there is no backward. */
  readonly by: "backward" | "jvp";
}

/** The judgement for one ruling; `inputs` for those that carry no reports of their own. */
export function judgementOf(ruling: Ruling, about: About, inputs: readonly InputReport[]): Judgement {
  const { name, parameters, domain, by } = about;
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
    cause: null,
    derivation: null,
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
    case "agrees": {
      const hints = ruling.hints.map(hint => hintOf(hint, name, argument));
      const rule = hints[0]?.rule ?? null;
      return about.surrogate
        ? {
            verdict: "surrogate",
            rule,
            hints,
            message: `${name}.${by} is the derivative of its surrogate${sampledText(ruling.coverage)}`,
            ...common,
          }
        : {
            verdict: "correct",
            rule,
            hints,
            message:
              by === "backward"
                ? `${name}.backward is the vector–Jacobian product of forward${sampledText(ruling.coverage)}`
                : `${name}.jvp is the derivative of forward; transposed, it gives the vector–Jacobian product${sampledText(ruling.coverage)}`,
            ...common,
          };
    }
    case "differs":
      return wrong(
        by === "backward" ? "wrong-vjp" : "wrong-jvp",
        `${name}.${by} is not the ${by === "backward" ? "vector–Jacobian product" : "derivative"} of forward: the gradient for ${entry(argument(ruling.worst.argument), ruling.worst.at)} is wrong at ${about.at}`,
        entryValue(ruling.worst, argument, ruling.worst.returned),
        entryValue(ruling.worst, argument, ruling.worst.expected),
      );
    case "not-linear":
      return wrong(
        "not-linear",
        `${name}.${by} is not linear in gradOutput, as every vector–Jacobian product is: right for one entry at a time, wrong for all together at ${about.at}`,
        `${decimal(ruling.worst.returned)} for ${entry(argument(ruling.worst.argument), ruling.worst.at)}`,
        `${decimal(ruling.worst.expected)}, the sum of what it returns for the entries of gradOutput one by one`,
      );
    case "ignores-grad-output":
      return wrong(
        "ignores-grad-output",
        `${name}.${by} returns the same whatever gradOutput is: it must multiply by it (the chain rule), at ${about.at}`,
        entryValue(ruling.worst, argument, ruling.worst.returned),
        entryValue(ruling.worst, argument, ruling.worst.expected),
      );
    case "grad-count":
      return wrong(
        "grad-count",
        `${name}.${by} returns ${counted(ruling.got, "gradient")} for the ${counted(ruling.expected, "argument")} of forward`,
        counted(ruling.got, "value"),
        `${counted(ruling.expected, "value")}, one for each of ${parameters.join(", ")}; null where none is due`,
      );
    case "no-return":
      return wrong(
        "missing-grad",
        `${name}.${by} returns nothing`,
        "undefined",
        "the gradient for each argument of forward: is a return missing?",
      );
    case "missing-grad":
      return wrong(
        "missing-grad",
        `${name}.${by} returns no gradient for ${argument(ruling.argument)}, on which the output depends`,
        "null",
        `a gradient for ${argument(ruling.argument)}`,
      );
    case "not-a-tensor":
      return wrong(
        "grad-shape",
        `${name}.${by} returns ${ruling.got} as the gradient for ${argument(ruling.argument)}`,
        ruling.got,
        "a tensor, or null where none is due",
      );
    case "grad-shape":
      return wrong(
        "grad-shape",
        `${name}.${by} returns a gradient of shape ${formatShape(ruling.got)} for ${argument(ruling.argument)} of shape ${formatShape(ruling.expected)}`,
        `shape ${formatShape(ruling.got)}`,
        `shape ${formatShape(ruling.expected)}: a gradient has its input's shape; sum over the dimensions along which the input was repeated`,
      );
    case "input-mutated":
      return wrong(
        "input-mutated",
        `${name}.${ruling.by === "backward" ? by : ruling.by} changes ${argument(ruling.argument)} in place`,
        `${argument(ruling.argument)} with other values than it came with`,
        `${argument(ruling.argument)} as it came: use a clone(), or declare the change with ctx.markDirty`,
      );
    case "saved-mutated":
      return wrong(
        "input-mutated",
        `${name}.${by} changes what it saved in place`,
        `saved tensor ${ruling.saved} with other values than it had`,
        "saved tensors as they were: backward may run again (retainGraph); use the operation without the underscore, or a clone()",
      );
    case "state-leak":
      return ruling.how === "shared"
        ? wrong(
            "state-leak",
            `${name} keeps state between calls: after another call of forward its backward returns other gradients`,
            "gradients that hang on what was called in between",
            "gradients of its own call: keep what backward needs on ctx (saveForBackward, or a field), not on the class or in the module",
          )
        : wrong(
            "state-leak",
            `${name}.${by} changes what it returned before: it writes to the same tensor again`,
            "a tensor that the next call overwrites",
            "a fresh tensor from each call",
          );
    case "needs-ignored":
      return wrong(
        ruling.error === null ? "wrong-vjp" : "backward-throws",
        `${name}.${by} ${ruling.error === null ? "returns another gradient" : `throws ${describeThrown(ruling.error)}`} where ${argument(ruling.argument)} alone requires one`,
        ruling.error === null ? "a gradient that hangs on ctx.needsInputGrad" : "an error",
        `the gradient for ${argument(ruling.argument)} whatever else requires one: ctx.needsInputGrad may only save work`,
      );
    case "jvp-differs":
      return wrong(
        "wrong-jvp",
        `${name}.jvp is not the derivative of forward: backward is right, the two disagree at ${about.at}`,
        `${decimal(ruling.worst.returned)} for ${entry(outputName(ruling.worst.output), ruling.worst.outputAt)} along a random direction`,
        decimal(ruling.worst.expected),
      );
    case "jvp-shape":
      return wrong(
        "wrong-jvp",
        `${name}.jvp returns a tangent of shape ${formatShape(ruling.got)} for ${outputName(ruling.output)} of shape ${formatShape(ruling.expected)}`,
        `shape ${formatShape(ruling.got)}`,
        `shape ${formatShape(ruling.expected)}: a tangent has its output's shape`,
      );
    case "jvp-throws":
      return wrong(
        "wrong-jvp",
        `${name}.jvp throws ${describeThrown(ruling.error)}`,
        "an error",
        "the derivative of each output along the tangents, which are null for arguments that do not move",
      );
    case "wrong-double-backward":
      return wrong(
        "wrong-double-backward",
        `${name}.${by} is right, but wrong when it is itself differentiated (createGraph): part of it is cut off from the graph`,
        `${decimal(ruling.returned)} along a random direction`,
        `${decimal(ruling.expected)}: compute with the saved tensors themselves (no detach(), item() or tolist() of them), or declare it with onceDifferentiable`,
      );
    case "grad-output-mutated":
      return wrong(
        "input-mutated",
        `${name}.${by} changes gradOutput in place`,
        "gradOutput with other values than it came with",
        "gradOutput as it came: others still need it; use the operation without the underscore, or a clone()",
      );
    case "nondeterministic":
      return ruling.by === "backward"
        ? wrong(
            "nondeterministic",
            `${name}.${by} returns different gradients for the same gradOutput`,
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
        `${name}.${by} throws ${describeThrown(ruling.error)}`,
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

/** Of large outputs, what a verdict rests on. Were a part p of the entries wrong, n random ones would all be right with (1 − p)ⁿ < e^−np. */
function sampledText({ asked, of, projected }: Coverage): string {
  if (asked >= of) return "";
  const rest = projected
    ? "all of them in random combinations"
    : `so fewer than ${((100 * 3) / asked).toPrecision(1)} % of them are wrong, with 95 % confidence`;
  return ` (${asked} of ${of} entries of the output one by one, ${rest})`;
}

function hintOf(hint: RulingHint, name: string, argument: (i: number) => string): Hint {
  if (hint.kind === "summed") {
    return {
      rule: "grad-shape",
      message: `The gradient for ${argument(hint.argument)} has a larger shape than ${argument(hint.argument)}; it is right once the engine has summed it. Sum it in ${name}.backward (sumToSize), so that it is right by itself.`,
    };
  }
  const why = hint.intermediates
    ? "What forward computed on the way and saved is a constant to the second differentiation: save inputs and outputs, and compute the rest again"
    : "It is made of numbers that were read out, which is a constant to the second differentiation: use the engine's operations";
  return {
    rule: "wrong-double-backward",
    message: `Second derivatives through ${name} are wrong in silence: ${decimal(hint.returned)} instead of ${decimal(hint.expected)} along a random direction. ${why}; or declare backward with onceDifferentiable, which makes them an error.`,
  };
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

const outputName = (output: number): string => (output === 0 ? "output" : `output ${output}`);

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
  const from = entry(outputName(output), outputAt);
  return `∂ ${from} / ∂ ${entry(name(argument), at)} = ${decimal(value)}`;
}

function decimal(value: number): string {
  return Number.isFinite(value) ? `${Number(value.toPrecision(6))}` : String(value);
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
