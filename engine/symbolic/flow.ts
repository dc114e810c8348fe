/**
 * @file How a cotangent flows back through what forward computes, as numbers: what reaches an input along each way, so that one can
 * be told from the sum of all.
 */

import { noGrad } from "../autograd/mode.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";
import { evaluate } from "./evaluate.ts";
import {
  type AnyMultiPrimitive,
  type AnyPrimitive,
  type Application,
  type Call,
  type Expression,
  type Leaf,
  reachable,
} from "./expression.ts";

/** One input of one operation. */
export interface Passage {
  readonly by: Application;
  readonly slot: number;
  readonly into: Expression;
}

type Gathered = Map<Expression, Tensor>;

export class Flow {
  /** All ways from the outputs to what depends on an input, from the outputs on. */
  readonly passages: readonly Passage[];
  readonly #values: Map<Expression, Tensor>;
  readonly #order: readonly Expression[];
  readonly #moving: ReadonlySet<Expression>;
  readonly #through = new Map<Call, (Tensor | null)[]>();
  readonly #start: Gathered = new Map();
  readonly #reached: Gathered;

  /**
   * @param outputs what forward computes
   * @param cotangents one for each; null for one that nothing flows into
   * @param leaves values of the inputs
   */
  constructor(
    outputs: readonly (Expression | null)[],
    cotangents: readonly (Tensor | null)[],
    leaves: Readonly<Record<string, Tensor>>,
  ) {
    const ascending = reachable(outputs.filter(y => y !== null));
    const values = evaluate(ascending, leaves);
    this.#values = new Map(ascending.map((e, i) => [e, values[i]!]));
    this.#order = ascending.toReversed();
    this.#moving = movingOf(ascending);
    outputs.forEach((y, o) => {
      const g = cotangents[o];
      if (y !== null && g != null) add(this.#start, y, g);
    });
    this.#reached = this.#pass(new Map(this.#start), NONE, (call, grads) => this.#through.set(call, grads));
    const calls = new Set<Call>();
    this.passages = this.#order.flatMap(e => {
      if (e.kind !== "application" || calls.has(e.call) || !this.#through.has(e.call)) return [];
      calls.add(e.call);
      return e.call.inputs.flatMap((into, slot) => (this.#moving.has(into) ? [{ by: e, slot, into }] : []));
    });
  }

  /** What reaches a leaf along one passage; null for nothing. */
  along({ by, slot, into }: Passage, leaf: Leaf): Tensor | null {
    const g = this.#through.get(by.call)?.[slot] ?? null;
    return g === null ? null : (this.#pass(new Map([[into, g]]), NONE).get(leaf) ?? null);
  }

  /** What reaches a leaf where some results of forward count as constants. */
  without(constants: ReadonlySet<Expression>, leaf: Leaf): Tensor | null {
    return this.#pass(new Map(this.#start), constants).get(leaf) ?? null;
  }

  /** What reaches an intermediate result, before it flows on; null for nothing. */
  reaching(e: Expression): Tensor | null {
    return this.#reached.get(e) ?? null;
  }

  /** Whether an expression depends on an input. */
  moves(e: Expression): boolean {
    return this.#moving.has(e);
  }

  #pass(
    gathered: Gathered,
    constants: ReadonlySet<Expression>,
    seen: (call: Call, grads: (Tensor | null)[]) => void = () => {},
  ): Gathered {
    const done = new Set<Call>();
    noGrad(() => {
      for (const e of this.#order) {
        if (e.kind !== "application" || done.has(e.call) || !this.#moving.has(e)) continue;
        const { call } = e;
        if (!call.results.some(result => gathered.has(result) && !constants.has(result))) continue;
        done.add(call);
        const grads = this.#pulled(
          call,
          call.results.map(result => (constants.has(result) ? null : (gathered.get(result) ?? null))),
        );
        seen(call, grads);
        grads.forEach((g, i) => {
          if (g !== null) add(gathered, call.inputs[i]!, g);
        });
      }
    });
    return gathered;
  }

  #pulled(call: Call, gs: readonly (Tensor | null)[]): (Tensor | null)[] {
    const inputs = call.inputs.map(input => this.#values.get(input)!);
    const outputs = call.results.map(result => this.#values.get(result) ?? result.value);
    const needs = call.inputs.map(input => this.#moving.has(input));
    if (call.many) {
      const grads = (call.op as AnyMultiPrimitive).vjp([...gs], inputs, outputs, call.params, needs);
      return grads.map((g, i) => (needs[i] && isTensor(g) ? g : null));
    }
    const { vjp } = call.op as AnyPrimitive;
    const g = gs[0]!;
    if (typeof vjp === "function") {
      const grads = vjp(g, inputs, outputs[0]!, call.params, needs);
      return grads.map((grad, i) => (needs[i] && isTensor(grad) ? grad : null));
    }
    return needs.map((needed, i) => (needed ? vjp[i]!(g, inputs, outputs[0]!, call.params) : null));
  }
}

const NONE: ReadonlySet<Expression> = new Set();

function add(gathered: Gathered, e: Expression, g: Tensor): void {
  const before = gathered.get(e);
  gathered.set(e, before === undefined ? g : noGrad(() => before.add(g)));
}

function movingOf(ascending: readonly Expression[]): ReadonlySet<Expression> {
  const moving = new Set<Expression>();
  for (const e of ascending) {
    if (e.dtype !== "float64" && e.dtype !== "float32") continue;
    const moves =
      e.kind === "leaf"
        ? e.role === "input"
        : e.kind === "application" && e.call.inputs.some(x => moving.has(x));
    if (moves) moving.add(e);
  }
  return moving;
}
