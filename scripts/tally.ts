/** @file How many tests passed and failed. One that is skipped has proven nothing: it counts as failed. */

export interface Tally {
  passed: number;
  failed: number;
}

export const sum = (tallies: Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
});

/** One thing that is right or wrong as a whole. */
export const single = (passed: boolean): Tally => ({ passed: Number(passed), failed: Number(!passed) });
