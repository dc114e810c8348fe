/** @file What a child is told on its command line, and what its exit codes say. */

/** Given when Node was asked to confine the process: the child refuses to run where that was not done. */
export const CONFINED_ARGUMENT = "--confined";

export const EXIT = {
  /** The pipe from the parent was closed. */
  done: 0,
  /** Node's own: it does not take a flag. */
  badOption: 9,
  uncaught: 70,
  boot: 71,
  /** The runtime took `--permission` and did not enforce it. */
  notConfined: 72,
} as const;
