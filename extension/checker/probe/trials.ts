/** @file Tries forward at arguments, counts the tries, and keeps what it threw. */

import { type FunctionClass, isTensor, noGrad, type Tensor } from "@gradient-lens/engine";
import { allFinite, applyFunction, toFlatArray } from "@gradient-lens/engine/judge";
import { describeThrown } from "../sandbox/realm/thrown.ts";
import type { Domain } from "./domains.ts";
import { argumentsOf, type Recipe, type Shapes } from "./recipe.ts";
import { drawTensor } from "./sample.ts";

/** What came of one try: null where forward accepts the arguments, else what was wrong, for comparing. */
export type Complaint = string | null;

export class Trials {
  tries = 0;
  /** What forward threw, by how often. */
  readonly errors = new Map<string, number>();
  readonly definition: FunctionClass;
  readonly uniform: () => number;
  readonly #draws = new Map<Domain, Map<string, Tensor>>();
  /** No more tries are made than this. */
  most = Number.POSITIVE_INFINITY;

  constructor(definition: FunctionClass, uniform: () => number) {
    this.definition = definition;
    this.uniform = uniform;
  }

  get spent(): boolean {
    return this.tries >= this.most;
  }

  /**
   * About the n-th arguments of a kind. Which numbers they are hardly matters here, so they are drawn once for each domain and
   * shape: most tries cost less than drawing their numbers.
   */
  complaintAtDraw(
    recipes: readonly Recipe[],
    shapes: Shapes,
    domains: readonly Domain[],
    n: number,
  ): Complaint {
    const tensors = shapes.map((shape, t) => this.#drawn(domains[t]!, shape, n * shapes.length + t));
    return this.complaint(argumentsOf(recipes, tensors, shapes));
  }

  #drawn(domain: Domain, shape: readonly number[], n: number): Tensor {
    const ofDomain = this.#draws.get(domain) ?? new Map<string, Tensor>();
    this.#draws.set(domain, ofDomain);
    const key = `${shape}|${n}`;
    const drawn = ofDomain.get(key) ?? drawTensor(shape, domain, this.uniform);
    ofDomain.set(key, drawn);
    return drawn;
  }

  complaint(args: readonly unknown[]): Complaint {
    this.tries++;
    return complaintAbout(this.definition, args, message =>
      this.errors.set(message, (this.errors.get(message) ?? 0) + 1),
    );
  }
}

/** Whether forward returns tensors of finite numbers, with at least one element that could be differentiated. */
export function accepts(definition: FunctionClass, args: readonly unknown[]): boolean {
  return complaintAbout(definition, args, () => {}) === null;
}

function complaintAbout(
  definition: FunctionClass,
  args: readonly unknown[],
  threw: (message: string) => void,
): Complaint {
  try {
    // On copies: forward may change them.
    const { result } = noGrad(() => applyFunction(definition, args.map(copied)));
    const outputs = (Array.isArray(result) ? result : [result]).filter(isTensor);
    if (!outputs.some(output => output.isFloatingPoint() && output.numel() > 0)) return "no output";
    return outputs.every(output => allFinite(toFlatArray(output.detach()))) ? null : "not finite";
  } catch (error) {
    const message = describeThrown(error);
    threw(message);
    return message;
  }
}

function copied(arg: unknown): unknown {
  if (isTensor(arg)) return arg.clone();
  return Array.isArray(arg) ? arg.map(copied) : arg;
}
