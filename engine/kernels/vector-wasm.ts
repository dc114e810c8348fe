/** @file Kernels over a row of doubles in WebAssembly, for what plain loops are too slow at. */

import { type Code, type FunctionSource, f64x2, i32, i64x2, repeat, v128 } from "./wasm-assembler.ts";
import { type Instance, instantiate } from "./wasm-instance.ts";

const VECTOR = 16;
/** Vectors that are gone through at once. */
const UNROLLED = 8;

/** Elements that are gone through at once: counts are in these. */
export const STEP = 2 * UNROLLED;

/** Doubles of the part of memory that is worked on: 16 KiB. */
export const CHUNK = 2048;

/** Constants lie behind the chunk: V8 would put those within the code together anew at each use. */
const constants: number[] = [];
function constant(value: number): Code {
  constants.push(value);
  return v128.loadSplat(i32.const(0), (CHUNK + constants.length - 1) * 8);
}

/** Σ of the elements, even and odd apart, over the first two of them. In several sums, as each would wait for itself. */
const sum: FunctionSource = {
  name: "sum",
  parameters: 1,
  body(variable, count) {
    const at = variable("i32");
    const sums = Array.from({ length: UNROLLED }, () => variable("v128"));
    return [
      repeat(count, [
        sums.map((s, i) => s.set(f64x2.add(s.value, v128.load(at.value, i * VECTOR)))),
        at.advance(i32.const(STEP * 8)),
      ]),
      v128.store(
        i32.const(0),
        0,
        sums.map(s => s.value).reduce((a, b) => f64x2.add(a, b)),
      ),
    ];
  },
};

// ln 2 in two parts, the first with trailing zeros, so that its product with an integer is exact.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Minimax coefficients of r − r² P(r²), from which eʳ is made on |r| ≤ ½ ln 2. */
const P = [
  0.16666666666666602, -0.0027777777777015593, 0.00006613756321437934, -0.0000016533902205465252,
  4.1381367970572385e-8,
];
/** Beyond these exp is 0 and ∞. */
const [LOWEST, HIGHEST] = [-746, 710];
/** Added to an integer, leaves it and the exponent's bias in the lowest bits. */
const TO_BITS = 2 ** 52 + 1023;

/**
 * eˣ at every element, in place; error below 1 ulp.
 * Source: FreeBSD's msun, e_exp.c (Sun Microsystems 1993–2004), which V8's Math.exp is too; without its branches.
 */
const exp: FunctionSource = {
  name: "exp",
  parameters: 1,
  body(variable, count) {
    const at = variable("i32");
    const [x, n, half] = [variable("v128"), variable("v128"), variable("v128")];
    const [high, low, r] = [variable("v128"), variable("v128"), variable("v128")];
    const [t, c] = [variable("v128"), variable("v128")];
    /** 2 to the power of an integer between −1023 and 1024. */
    const power = (integer: Code): Code =>
      i64x2.shiftLeft(f64x2.add(integer, constant(TO_BITS)), i32.const(52));
    const horner = P.map(constant).reduceRight((sum, p) => f64x2.add(p, f64x2.mul(t.value, sum)));
    const one = (offset: number): Code => [
      x.set(
        f64x2.pseudoMax(f64x2.pseudoMin(v128.load(at.value, offset), constant(HIGHEST)), constant(LOWEST)),
      ),
      n.set(f64x2.nearest(f64x2.mul(x.value, constant(Math.LOG2E)))),
      high.set(f64x2.sub(x.value, f64x2.mul(n.value, constant(LN2_HIGH)))),
      low.set(f64x2.mul(n.value, constant(LN2_LOW))),
      r.set(f64x2.sub(high.value, low.value)),
      t.set(f64x2.mul(r.value, r.value)),
      c.set(f64x2.sub(r.value, f64x2.mul(t.value, horner))),
      // eʳ = 1 − ((low − r c / (2 − c)) − high)
      c.set(f64x2.div(f64x2.mul(r.value, c.value), f64x2.sub(constant(2), c.value))),
      c.set(f64x2.sub(constant(1), f64x2.sub(f64x2.sub(low.value, c.value), high.value))),
      // By 2ⁿ in two steps, as it may lie beyond what a double holds where the result does not.
      half.set(f64x2.nearest(f64x2.mul(n.value, constant(0.5)))),
      c.set(f64x2.mul(c.value, power(half.value))),
      v128.store(at.value, offset, f64x2.mul(c.value, power(f64x2.sub(n.value, half.value)))),
    ];
    return repeat(count, [
      Array.from({ length: UNROLLED }, (_, i) => one(i * VECTOR)),
      at.advance(i32.const(STEP * 8)),
    ]);
  },
};

/** Kernels over the memory's first elements, so many times {@link STEP}. */
export interface VectorKernels extends Instance {
  /** Leaves the sums of the even and of the odd elements in the first two. */
  sum(count: number): void;
  exp(count: number): void;
}

export function createVectorKernels(): VectorKernels | null {
  const kernels = instantiate<VectorKernels>(1, [sum, exp]);
  kernels?.memory.set(constants, CHUNK);
  return kernels;
}
