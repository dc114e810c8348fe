/** @file The `console` of a check: it makes lines of plain text, up to a cap, and hands out nothing. */

import { LOG_LINE_CHARS } from "../caps.ts";
import { type PrintOptions, printAll } from "./print.ts";

const PRINTING = "log info warn error debug trace dir dirxml table group groupCollapsed".split(" ");
const SILENT = "groupEnd time timeEnd timeLog count countReset clear".split(" ");

export type Console = Record<string, (...values: unknown[]) => void>;

/** @param write Takes a finished line. It is the host's, so nothing that it throws may reach the caller. */
export function createConsole(write: (line: string) => void, ofEngine: PrintOptions["ofEngine"]): Console {
  /** Near the end of the stack any call can fail: then the line is lost, and the checked code learns nothing of it. */
  function print(...values: unknown[]): void {
    try {
      write(printAll(values, { chars: LOG_LINE_CHARS, ofEngine }));
    } catch {
      // See above.
    }
  }

  function assert(condition?: unknown, ...values: unknown[]): void {
    if (!condition) print("Assertion failed", ...values);
  }

  return {
    ...Object.fromEntries(PRINTING.map(name => [name, (...values: unknown[]) => print(...values)])),
    ...Object.fromEntries(SILENT.map(name => [name, () => {}])),
    assert,
  };
}
