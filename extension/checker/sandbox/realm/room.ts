/**
 * @file The engine asks here before it makes a large tensor. The parent would kill the process a moment later; refused
 * here, the checked code gets an error that it can handle, and V8 has collected what is garbage on the way.
 */

import { setRoomKeeper } from "@gradient-lens/engine/judge";

const MEGABYTE = 2 ** 20;

/** The rest is for what is not the engine's. */
const SHARE = 0.9;

export interface Room {
  /** Whether something was refused since {@link open}. */
  readonly refused: boolean;
  /** For a new check, which may hold so many megabytes. */
  open(memoryMb: number): void;
}

/** @param residentBytes What the process holds now. It is the host's, so nothing that it throws may reach the checked code. */
export function keepRoom(residentBytes: () => number): Room {
  let limitMb = Number.POSITIVE_INFINITY;
  let refused = false;
  setRoomKeeper(bytes => {
    const [heldMb, wantedMb] = [resident() / MEGABYTE, bytes / MEGABYTE];
    if (heldMb + wantedMb <= SHARE * limitMb) return;
    refused = true;
    throw new RangeError(
      `There is no room for ${Math.ceil(wantedMb)} MB more: the check holds ${Math.round(heldMb)} MB of the ${limitMb} it may.`,
    );
  });

  function resident(): number {
    try {
      return residentBytes();
    } catch {
      // Near the end of the stack any call can fail. The parent's watch stands behind this one.
      return 0;
    }
  }

  return {
    get refused() {
      return refused;
    },
    open(memoryMb) {
      limitMb = memoryMb;
      refused = false;
    },
  };
}
