/** @file Counts how often floating-point numbers are read out of tensors: what is computed with them is not recorded. */

let count = 0;

export function noteReading(): void {
  count++;
}

/** How often, so far. */
export function readings(): number {
  return count;
}
