/**
 * @file Texts that TypeScript's parser would read for hours: it tries what stands in the brackets of `async (a = async (a = …` in two ways,
 * in each of them what stands in the brackets within in two ways, and so on.
 */

/** People nest a few. */
const DEEPEST = 12;

/** @throws RangeError as the parser itself does where code is nested too deep for its stack */
export function refuseEndlessParse(text: string): void {
  if (!text.includes("async")) return;
  const open: boolean[] = [];
  let nested = 0;
  for (const [bracket] of text.matchAll(/\basync\s*(?:<[^<>()]*>\s*)?\(|[()]/g)) {
    if (bracket === ")") {
      if (open.pop() === true) nested--;
      continue;
    }
    const isAsync = bracket !== "(";
    open.push(isAsync);
    if (isAsync && ++nested > DEEPEST)
      throw new RangeError(`more than ${DEEPEST} brackets of async functions stand in one another`);
  }
}
