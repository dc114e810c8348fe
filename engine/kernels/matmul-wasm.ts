/**
 * @file The innermost part of a big matrix product, in WebAssembly: blocks of A and B that fit the caches, multiplied
 * tile by tile. A tile of C stays in registers while k goes by.
 *
 * Source: F. G. Van Zee, R. A. van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS Functionality" (2015).
 */

import { type Code, type FunctionSource, f64x2, i32, repeat, v128 } from "./wasm-assembler.ts";
import { type Instance, instantiate } from "./wasm-instance.ts";

/**
 * Rows of a tile. The high one keeps both multipliers of a machine busy: twelve sums in flight, of two doubles each, and
 * with the three registers for factors all that V8 gives out. With the low one any even number of rows from 4 on is made up.
 */
export const HIGH = 6;
export const LOW = 4;
/** Columns of a tile. */
export const WIDTH = 4;

const DOUBLE = 8;
const VECTOR = 2 * DOUBLE;
/** Elements of a row of A that are gone through at once. */
const UNROLLED = 2;

type MultiplyAdd = (a: Code, b: Code, c: Code) => Code;

const roundedTwice: MultiplyAdd = (a, b, c) => f64x2.add(f64x2.mul(a, b), c);

const multiplyBlock = (multiplyAdd: MultiplyAdd): FunctionSource => ({
  name: "multiplyBlock",
  parameters: 10,
  body(variable, a, aStep, b, bStep, c, cStep, high, low, k, columns) {
    const [aTile, bTile, cTile] = [variable("i32"), variable("i32"), variable("i32")];
    const [tiles, count] = [variable("i32"), variable("i32")];
    const aRows = Array.from({ length: HIGH }, () => variable("i32"));
    const [left, right, scalar] = [variable("v128"), variable("v128"), variable("v128")];
    const sums = Array.from({ length: HIGH }, () => ({ left: variable("v128"), right: variable("v128") }));

    /** Adds to a tile a column of A, that many elements on, times a row of B, which goes on to the next. */
    const outerProduct = (height: number, ahead: number): Code => [
      left.set(v128.load(bTile.value, 0)),
      right.set(v128.load(bTile.value, VECTOR)),
      bTile.advance(bStep.value),
      sums
        .slice(0, height)
        .map((sum, i) => [
          scalar.set(v128.loadSplat(aRows[i]!.value, ahead * DOUBLE)),
          sum.left.set(multiplyAdd(scalar.value, left.value, sum.left.value)),
          sum.right.set(multiplyAdd(scalar.value, right.value, sum.right.value)),
        ]),
    ];
    const outerProducts = (height: number, many: number): Code => [
      Array.from({ length: many }, (_, ahead) => outerProduct(height, ahead)),
      aRows.slice(0, height).map(address => address.advance(i32.const(many * DOUBLE))),
    ];

    /** One tile; afterwards `aTile` and `cTile` are at the next one below. */
    const multiplyTile = (height: number): Code => [
      aRows.slice(0, height).map(row => [row.set(aTile.value), aTile.advance(aStep.value)]),
      bTile.set(b.value),
      sums
        .slice(0, height)
        .map(sum => [
          sum.left.set(v128.load(cTile.value, 0)),
          sum.right.set(v128.load(cTile.value, VECTOR)),
          cTile.advance(cStep.value),
        ]),
      count.set(i32.shiftRight(k.value, i32.const(Math.log2(UNROLLED)))),
      repeat(count, outerProducts(height, UNROLLED)),
      count.set(i32.and(k.value, i32.const(UNROLLED - 1))),
      repeat(count, outerProducts(height, 1)),
      cTile.set(i32.sub(cTile.value, i32.mul(cStep.value, i32.const(height)))),
      sums
        .slice(0, height)
        .map(sum => [
          v128.store(cTile.value, 0, sum.left.value),
          v128.store(cTile.value, VECTOR, sum.right.value),
          cTile.advance(cStep.value),
        ]),
    ];

    return repeat(columns, [
      aTile.set(a.value),
      cTile.set(c.value),
      tiles.set(high.value),
      repeat(tiles, multiplyTile(HIGH)),
      tiles.set(low.value),
      repeat(tiles, multiplyTile(LOW)),
      b.advance(i32.const(WIDTH * DOUBLE)),
      c.advance(i32.const(WIDTH * DOUBLE)),
    ]);
  },
});

export interface BlockMultiplier extends Instance {
  /**
   * C += A B for blocks in memory, row-major. Addresses and steps from row to row are in bytes.
   * @param high of A and C, in tiles of {@link HIGH} rows, which come first
   * @param low of A and C, in tiles of {@link LOW} rows
   * @param columns of B and C, in tiles of {@link WIDTH}
   */
  multiplyBlock(
    a: number,
    aStep: number,
    b: number,
    bStep: number,
    c: number,
    cStep: number,
    high: number,
    low: number,
    k: number,
    columns: number,
  ): void;
}

/**
 * With fused multiply-add where the runtime knows it.
 * @returns null where there is no WebAssembly to be had, or none with SIMD
 */
export function createBlockMultiplier(pages: number): BlockMultiplier | null {
  return (
    instantiate<BlockMultiplier>(pages, [multiplyBlock(f64x2.relaxedMultiplyAdd)]) ??
    instantiate<BlockMultiplier>(pages, [multiplyBlock(roundedTwice)])
  );
}
