/**
 * @file A rule that is made of elementwise operations, computed in one go. The rule is traced once into a list of
 * steps; then it runs over blocks that stay in the cache, and no tensor is made on the way. Rules are written
 * with tensors, so that they can be differentiated; where nobody will differentiate them, this is what runs.
 */

import { isGradEnabled } from "../autograd/mode.ts";
import type { Primitive } from "../autograd/primitive.ts";
import type { Loop } from "../kernels/loops.ts";
import { sameShape } from "../tensor/shape.ts";
import {
  dataOf,
  emptyLike,
  isWrappedNumber,
  makeTraced,
  offsetOf,
  shapeOf,
  type Tensor,
  type Tracer,
  wrapperOf,
} from "../tensor/tensor.ts";

/** Elements of one step's result that are computed before the next step begins: all steps' blocks fit the first cache. */
const BLOCK = 256;
/** A rule of more steps, or constants, runs on tensors. */
const MOST_STEPS = 12;
const MOST_CONSTANTS = 8;
/** Place of a step's block in its program's memory. */
const blockOf = (step: number): number => MOST_CONSTANTS + step * BLOCK;

/** Where a step reads: an argument, or (−1) a place in the program's own memory. */
interface Operand {
  readonly argument: number;
  readonly place: number;
  /** 0 for a constant. */
  readonly step: number;
}

interface Step {
  readonly loop: Loop;
  readonly x: Operand;
  readonly y: Operand;
  readonly z: Operand;
}

interface Program {
  readonly steps: readonly Step[];
  /** The constants, then a block for each step's result. */
  readonly memory: Float64Array;
  /** For each argument, whether any step reads it. */
  readonly reads: readonly boolean[];
}

/** Takes a cotangent, the operation's inputs and its output, all of one shape; gives one of that shape. */
type Rule = (...gxy: Tensor[]) => Tensor;

/** A rule as straight-line code, made when it is first needed. */
export class Fused {
  readonly #rule: Rule;
  #program: Program | null | undefined;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  /**
   * The rule's value in a fresh tensor of `like`'s shape.
   * @returns null where the rule has to run on tensors: it will be differentiated, is no elementwise one, or what it reads
   * are not plain row-major float64 tensors of that shape
   */
  run(g: Tensor, inputs: readonly Tensor[], y: Tensor, like: Tensor): Tensor | null {
    if (isGradEnabled() || like.dtype !== "float64" || !like.isContiguous()) return null;
    if (this.#program === undefined) this.#program = trace(this.#rule, inputs.length);
    const program = this.#program;
    if (program === null) return null;
    const { steps, reads, memory } = program;
    const last = inputs.length + 1;
    if (reads[0] && !fits(g, like)) return null;
    if (reads[last] && !fits(y, like)) return null;
    for (let i = 1; i < last; i++) if (reads[i] && !fits(inputs[i - 1]!, like)) return null;
    const output = emptyLike(like);
    const out = dataOf(output) as Float64Array;
    const at = offsetOf(output);
    const total = output.numel();
    const end = steps.length - 1;
    for (let start = 0; start < total; start += BLOCK) {
      const n = total - start < BLOCK ? total - start : BLOCK;
      for (let s = 0; s < end; s++) runStep(steps[s]!, g, inputs, y, memory, start, n, memory, blockOf(s));
      runStep(steps[end]!, g, inputs, y, memory, start, n, out, at + start);
    }
    return output;
  }
}

function runStep(
  { loop, x, y, z }: Step,
  g: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  memory: Float64Array,
  start: number,
  n: number,
  out: Float64Array,
  at: number,
): void {
  let xs = memory;
  let i = x.place;
  let xStep = x.step;
  if (x.argument >= 0) {
    const t = argumentAt(x.argument, g, inputs, output);
    xs = dataOf(t) as Float64Array;
    xStep = t.ndim === 0 ? 0 : 1;
    i = offsetOf(t) + start * xStep;
  }
  let ys = memory;
  let j = y.place;
  let yStep = y.step;
  if (y.argument >= 0) {
    const t = argumentAt(y.argument, g, inputs, output);
    ys = dataOf(t) as Float64Array;
    yStep = t.ndim === 0 ? 0 : 1;
    j = offsetOf(t) + start * yStep;
  }
  let zs = memory;
  let k = z.place;
  let zStep = z.step;
  if (z.argument >= 0) {
    const t = argumentAt(z.argument, g, inputs, output);
    zs = dataOf(t) as Float64Array;
    zStep = t.ndim === 0 ? 0 : 1;
    k = offsetOf(t) + start * zStep;
  }
  loop(n, out, at, xs, i, xStep, ys, j, yStep, zs, k, zStep);
}

function argumentAt(at: number, g: Tensor, inputs: readonly Tensor[], y: Tensor): Tensor {
  return at === 0 ? g : at <= inputs.length ? inputs[at - 1]! : y;
}

/** Whether `t` can be read as a row of doubles beside `like`: of its shape, or one number for all. */
function fits(t: Tensor, like: Tensor): boolean {
  if (wrapperOf(t) !== null) return false;
  if (t.ndim === 0) return isWrappedNumber(t) ? t.dtype !== "bool" : t.dtype === "float64";
  return t.dtype === "float64" && t.isContiguous() && sameShape(shapeOf(t), shapeOf(like));
}

/** What a rule does to its arguments; null where that is not a list of elementwise steps. */
function trace(rule: Rule, inputs: number): Program | null {
  const places = new Map<Tensor, Operand>();
  const steps: Step[] = [];
  const constants: number[] = [];
  const operandOf = (t: Tensor): Operand => {
    const known = places.get(t);
    if (known !== undefined) return known;
    if (wrapperOf(t) !== null || t.numel() !== 1 || constants.length === MOST_CONSTANTS)
      throw new NotElementwise();
    const constant = { argument: -1, place: constants.push(t.item()) - 1, step: 0 };
    places.set(t, constant);
    return constant;
  };
  const tracer: Tracer = {
    call({ kernel }: Primitive<readonly Tensor[], unknown>, operands) {
      if (kernel === undefined || steps.length === MOST_STEPS) throw new NotElementwise();
      const x = operandOf(operands[0]!);
      const y = operands.length > 1 ? operandOf(operands[1]!) : x;
      const z = operands.length > 2 ? operandOf(operands[2]!) : y;
      const result = makeTraced([], "float64", tracer, 0);
      const step = steps.push({ loop: kernel.doubles, x, y, z }) - 1;
      places.set(result, { argument: -1, place: blockOf(step), step: 1 });
      return result;
    },
    callMany() {
      throw new NotElementwise();
    },
    detach() {
      throw new NotElementwise();
    },
  };
  const args = Array.from({ length: inputs + 2 }, (_, index) => {
    const arg = makeTraced([], "float64", tracer, 0);
    places.set(arg, { argument: index, place: 0, step: 1 });
    return arg;
  });
  try {
    const result = places.get(rule(...args));
    // An argument handed through, or a constant, is no work to save.
    if (result?.argument !== -1 || result.place !== blockOf(steps.length - 1)) return null;
  } catch {
    return null;
  }
  const reads = args.map((_, a) => steps.some(({ x, y, z }) => [x, y, z].some(o => o.argument === a)));
  const memory = new Float64Array(blockOf(steps.length));
  memory.set(constants);
  return { steps, memory, reads };
}

class NotElementwise extends Error {}
