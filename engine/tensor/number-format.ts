/**
 * @file How torch writes the numbers of one tensor: one format for all of them, by their range.
 *
 * Source: `_Formatter` in torch/_tensor_str.py. Digits are Python's: a tie is rounded to the even digit.
 */

import { type DType, isFloatingPoint } from "./dtype.ts";

const PRECISION = 4;

export interface NumberFormat {
  /** Of the widest number; special values and zeros do not count, as in torch. */
  readonly width: number;
  write(value: number): string;
}

/** @param shown the values that will be printed, which decide the format */
export function numberFormat(dtype: DType, shown: ArrayLike<number>): NumberFormat {
  const values = Array.from(shown);
  if (!isFloatingPoint(dtype)) {
    const write = dtype === "bool" ? (v: number) => (v === 0 ? "false" : "true") : String;
    return { width: widest(values.map(write)), write };
  }
  const decisive = values.filter(v => Number.isFinite(v) && v !== 0);
  const digits = digitsFor(decisive);
  const write = (v: number): string => special(v) ?? (isNegative(v) ? "-" : "") + digits(Math.abs(v));
  return { width: widest(decisive.map(write)), write };
}

/** How sizes are written: integers with a bare point, fixed digits, or scientific where the range is wide. */
function digitsFor(decisive: readonly number[]): (size: number) => string {
  let [smallest, largest, integers] = [Infinity, 0, true];
  for (const value of decisive) {
    const size = Math.abs(value);
    smallest = Math.min(smallest, size);
    largest = Math.max(largest, size);
    integers &&= Number.isInteger(value);
  }
  if (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4) return scientific;
  return integers ? size => `${size}.` : fixed;
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? null : value > 0 ? "inf" : "-inf";
}

const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0);

const widest = (texts: readonly string[]): number => texts.reduce((w, text) => Math.max(w, text.length), 1);

function fixed(size: number): string {
  return toEven(size.toFixed(PRECISION), size.toFixed(40));
}

function scientific(size: number): string {
  const text = toEven(size.toExponential(PRECISION), size.toExponential(40));
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

/** A number halfway between two, the lower of which ends on an even digit, with what follows that digit cut off. */
const TIE_ABOVE_EVEN = /^(\d+\.\d{3}[02468])50*(e.*)?$/;

/** JavaScript rounds ties up, Python to even. `exact` has all the digits that tell a tie. */
function toEven(rounded: string, exact: string): string {
  const tie = TIE_ABOVE_EVEN.exec(exact);
  return tie === null ? rounded : `${tie[1]}${tie[2] ?? ""}`;
}
