/** @file What is fuzzed: a reader of what others wrote, and the inputs it is to take. */

import fc from "fast-check";

export interface Target {
  readonly name: string;
  /** Runs `runs` inputs from `seed` on; rejects at the first that breaks it, shrunk. `onInput` hears of each before it runs. */
  fuzz(runs: number, seed: number, onInput?: (input: unknown) => void): Promise<void>;
}

/** @param take Rejects, or throws, where the input is not taken as it must be. */
export function target<T>(
  name: string,
  input: fc.Arbitrary<T>,
  take: (input: T) => void | Promise<void>,
  dispose: () => void | Promise<void> = () => {},
): Target {
  return {
    name,
    async fuzz(numRuns, seed, onInput) {
      try {
        await fc.assert(
          fc.asyncProperty(input, async value => {
            onInput?.(value);
            await take(value);
          }),
          { numRuns, seed },
        );
      } finally {
        await dispose();
      }
    },
  };
}
