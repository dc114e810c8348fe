/** @file How much a child may say. Both sides hold to it: the child cuts there, the parent ends a child that did not. */

/** Largest message from a child, in bytes. */
export const REPORT_BYTES = 1 << 20;

/** Largest message to a child, in bytes: a script with all its dependencies bundled in. */
export const ORDER_BYTES = 64 << 20;

/** Combinations of alternatives that are tried in one job. */
export const COMBINATIONS = 4_000;

/** Longest text in a message from a child, in UTF-16 units. */
export const TEXT_CHARS = 20_000;

/** Lines kept of what the code of one job prints: the first and the last; where lines are left out, one more says so. */
export const FIRST_LOG_LINES = 100;
export const LAST_LOG_LINES = 100;
export const LOG_LINES = FIRST_LOG_LINES + LAST_LOG_LINES;

/** Longest such line, in UTF-16 units. */
export const LOG_LINE_CHARS = 2_000;
