/**
 * @file Texts over a pipe: four bytes of length, little-endian, then so many bytes of UTF-8. The reader refuses a length
 * above its cap before it stores anything, so that a child gone bad cannot fill its parent's memory.
 */

import { Buffer } from "node:buffer";

const HEADER_BYTES = 4;

export function frame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + size);
  bytes.writeUInt32LE(size, 0);
  bytes.write(text, HEADER_BYTES);
  return bytes;
}

/** Makes texts of chunks as they arrive. */
export class FrameReader {
  readonly #cap: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param cap Largest text in bytes. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** The texts that this chunk completes. Throws a RangeError on a text above the cap; the reader is then of no more use. */
  push(chunk: Buffer): string[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const texts: string[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === null || this.#size < HEADER_BYTES + length) return texts;
      const bytes = this.#joined();
      texts.push(bytes.toString("utf8", HEADER_BYTES, HEADER_BYTES + length));
      this.#chunks = [bytes.subarray(HEADER_BYTES + length)];
      this.#size -= HEADER_BYTES + length;
    }
  }

  #nextLength(): number | null {
    if (this.#size < HEADER_BYTES) return null;
    const first = this.#chunks[0];
    const length = (first && first.length >= HEADER_BYTES ? first : this.#joined()).readUInt32LE(0);
    if (length > this.#cap) {
      throw new RangeError(`expected a message of at most ${this.#cap} bytes, got one of ${length}`);
    }
    return length;
  }

  /** Chunks are joined only when a text is complete: a long one arrives in many, and must not be copied for each. */
  #joined(): Buffer {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }
}
