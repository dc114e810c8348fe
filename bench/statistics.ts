/** @file What many timings of the same work come to. */

export interface Timing {
  /** Milliseconds a run: the middle one of the samples, which a busy machine disturbs least. */
  readonly median: number;
  /** Milliseconds a run in the best sample. */
  readonly minimum: number;
}

export function timingOf(samples: readonly number[]): Timing {
  return { median: median(samples), minimum: Math.min(...samples) };
}

/** The middle value; the mean of the two middle ones where their number is even. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** Whether two numbers are the same but for rounding. */
export function agree(a: number, b: number, relativeTolerance: number): boolean {
  return Math.abs(a - b) <= relativeTolerance * Math.max(Math.abs(a), Math.abs(b), 1e-6);
}
