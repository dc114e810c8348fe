/** @file Shapes of a derivation in letters, (n, m), read off the same derivation at other sizes. */

import type { Shape } from "../tensor/shape.ts";

const LETTERS = ["n", "m", "k", "p", "q", "r", "s"];

/** One dimension at both sizes. */
type Both = readonly [number, number];

export class ShapeLetters {
  readonly #letters: readonly (readonly [Both, string])[];

  /** @param inputs shapes of forward's arguments, here and at other sizes; each size that differs gets a letter */
  constructor(inputs: readonly (readonly [Shape, Shape])[]) {
    const letters: [Both, string][] = [];
    for (const [here, there] of inputs) {
      here.forEach((size, d) => {
        const both: Both = [size, there[d] ?? size];
        const known = letters.some(([other]) => other[0] === both[0] && other[1] === both[1]);
        if (both[0] !== both[1] && !known)
          letters.push([both, LETTERS[letters.length] ?? `n${letters.length}`]);
      });
    }
    this.#letters = letters;
  }

  /** "(n, 2m)"; numbers where there is nothing to compare with. */
  text(here: Shape, there: Shape = here): string {
    const sizes = here.map((size, d) => this.#size([size, there[d] ?? size]));
    return `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})`;
  }

  #size([a, b]: Both): string {
    if (a === b) return String(a);
    for (const [[p, q], letter] of this.#letters) {
      if (a === p && b === q) return letter;
    }
    for (const [[p, q], letter] of this.#letters) {
      const [times, more] = [a / p, a - p];
      if (Number.isInteger(times) && times * q === b) return `${times}${letter}`;
      if (more === b - q) return `${letter}${more < 0 ? "−" : "+"}${Math.abs(more)}`;
    }
    for (const [[p, q], letter] of this.#letters) {
      for (const [[r, s], other] of this.#letters) if (a === p * r && b === q * s) return `${letter}${other}`;
    }
    return "…";
  }
}
