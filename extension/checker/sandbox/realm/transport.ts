/** @file The child's end of the pipe: texts in by standard input, texts out by standard output. */

import { writeSync } from "node:fs";
import process from "node:process";
import { ORDER_BYTES } from "../caps.ts";
import { FrameReader, frame } from "../framing.ts";
import { EXIT } from "../launch-contract.ts";

export interface Transport {
  /** Returns when the text is in the pipe: what was said before an endless loop has been said. */
  send(text: string): void;
  receive(handler: (text: string) => void): void;
  exit(code: number): never;
}

/** Takes hold of what it needs now: afterwards `process` is blank. */
export function openTransport(): Transport {
  const { stdin } = process;
  const { reallyExit } = process as unknown as { reallyExit(code: number): never };
  const exit = (code: number): never => reallyExit.call(process, code);

  return {
    exit,

    send(text) {
      const bytes = frame(text);
      for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
    },

    receive(handler) {
      const reader = new FrameReader(ORDER_BYTES);
      stdin.on("data", (chunk: Buffer) => reader.push(chunk).forEach(handler));
      // The parent is gone or wants us gone. A busy child cannot hear it: then the parent's watch kills (see reaper.ts).
      for (const event of ["end", "close", "error"]) stdin.on(event, () => exit(EXIT.done));
    },
  };
}
