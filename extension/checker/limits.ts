/** @file How long and how large one check may grow where nobody says otherwise. Real rules never meet these. */

import type { Limits } from "./sandbox/job.ts";

/** The same figures stand as defaults in the manifest's settings; a test holds them together. */
export const DEFAULT_LIMITS: Limits = { timeMs: 10_000, memoryMb: 350 };

export const DEFAULT_SEED = 0;
