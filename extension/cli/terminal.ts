/** @file Where the command line writes: a terminal with colours, or a pipe or file without. */

export interface Terminal {
  write(text: string): void;
  /** Whether escape sequences for colour are wanted. */
  readonly colors: boolean;
  /** Whether a person sees it as it is written, and a line can be written over. */
  readonly interactive: boolean;
}

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** Colours on a terminal; NO_COLOR (https://no-color.org) turns them off, FORCE_COLOR on, and NO_COLOR wins. */
export function terminalOf(stream: Stream, environment: Record<string, string | undefined>): Terminal {
  const { NO_COLOR, FORCE_COLOR } = environment;
  const interactive = stream.isTTY === true;
  const forced = FORCE_COLOR !== undefined && !["", "0", "false"].includes(FORCE_COLOR);
  return {
    write: text => void stream.write(text),
    colors: !NO_COLOR && (forced || (interactive && FORCE_COLOR === undefined)),
    interactive: interactive && environment.TERM !== "dumb",
  };
}
