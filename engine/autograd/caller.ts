/** @file Where in the user's code the engine was called: the stack without the engine's own part of it. */

/** Enough to leave the engine, whose own calls seldom nest deeper than twenty. */
const DEPTH = 60;
/** How many of the user's calls are worth reading. */
const SHOWN = 8;

/** "…/module.ts:12:5", at the end of a frame as V8, SpiderMonkey and JavaScriptCore write it. */
const PLACE = /([^\s()@]+):\d+:\d+\)?$/;

const placeOf = (frame: string): string | null => PLACE.exec(frame.trim())?.[1] ?? null;

function stackFrames(): string[] {
  const settings = Error as { stackTraceLimit?: number };
  const limit = settings.stackTraceLimit;
  try {
    settings.stackTraceLimit = DEPTH;
  } catch {
    // A locked-down realm keeps its own limit.
  }
  const { stack } = new Error();
  try {
    if (limit !== undefined) settings.stackTraceLimit = limit;
  } catch {
    // As above.
  }
  return (stack ?? "").split("\n").filter(frame => placeOf(frame) !== null);
}

/**
 * Whether a frame is the engine's. As modules it is the folder two above this file, the tests beside the sources excepted;
 * bundled, it is one file, this one.
 */
const isOwn: (frame: string) => boolean = (() => {
  const here = placeOf(stackFrames()[0] ?? "");
  if (here === null) return () => false;
  const asModule = /^(.*[\\/])autograd[\\/]caller\.[jt]s(\?.*)?$/.exec(here);
  if (asModule === null) return frame => placeOf(frame) === here;
  const folder = asModule[1]!;
  return frame => {
    const place = placeOf(frame);
    return place?.startsWith(folder) === true && !place.includes(".test.");
  };
})();

/** The innermost of the user's calls that led here, innermost first; all, where user and engine are one file. */
export function callerFrames(): string[] {
  const frames = stackFrames();
  const first = frames.findIndex(frame => !isOwn(frame));
  return frames
    .slice(Math.max(first, 0))
    .slice(0, SHOWN)
    .map(frame => `    ${frame.trim()}`);
}
