/**
 * @file A Function called at given arguments, and its backward asked for gradients, as autograd asks. Every call is watched:
 * what backward is given, what it saved, and what it returned before must stay as they are.
 */

import { applyFunction, type FunctionCall } from "../autograd/function.ts";
import { returnedList } from "../autograd/function-node.ts";
import { noGrad } from "../autograd/mode.ts";
import type { Grads } from "../autograd/node.ts";
import { type Outcomes, watchComparisons } from "../tensor/comparisons.ts";
import { ofValues, toFlatArray } from "../tensor/creation.ts";
import { expandsTo, sameShape } from "../tensor/shape.ts";
import { bareOf, isTensor, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { sameValues } from "./flat.ts";
import { outputsOf, partsOf } from "./outputs.ts";
import type { JudgedFunction, Ruling } from "./ruling.ts";

/** For each argument its gradient's elements; null where there is none. */
export type Gradients = readonly (Float64Array | null)[];

/** What backward returned for a cotangent. */
export interface Answer {
  readonly cotangent: Float64Array;
  readonly gradients: Gradients;
}

/** A tensor and what it held. */
interface Snapshot {
  readonly tensor: Tensor;
  readonly version: number;
  readonly values: Float64Array;
}

const snapshotOf = (tensor: Tensor, values = valuesOf(tensor)): Snapshot => ({
  tensor,
  version: tensor.version,
  values,
});
/** Whatever writes to elements raises the version. */
const hasChanged = ({ tensor, version, values }: Snapshot): boolean =>
  tensor.version !== version && !sameValues(valuesOf(tensor), values);
const valuesOf = (tensor: Tensor): Float64Array => toFlatArray(tensor.detach());

export class Subject {
  /** Copies of the arguments that forward was given; those that can have gradients ask for them. */
  readonly leaves: readonly unknown[];
  readonly call: FunctionCall;
  /** The outputs that backward gets a gradient for; null for the others. */
  readonly outputs: readonly (Tensor | null)[];
  /** Number of their entries, one after the other. */
  readonly total: number;
  /** Gradients that were right only once the engine had summed them to their input's shape: of which arguments. */
  readonly summed = new Set<number>();
  /** Which ways the comparisons of forward went, then those that backward made when it was first asked. */
  readonly outcomes: Outcomes;
  readonly #inputs: readonly (Snapshot | null)[];
  readonly #saved: readonly Snapshot[];
  /** What backward returned first. */
  #returned: readonly Snapshot[] | null = null;

  private constructor(
    args: readonly unknown[],
    leaves: readonly unknown[],
    call: FunctionCall,
    outcomes: Outcomes,
  ) {
    this.leaves = leaves;
    this.call = call;
    this.outcomes = outcomes;
    this.outputs = outputsOf(call.result).map(y => (y?.requiresGrad ? y.detach().clone() : null));
    this.total = this.outputs.reduce((n, y) => n + (y?.numel() ?? 0), 0);
    const outputs = outputsOf(call.result);
    this.#inputs = leaves.map((leaf, i) =>
      isTensor(leaf) && !outputs.includes(leaf)
        ? { tensor: leaf, version: 0, values: valuesOf(args[i] as Tensor) }
        : null,
    );
    this.#saved = keptBy(call).map(tensor => snapshotOf(tensor));
  }

  /** Calls forward. `needs[i]` is false for an argument that is to require no gradient. */
  static at(
    definition: JudgedFunction,
    args: readonly unknown[],
    needs: readonly boolean[] = args.map(() => true),
  ): Subject | Ruling {
    const leaves = args.map((arg, i) => {
      if (!isTensor(arg)) return arg;
      const copy = arg.detach().clone();
      return copy.isFloatingPoint() && needs[i] ? copy.requiresGrad_() : copy;
    });
    let subject: Subject;
    try {
      const outcomes: Outcomes = [];
      const call = watchComparisons(outcomes, () => applyFunction(definition, leaves));
      subject = new Subject(args, leaves, call, outcomes);
    } catch (error) {
      return { kind: "forward-throws", error };
    }
    const argument = subject.#changedInput();
    if (argument >= 0) return { kind: "input-mutated", argument, by: "forward" };
    if (subject.call.node === null || subject.total === 0) return { kind: "nothing-to-check" };
    return subject;
  }

  /**
   * What backward returns.
   * @param cotangent all outputs' gradients, one after the other; an output whose part is zero throughout gets none, as
   *   where nothing depends on it
   */
  pull(cotangent: Float64Array): Gradients | Ruling {
    const parts = partsOf(cotangent, this.outputs);
    const given = this.#given(parts);
    const before = given.flatMap((g, o) =>
      g === null ? [] : [snapshotOf(g, g.dtype === "float64" ? parts[o]! : undefined)],
    );
    const run = (): unknown => noGrad(() => this.call.node!.callBackward(given));
    let returned: unknown;
    try {
      returned = this.#returned === null ? watchComparisons(this.outcomes, run) : run();
    } catch (error) {
      return this.#mutation() ?? { kind: "backward-throws", error };
    }
    if (before.some(hasChanged)) return { kind: "grad-output-mutated" };
    return this.#mutation() ?? this.#read(returned);
  }

  /** Whether a later call of backward has changed what an earlier one returned. */
  reusesBuffers(): boolean {
    return this.#returned?.some(hasChanged) ?? false;
  }

  #mutation(): Ruling | null {
    const argument = this.#changedInput();
    if (argument >= 0) return { kind: "input-mutated", argument, by: "backward" };
    const saved = this.#saved.findIndex(hasChanged);
    return saved >= 0 ? { kind: "saved-mutated", saved } : null;
  }

  #changedInput(): number {
    return this.#inputs.findIndex(input => input !== null && hasChanged(input));
  }

  #given(parts: readonly (Float64Array | null)[]): Grads {
    const all = this.outputs.filter(isTensor).length;
    return this.outputs.map((output, o) => {
      const values = parts[o] ?? null;
      if (output === null || values === null) return null;
      return all > 1 && values.every(g => g === 0) ? null : ofValues(values, shapeOf(output), output.dtype);
    });
  }

  /** The gradients that backward returned; or what is wrong with their number, kind or shape. */
  #read(returned: unknown): Gradients | Ruling {
    if (returned === undefined) return { kind: "no-return" };
    const list = returnedList(returned).map(entry => (isTensor(entry) ? bareOf(entry) : entry));
    this.#returned ??= list.filter(isTensor).map(tensor => snapshotOf(tensor));
    const { leaves } = this;
    const extra = list.slice(leaves.length).some(grad => grad !== null && grad !== undefined);
    if (list.length < leaves.length || extra) {
      return { kind: "grad-count", expected: leaves.length, got: list.length };
    }
    const grads: (Float64Array | null)[] = [];
    for (let i = 0; i < leaves.length; i++) {
      const leaf = leaves[i];
      const grad = list[i] ?? null;
      if (!isTensor(leaf) || !leaf.isFloatingPoint() || grad === null) {
        grads.push(null);
      } else if (!isTensor(grad)) {
        return { kind: "not-a-tensor", argument: i, got: typeof grad };
      } else if (!expandsTo(shapeOf(leaf), shapeOf(grad))) {
        return { kind: "grad-shape", argument: i, got: shapeOf(grad), expected: shapeOf(leaf) };
      } else {
        // As the engine itself does: a gradient for each place to which the input was repeated is summed.
        if (!sameShape(shapeOf(leaf), shapeOf(grad))) this.summed.add(i);
        grads.push(toFlatArray(grad.detach().sumToSize(shapeOf(leaf))));
      }
    }
    return grads;
  }
}

/** What a call left for its backward: saved tensors, and tensors in fields of ctx. */
export function keptBy({ ctx }: FunctionCall): Tensor[] {
  const fields = Object.keys(ctx).flatMap(name => {
    const value: unknown = ctx[name];
    return Array.isArray(value) ? value : [value];
  });
  return [ctx.savedTensors, fields].flat().filter(isTensor).map(bareOf);
}
