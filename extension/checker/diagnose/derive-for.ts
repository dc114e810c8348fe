/** @file The derivative of a Function, or of a plain function of tensors, at inputs that were found for it. Runs inside the sandbox. */

import { isTensor } from "@gradient-lens/engine";
import { derive, deriveTangent, type Refusal } from "@gradient-lens/engine/symbolic";
import type { Derivation, Derived } from "../derivation.ts";
import { domainText } from "../probe/domain.ts";
import { type Examined, inputsFor, isFunctionClass, undeclared } from "../probe/inputs.ts";
import { elsewhere, type Sample } from "../probe/sample.ts";
import { uniformFrom } from "../probe/seeded.ts";
import type { Job, Task } from "../sandbox/job.ts";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import { forAnyNumber } from "./any-number.ts";
import { type DerivedAt, forAnyRank, rankOf } from "./any-rank.ts";
import { derivationOf } from "./derivation-of.ts";
import { namesIn } from "./formulas.ts";
import { textsOf } from "./literals.ts";
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
  task: Task,
  told: Told = new Told(),
): Derived {
  const definition = definitionOf(value);
  if (definition === null)
    return underivable(`${name} is neither a function nor a class with a static forward.`);
  const declared = parameters ?? undeclared(definition);
  const names = declared.map(parameter => parameter.name);
  const uniform = uniformFrom(seed);
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
      first ??= { derivation: null, reason: found.untraceable, domain, inputs, alternatives: [] };
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
    const own = anyNumber(sample, derivationOf(found), others);
    const inText = told.intermediates(notation) !== undefined;
    const elsewhereDerived = ofOtherRanks(sample, samples).flatMap((other): DerivedAt[] => {
      const there = elsewhere(other, uniform);
      const derivation = derivationAt(other.args, there);
      return derivation === null
        ? []
        : [{ derivation: anyNumber(other, derivation, there), args: other.args }];
    });
    const here = { derivation: own, args: sample.args };
    const general = [here, ...(inText ? elsewhereDerived : [])].map(at =>
      [here, ...elsewhereDerived].reduce(
        (derivation, other) => forAnyRank({ ...at, derivation }, other, names),
        at.derivation,
      ),
    );
    // What was said too generally is right as it was traced.
    const [derivation, ...alternatives] = distinct(inText ? [...general, own, derivationOf(found)] : general);
    return { derivation: derivation!, reason: null, domain, inputs, alternatives };
  }
  return first!;
}

/** As many kinds of inputs with other ranks are derived at, too. */
const MOST_RANKS = 3;

/** One sample for each rank that is not the sample's own. */
function ofOtherRanks(sample: Sample, samples: readonly Sample[]): Sample[] {
  const byRank = new Map<number, Sample>();
  for (const other of samples) {
    const rank = rankOf(other);
    if (rank !== rankOf(sample) && rank > 0 && !byRank.has(rank)) byRank.set(rank, other);
  }
  return [...byRank.values()].slice(0, MOST_RANKS);
}

function distinct(derivations: readonly Derivation[]): Derivation[] {
  const texts = derivations.map(derivation => textsOf(derivation, "typescript").join("\n"));
  return derivations.filter((_, i) => texts.indexOf(texts[i]!) === i);
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
  return { derivation: null, reason, domain: null, inputs: [], alternatives: [] };
}
