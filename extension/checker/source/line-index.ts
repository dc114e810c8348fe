/** @file Offsets in a text and places in an editor, each from the other. */

import type { Position, Range } from "../finding.ts";

/**
 * Where the lines of a text begin. Positions are zero-based and count UTF-16 code units, as in the Language Server
 * Protocol: a tab is one, an emoji two. Lines end at `\n`, `\r\n` and `\r` and, unlike in TypeScript's own count, not
 * at U+2028.
 */
export class LineIndex {
  readonly #starts: number[] = [0];
  readonly #length: number;

  constructor(text: string) {
    this.#length = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === LF || (code === CR && text.charCodeAt(i + 1) !== LF)) this.#starts.push(i + 1);
    }
  }

  positionAt(offset: number): Position {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= clamped) low = middle;
      else high = middle;
    }
    return { line: low, character: clamped - this.#starts[low]! };
  }

  /** An offset past the end of its line counts as the start of the next one; past the text, as its end. */
  offsetAt({ line, character }: Position): number {
    const start = this.#starts[line] ?? this.#length;
    const end = this.#starts[line + 1] ?? this.#length;
    return Math.max(start, Math.min(start + character, end));
  }

  rangeOf(start: number, end: number): Range {
    return { start: this.positionAt(start), end: this.positionAt(end) };
  }
}

const LF = 10;
const CR = 13;
