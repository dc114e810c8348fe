/** @file Waits for what a person would wait for, and says what was on the screen when it did not come. */

/** Generous, as a machine may be busy with other things; only a failure waits so long. */
const defaultSeconds = 60;

export interface Patience {
  /** Default: 60. */
  seconds?: number;
}

/** Reads again and again until `accept` takes what was read; returns that. */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  accept: (seen: T) => boolean,
  { seconds = defaultSeconds }: Patience = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const seen = await read();
    if (accept(seen)) return seen;
    if (performance.now() > deadline) {
      throw new Error(`expected ${what} within ${seconds} s; saw ${JSON.stringify(seen, null, 2)}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
