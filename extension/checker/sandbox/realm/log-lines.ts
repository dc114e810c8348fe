/**
 * @file The lines that a check may print: the first ones leave at once, so that they are there whatever becomes of the
 * check; of the others the last ones are kept. A Function that prints is run many times before it is judged, to find
 * inputs, and those lines must not use up the room of the ones that tell something.
 */

import { FIRST_LOG_LINES, LAST_LOG_LINES } from "../caps.ts";

export interface LogLines {
  add(line: string): void;
  /** Writes what was kept back, when nothing can print any more. */
  finish(): void;
}

/** @param write Takes each line that is to be seen. */
export function createLogLines(write: (line: string) => void): LogLines {
  let count = 0;
  const last: string[] = [];
  return {
    add(line) {
      if (count < FIRST_LOG_LINES) write(line);
      else last[(count - FIRST_LOG_LINES) % LAST_LOG_LINES] = line;
      count += 1;
    },
    finish() {
      const dropped = count - FIRST_LOG_LINES - last.length;
      if (dropped > 0) write(`… (${dropped} more lines were printed here)`);
      const oldest = dropped > 0 ? dropped % LAST_LOG_LINES : 0;
      for (let i = 0; i < last.length; i++) write(last[(oldest + i) % last.length]!);
    },
  };
}
