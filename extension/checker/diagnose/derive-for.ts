/** @file The derivative of a Function, or of a plain function of tensors, at inputs that were found for it. Runs inside the sandbox. */

import { isTensor } from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { derive, deriveTangent, type Refusal } from "@gradient-lens/engine/symbolic";
import type { Derived } from "../derivation.ts";
import { domainText } from "../probe/domain.ts";
import { type Examined, inputsFor, isFunctionClass, undeclared } from "../probe/inputs.ts";
import { elsewhere, type Sample } from "../probe/sample.ts";
import type { Job, Task } from "../sandbox/job.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import { derivationOf } from "./derivation-of.ts";
import { namesIn } from "./formulas.ts";

/** As many kinds of inputs as are tried before it is said that nothing can be derived. */
const MOST_SAMPLES = 3;

/** @param value What the job's script yields: the class, or the function. */
export function deriveFor(
  value: unknown,
  {
    name,
    parameters,
    seed,
    gradOutputs,
    notation,
  }: Pick<Job, "name" | "parameters" | "seed" | "gradOutputs" | "notation">,
  task: Exclude<Task, "check">,
): Derived {
  const definition = definitionOf(value);
  if (definition === null)
    return underivable(`${name} is neither a function nor a class with a static forward.`);
  const declared = parameters ?? undeclared(definition);
  const names = declared.map(parameter => parameter.name);
  const random = new Generator(seed);
  const uniform = (): number => random.uniform("float64");
  const samples = inputsFor(definition, name, declared, uniform);
  if ("verdict" in samples) return underivable(`${samples.message}. ${samples.reason}`);

  const derived = task === "derive-jvp" ? deriveTangent : derive;
  const loss = task === "derive-gradient";
  const domain = domainText(samples, names);
  let first: Derived | undefined;
  for (const sample of samples.slice(0, MOST_SAMPLES)) {
    const { args } = sample;
    const others = elsewhere(sample, uniform);
    const options = { style: notation.style, steps: true, loss, ...(others && { elsewhere: others }) };
    const found = attempt(() =>
      derived(definition, args, namesIn(args, { names, gradOutputs, notation }), options),
    );
    const inputs = inputsOf(sample, names);
    if (!("untraceable" in found)) return { derivation: derivationOf(found), reason: null, domain, inputs };
    first ??= { derivation: null, reason: found.untraceable, domain, inputs };
  }
  return first!;
}

/** A plain function is a forward that needs no ctx. */
function definitionOf(value: unknown): Examined | null {
  if (isFunctionClass(value)) return value;
  if (typeof value !== "function") return null;
  const forward = value as Examined["forward"];
  return { name: forward.name, forward, setupContext() {} } as Examined;
}

function inputsOf({ args }: Sample, names: readonly string[]): Derived["inputs"] {
  return args.map((arg, i) => ({
    name: names[i] ?? `argument ${i}`,
    shape: isTensor(arg) ? arg.shape : null,
  }));
}

function attempt<T>(body: () => T): T | Refusal {
  try {
    return body();
  } catch (error) {
    return { untraceable: describeThrown(error) };
  }
}

function underivable(reason: string): Derived {
  return { derivation: null, reason, domain: null, inputs: [] };
}
