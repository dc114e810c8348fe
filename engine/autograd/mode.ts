/** @file Whether operations are recorded: torch's `no_grad`, `enable_grad`, `set_grad_enabled`. */

let enabled = true;

export function isGradEnabled(): boolean {
  return enabled;
}

/** Switches recording until the next switch. Prefer {@link noGrad}, which switches back by itself. */
export function setGradEnabled(mode: boolean): void {
  enabled = mode;
}

/** Runs `body` with recording on or off; what it was before is restored even if `body` throws. */
export function withGradMode<T>(mode: boolean, body: () => T): T {
  const before = enabled;
  enabled = mode;
  try {
    return body();
  } finally {
    enabled = before;
  }
}

/** Runs `body` without recording: its results require no gradients. */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Runs `body` with recording, inside {@link noGrad} too. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}
