/** @file How a Function's outputs change along one random direction, to hold whole gradients against at the price of a few runs of forward. */

import type { Generator } from "../tensor/random.ts";
import type { Estimates } from "./finite-differences.ts";
import type { Direction, Measured } from "./measured.ts";
import type { JudgedFunction } from "./ruling.ts";
import type { Gradients } from "./subject.ts";

/** Estimates of errors are themselves estimates. */
const DOUBT = 10;

/** Errors above this part of the size tell nothing. */
const ROUGH = 1e-4;

/** Between gradients and what was measured. */
interface Gap {
  readonly difference: number;
  /** Of the terms on either side: they may cancel. */
  readonly size: number;
  /** As much of the difference may be the measurement's. */
  readonly error: number;
}

export class Line {
  readonly #measured: Measured;
  readonly #direction: Direction;

  /** @param moves which arguments change along it */
  constructor(measured: Measured, random: Generator, moves = (_i: number): boolean => true) {
    this.#measured = measured;
    this.#direction = measured.drawn(moves, random);
  }

  /** Whether nothing that is measured speaks against a tape's gradients. */
  allows(gradients: Gradients, cotangent: Float64Array): boolean {
    return this.#measured.allows(this.#direction, slopes =>
      this.#isClosed(this.#gap(gradients, cotangent, slopes)),
    );
  }

  /** Whether what is measured is sharp enough to tell, and shows these gradients. */
  shows(gradients: Gradients, cotangent: Float64Array): boolean {
    const agrees = (slopes: Estimates): boolean => {
      const gap = this.#gap(gradients, cotangent, slopes);
      return gap.error <= ROUGH * gap.size && this.#isClosed(gap);
    };
    return this.#measured.shows(this.#direction, agrees) ?? false;
  }

  /**
   * gradients · direction against cotangent · slopes.
   * @param gradients for `cotangent`; one that is null counts as zero
   */
  #gap(gradients: Gradients, cotangent: Float64Array, slopes: Estimates): Gap {
    let difference = 0;
    let returned = 0;
    let measured = 0;
    let error = 0;
    this.#direction.forEach((step, i) => {
      step?.forEach((s, j) => {
        const term = s * (gradients[i]?.[j] ?? 0);
        difference += term;
        returned += Math.abs(term);
      });
    });
    cotangent.forEach((g, k) => {
      const term = g * slopes.values[k]!;
      difference -= term;
      measured += Math.abs(term);
      error += Math.abs(g) * slopes.errors[k]!;
    });
    return { difference: Math.abs(difference), size: Math.max(returned, measured), error: DOUBT * error };
  }

  #isClosed({ difference, size, error }: Gap): boolean {
    return difference <= this.#measured.tolerance * size + error;
  }
}

/** The tape's gradients for each cotangent; null where there is no tape, or none to be trusted. A surrogate's is. */
export function tapedGradients(
  { surrogate }: JudgedFunction,
  measured: Measured,
  line: Line,
  cotangents: readonly Float64Array[],
): readonly Gradients[] | null {
  const tape = measured.tape();
  if (tape === null) return null;
  const pulled = cotangents.map(cotangent => tape.pull(cotangent)).filter(gradients => gradients !== null);
  if (pulled.length < cotangents.length) return null;
  // A tape that is cut is noticed once and for all.
  return surrogate !== undefined || line.allows(pulled[0]!, cotangents[0]!) ? pulled : null;
}
