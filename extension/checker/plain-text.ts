/**
 * @file Text that came out of checked code, made safe to show: what a Function throws or prints, the names in it and
 * the paths it lies at are other people's words, and must not steer a terminal or reorder a line.
 */

import { stripVTControlCharacters } from "node:util";

/** All controls but tab and newline, and the marks and overrides that change the direction of text. */
const CONTROLS = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu;

/** Without escape sequences and control characters; a carriage return is dropped with them. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, "");
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}

/** A source text with each control character replaced by one visible one, so that every position stays where it is. */
export function plainSource(text: string): string {
  return text.replace(CONTROLS, character => (character === "\r" ? character : "\ufffd"));
}
