/** @file What takes part in a race: work that can be run many times in a row, and that shows what it computed. */

export interface Sample {
  /** Milliseconds that all runs of the sample took together. */
  readonly ms: number;
  /** One number out of the last run's result. All contestants of a race must agree on it: they do the same work. */
  readonly witness: number;
}

export interface Contestant {
  readonly name: string;
  readonly precision: "float64" | "float32";
  /** The time of one run times this is the time for the work of the race. 1 for all but the machine's yardsticks. */
  readonly work: number;
  sample(runs: number): Sample | Promise<Sample>;
}

interface Options {
  precision?: Contestant["precision"];
  work?: number;
  /** Awaited before each sample, untimed. */
  before?: () => unknown;
}

/**
 * A contestant in this process.
 * @param run does the work once; frees what it made, where that does not happen by itself
 * @param witness of what `run` returned; untimed
 */
export function contestant<T>(
  name: string,
  run: () => T,
  witness: (result: T) => number,
  { precision = "float64", work = 1, before }: Options = {},
): Contestant {
  const sample = (runs: number): Sample => {
    const started = performance.now();
    let result = run();
    for (let i = 1; i < runs; i++) result = run();
    const ms = performance.now() - started;
    return { ms, witness: witness(result) };
  };
  if (before === undefined) return { name, precision, work, sample };
  return {
    name,
    precision,
    work,
    async sample(runs) {
      await before();
      return sample(runs);
    },
  };
}
