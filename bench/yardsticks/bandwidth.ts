/** @file The machine's memory bandwidth, by the plainest way there is to move bytes: one typed array set to another. */

import { type Contestant, contestant } from "../contestant.ts";

export const MEMORY_BANDWIDTH = "memory bandwidth";

/**
 * @param elements float64 numbers in each of the two arrays
 * @param bytes that the work it is a yardstick for reads and writes
 */
export function memoryBandwidth(elements: number, bytes: number): Contestant {
  const source = new Float64Array(elements).fill(1);
  const target = new Float64Array(elements).fill(2);
  return contestant(
    MEMORY_BANDWIDTH,
    () => target.set(source),
    () => Number.NaN,
    { work: bytes / (16 * elements) },
  );
}
