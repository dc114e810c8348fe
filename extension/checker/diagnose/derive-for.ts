/** @file The derivative of a Function, or of a plain function of tensors, at inputs that were found for it. Runs inside the sandbox. */

import { isTensor } from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { derive, deriveTangent, type Refusal } from "@gradient-lens/engine/symbolic";
import type { Derivation, Derived } from "../derivation.ts";
import { domainText } from "../probe/domain.ts";
import { type Examined, inputsFor, isFunctionClass, undeclared } from "../probe/inputs.ts";
import { elsewhere, type Sample } from "../probe/sample.ts";
import type { Job, Task } from "../sandbox/job.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import { forAnyNumber, forAnyRank } from "./any-number.ts";
import { derivationOf } from "./derivation-of.ts";
import { namesIn } from "./formulas.ts";
import { Told } from "./told.ts";

/** As many kinds of inputs as are tried before it is said that nothing can be derived. */
const MOST_SAMPLES = 3;

/**
 * @param value What the job's script yields: the class, or the function.
 * @param told What forward's text tells while it runs.
 */
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
  told: Told = new Told(),
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
    const others = elsewhere(sample, uniform);
    const at = (args: readonly unknown[], there: readonly unknown[] | undefined, steps: boolean) =>
      attempt(() => {
        const intermediates = told.intermediates(notation);
        const known = {
          ...namesIn(args, { names, gradOutputs, notation }),
          ...(intermediates && { intermediates }),
        };
        return derived(definition, args, known, {
          style: notation.style,
          steps,
          loss,
          ...(there && { elsewhere: there }),
        });
      });
    const found = at(sample.args, others, true);
    const inputs = inputsOf(sample, names);
    if ("untraceable" in found) {
      first ??= { derivation: null, reason: found.untraceable, domain, inputs };
      continue;
    }
    const anyNumber = (at: Sample, from: Derivation, there: readonly unknown[] | undefined): Derivation =>
      forAnyNumber(from, at.args, declared, changed =>
        derivationAt(changed(at.args), there && changed(there)),
      );
    const derivationAt = (
      args: readonly unknown[],
      there: readonly unknown[] | undefined,
    ): Derivation | null => {
      const other = at(args, there, false);
      return "untraceable" in other ? null : derivationOf(other);
    };
    let derivation = anyNumber(sample, derivationOf(found), others);
    const [higher, more] = ofHigherRank(sample, samples);
    if (higher !== null) {
      const there = derivationAt(higher.args, elsewhere(higher, uniform));
      const rank = Math.max(...ranksOf(sample));
      if (there !== null)
        derivation = forAnyRank(derivation, anyNumber(higher, there, undefined), rank, more);
    }
    return { derivation, reason: null, domain, inputs };
  }
  return first!;
}

/** A sample whose tensors all have as many dimensions more, or fewer. */
function ofHigherRank(sample: Sample, samples: readonly Sample[]): [Sample | null, number] {
  const ranks = ranksOf(sample);
  for (const other of samples) {
    const others = ranksOf(other);
    const more = (others[0] ?? 0) - (ranks[0] ?? 0);
    const alike = others.length === ranks.length && others.every((rank, i) => rank === ranks[i]! + more);
    if (more !== 0 && alike && others.every(rank => rank > 1)) return [other, more];
  }
  return [null, 0];
}

function ranksOf({ args }: Sample): number[] {
  return args.flatMap(arg => (isTensor(arg) ? [arg.ndim] : []));
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
