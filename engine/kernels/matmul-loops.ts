/**
 * @file Matrix products in plain loops, for operands too small to be copied. Sums of a tile stay in registers while k
 * goes by, which is what makes the difference in V8: memory is touched once for several products.
 */

/** No other type of array comes here: V8 makes a loop as slow as the types are many that it has met there. */
type Doubles = Float64Array;

/** C (m × n, row-major) += A (m × k) · B (k × n), 2 × 4 entries of C at a time; at the edges 2 × 1, 1 × 4 and 1 × 1. */
export function matmulLoops(
  m: number,
  k: number,
  n: number,
  a: Doubles,
  aOffset: number,
  aRow: number,
  aColumn: number,
  b: Doubles,
  bOffset: number,
  bRow: number,
  bColumn: number,
  c: Doubles,
  cOffset: number,
): void {
  const second = 2 * bColumn;
  const third = 3 * bColumn;
  let i = 0;
  for (; i + 1 < m; i += 2) {
    const row = aOffset + i * aRow;
    let j = 0;
    for (; j + 3 < n; j += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let t0 = 0;
      let t1 = 0;
      let t2 = 0;
      let t3 = 0;
      for (let p = 0, x = row, y = bOffset + j * bColumn; p < k; p++, x += aColumn, y += bRow) {
        const upper = a[x]!;
        const lower = a[x + aRow]!;
        const b0 = b[y]!;
        const b1 = b[y + bColumn]!;
        const b2 = b[y + second]!;
        const b3 = b[y + third]!;
        s0 += upper * b0;
        s1 += upper * b1;
        s2 += upper * b2;
        s3 += upper * b3;
        t0 += lower * b0;
        t1 += lower * b1;
        t2 += lower * b2;
        t3 += lower * b3;
      }
      const s = cOffset + i * n + j;
      const t = s + n;
      c[s]! += s0;
      c[s + 1]! += s1;
      c[s + 2]! += s2;
      c[s + 3]! += s3;
      c[t]! += t0;
      c[t + 1]! += t1;
      c[t + 2]! += t2;
      c[t + 3]! += t3;
    }
    for (; j < n; j++) {
      let s = 0;
      let t = 0;
      for (let p = 0, x = row, y = bOffset + j * bColumn; p < k; p++, x += aColumn, y += bRow) {
        const value = b[y]!;
        s += a[x]! * value;
        t += a[x + aRow]! * value;
      }
      c[cOffset + i * n + j]! += s;
      c[cOffset + (i + 1) * n + j]! += t;
    }
  }
  if (i < m) {
    vectorTimesMatrix(k, n, a, aOffset + i * aRow, aColumn, b, bOffset, bRow, bColumn, c, cOffset + i * n);
  }
}

/** One row of C. */
function vectorTimesMatrix(
  k: number,
  n: number,
  a: Doubles,
  aOffset: number,
  aColumn: number,
  b: Doubles,
  bOffset: number,
  bRow: number,
  bColumn: number,
  c: Doubles,
  cOffset: number,
): void {
  const second = 2 * bColumn;
  const third = 3 * bColumn;
  let j = 0;
  for (; j + 3 < n; j += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0, x = aOffset, y = bOffset + j * bColumn; p < k; p++, x += aColumn, y += bRow) {
      const value = a[x]!;
      s0 += value * b[y]!;
      s1 += value * b[y + bColumn]!;
      s2 += value * b[y + second]!;
      s3 += value * b[y + third]!;
    }
    const s = cOffset + j;
    c[s]! += s0;
    c[s + 1]! += s1;
    c[s + 2]! += s2;
    c[s + 3]! += s3;
  }
  for (; j < n; j++) {
    c[cOffset + j]! += dotProduct(k, a, aOffset, aColumn, b, bOffset + j * bColumn, bRow);
  }
}

/** Σ aₚ bₚ, in four sums, as each would wait for itself. */
function dotProduct(
  k: number,
  a: Doubles,
  aOffset: number,
  aStep: number,
  b: Doubles,
  bOffset: number,
  bStep: number,
): number {
  let x = aOffset;
  let y = bOffset;
  let p = 0;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (; p + 3 < k; p += 4, x += 4 * aStep, y += 4 * bStep) {
    s0 += a[x]! * b[y]!;
    s1 += a[x + aStep]! * b[y + bStep]!;
    s2 += a[x + 2 * aStep]! * b[y + 2 * bStep]!;
    s3 += a[x + 3 * aStep]! * b[y + 3 * bStep]!;
  }
  for (; p < k; p++, x += aStep, y += bStep) s0 += a[x]! * b[y]!;
  return s0 + s1 + (s2 + s3);
}
