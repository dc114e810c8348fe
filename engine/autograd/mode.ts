/** @file Whether operations are recorded: torch's `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`. */

let enabled = true;

export function isGradEnabled(): boolean {
  return enabled;
}

/** Switches recording while `body` runs; without one, until the next switch. */
export function setGradEnabled(mode: boolean): void;
export function setGradEnabled<T>(mode: boolean, body: () => T): T;
export function setGradEnabled<T>(mode: boolean, body?: () => T): T | undefined {
  if (body !== undefined) return withGradMode(mode, body);
  enabled = mode;
  return undefined;
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

/**
 * Runs `body` without recording: its results require no gradients. It is over when `body` returns: what an
 * async function does after its first `await` is recorded.
 */
export function noGrad<T>(body: () => T): T {
  return withGradMode(false, body);
}

/** Runs `body` with recording, inside {@link noGrad} too. */
export function enableGrad<T>(body: () => T): T {
  return withGradMode(true, body);
}

/** As {@link noGrad}: there are no tensors here that torch's `inference_mode` could make cheaper still. */
export function inferenceMode<T>(body: () => T): T {
  return withGradMode(false, body);
}
