/**
 * @file Big matrix products: blocks of A, B and C that fit the caches are copied side by side, where WebAssembly
 * multiplies them. The copy makes strides irrelevant; the memory is fixed, whatever the operands' size.
 *
 * Source: K. Goto, R. A. van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008).
 */

import { createBlockMultiplier, HIGH, LOW, WIDTH } from "./matmul-wasm.ts";
import { PAGE_BYTES } from "./wasm-assembler.ts";

/** A float32 product is computed in doubles, and rounded after each block of k. */
type FloatArray = Float64Array | Float32Array;

// Four columns of B's block and the rows of A's that meet them fit a first-level cache of 32 KiB; A's block, with 264 KiB, a
// second-level one; B's, with 1 MiB, the next. Measured: larger ones bring nothing.
const BLOCK_M = 128;
const BLOCK_K = 256;
const BLOCK_N = 512;

/** In doubles. */
const CACHE_LINE = 8;
/** A block up to this size lies in the first-level cache however long its rows are. */
const SMALL = 4096;
/** Shorter rows are copied faster element by element. */
const SHORT = 24;

const BYTES = Float64Array.BYTES_PER_ELEMENT;
const A_AT = 0;
const B_AT = A_AT + BLOCK_M * (BLOCK_K + CACHE_LINE);
const C_AT = B_AT + BLOCK_K * (BLOCK_N + CACHE_LINE);
const END = C_AT + BLOCK_M * (BLOCK_N + CACHE_LINE);

const multiplier = createBlockMultiplier(Math.ceil((END * BYTES) / PAGE_BYTES));

/** Whether {@link matmulBlocks} can be called. */
export const hasBlocks: boolean = multiplier !== null;

/** `matmulInto` for floating-point arrays. Memory that was just given out is slow at being read first: zeros are not. */
export function matmulBlocks(
  m: number,
  k: number,
  n: number,
  a: FloatArray,
  aOffset: number,
  aRow: number,
  aColumn: number,
  b: FloatArray,
  bOffset: number,
  bRow: number,
  bColumn: number,
  c: FloatArray,
  cOffset: number,
  zeros = false,
): void {
  const { memory, multiplyBlock } = multiplier!;
  for (let j = 0; j < n; j += BLOCK_N) {
    const columns = Math.min(BLOCK_N, n - j);
    const columnTiles = Math.ceil(columns / WIDTH);
    for (let p = 0; p < k; p += BLOCK_K) {
      const length = Math.min(BLOCK_K, k - p);
      const bStep = stepWithin(length, columns);
      copyIn(memory, B_AT, bStep, b, bOffset + p * bRow + j * bColumn, length, bRow, columns, bColumn);
      for (let i = 0; i < m; i += BLOCK_M) {
        const rows = Math.min(BLOCK_M, m - i);
        const aStep = stepWithin(rows, length);
        const cStep = stepWithin(rows, columnTiles * WIDTH);
        const low = lowTilesIn(rows);
        const high = (evenHeight(rows) - LOW * low) / HIGH;
        const cAt = cOffset + i * n + j;
        copyIn(memory, A_AT, aStep, a, aOffset + i * aRow + p * aColumn, rows, aRow, length, aColumn);
        if (zeros && p === 0) memory.fill(0, C_AT, C_AT + rows * cStep);
        else copyIn(memory, C_AT, cStep, c, cAt, rows, n, columns, 1);
        multiplyBlock(
          A_AT * BYTES,
          aStep * BYTES,
          B_AT * BYTES,
          bStep * BYTES,
          C_AT * BYTES,
          cStep * BYTES,
          high,
          low,
          length,
          columnTiles,
        );
        copyOut(memory, C_AT, cStep, c, cAt, rows, n, columns);
      }
    }
  }
}

/** The height that tiles can make up: `rows`, or one more. */
function evenHeight(rows: number): number {
  return Math.max(LOW, rows + (rows & 1));
}

/** How many of the tiles that cover `rows` are low. */
function lowTilesIn(rows: number): number {
  return evenHeight(rows) % 3;
}

/**
 * Elements from row to row of a block: an odd number of cache lines, as a column would else fall on few places of the
 * cache, where rows are a power of two long.
 */
function stepWithin(rows: number, columns: number): number {
  return rows * columns <= SMALL ? columns : (Math.ceil(columns / CACHE_LINE) | 1) * CACHE_LINE;
}

/** Copies a strided matrix into the memory, where its rows are `toStep` apart. */
function copyIn(
  memory: Float64Array,
  to: number,
  toStep: number,
  source: FloatArray,
  from: number,
  rows: number,
  rowStep: number,
  columns: number,
  columnStep: number,
): void {
  if (columnStep === 1 && rowStep === columns && toStep === columns) {
    memory.set(source.subarray(from, from + rows * columns), to);
  } else if (columnStep === 1 && columns >= SHORT) {
    for (let i = 0; i < rows; i++, to += toStep, from += rowStep) {
      memory.set(source.subarray(from, from + columns), to);
    }
  } else if (columnStep <= rowStep) {
    for (let i = 0; i < rows; i++) {
      let x = from + i * rowStep;
      for (let y = to + i * toStep, end = y + columns; y < end; y++, x += columnStep) memory[y] = source[x]!;
    }
  } else {
    for (let j = 0; j < columns; j++) {
      let x = from + j * columnStep;
      for (let y = to + j, end = y + rows * toStep; y < end; y += toStep, x += rowStep)
        memory[y] = source[x]!;
    }
  }
}

/** Copies a block of C back. */
function copyOut(
  memory: Float64Array,
  from: number,
  fromStep: number,
  c: FloatArray,
  to: number,
  rows: number,
  rowStep: number,
  columns: number,
): void {
  if (rowStep === columns && fromStep === columns) {
    c.set(memory.subarray(from, from + rows * columns), to);
  } else if (columns >= SHORT) {
    for (let i = 0; i < rows; i++, to += rowStep, from += fromStep) {
      c.set(memory.subarray(from, from + columns), to);
    }
  } else {
    for (let i = 0; i < rows; i++) {
      let x = from + i * fromStep;
      for (let y = to + i * rowStep, end = y + columns; y < end; y++, x++) c[y] = memory[x]!;
    }
  }
}
