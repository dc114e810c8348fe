/**
 * @file Locks the realm: every intrinsic tamed and frozen. Imported first, so that whatever is evaluated after it, the
 * engine too, is built on tamed intrinsics only.
 */

import "ses";

/** `using` makes one of these without naming it, and SES 2.3 leaves its parent: the untamed Error. */
const { SuppressedError } = globalThis;

// SES keeps what the global `console` is at this time; the code that is checked gets one of its own.
Object.defineProperty(globalThis, "console", { value: {}, configurable: true, writable: true });

lockdown({
  // Stacks stay readable as text, without the frames of the sandbox and of the engine.
  errorTaming: "unsafe",
  stackFiltering: "omit-frames",
  // Assigning `toString` or `name` on one's own objects works, though the prototypes are frozen.
  overrideTaming: "severe",
  consoleTaming: "unsafe",
  errorTrapping: "none",
  unhandledRejectionTrapping: "none",
  reporting: "none",
});

if (SuppressedError) {
  Object.setPrototypeOf(SuppressedError, Error);
  harden(SuppressedError);
}
