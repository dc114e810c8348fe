/** @file The hypothesis about a backward that throws: it uses what forward did not leave for it. With that in its place it throws no longer, or something else. */

import { isTensor, noGrad, ones, type Tensor } from "@gradient-lens/engine";
import { applyFunction, type JudgedFunction, returnedList } from "@gradient-lens/engine/judge";
import { textOf } from "../probe/source-hints.ts";
import type { Explanation } from "./explanation.ts";

/** Saved tensors that are missed at most. */
const MOST_MISSED = 8;

export function explainUndefined(definition: JudgedFunction, args: readonly unknown[]): Explanation | null {
  const thrown = thrownWith(definition, args, () => {});
  if (thrown === null || !/\b(undefined|null)\b/.test(thrown)) return null;
  const text = textOf(definition.backward);
  const stands = [...args.filter(isTensor), 1];
  const mended = (leave: (ctx: Left, stand: unknown) => void): boolean =>
    stands.some(stand => thrownWith(definition, args, ctx => leave(ctx, stand)) !== thrown);

  for (const field of fieldsReadIn(text)) {
    const missing = (ctx: Left, stand: unknown): void => {
      ctx[field] ??= stand;
    };
    if (mended(missing)) return { kind: "not-saved", details: { part: `ctx.${field}`, where: "field" } };
  }
  let saved = 0;
  for (let more = 1; more <= MOST_MISSED; more++) {
    const padded = mended((ctx, stand) => {
      const own = ctx.savedTensors as readonly Tensor[];
      saved = own.length;
      const value = [...own, ...Array.from({ length: more }, () => stand)];
      Object.defineProperty(ctx, "savedTensors", { value });
    });
    if (!padded) continue;
    const name = unpackedIn(text)[saved + more - 1];
    const size = saved === 0 ? "nothing" : saved === 1 ? "one tensor" : `${saved} tensors`;
    return { kind: "not-saved", details: { ...(name && { part: name }), size } };
  }
  return null;
}

/** What forward left on ctx. */
type Left = Record<string, unknown>;

/** What backward throws, for ones; null where it does not. */
function thrownWith(
  definition: JudgedFunction,
  args: readonly unknown[],
  leave: (ctx: Left) => void,
): string | null {
  try {
    const leaves = args.map(arg =>
      isTensor(arg) && arg.isFloatingPoint() ? arg.detach().clone().requiresGrad_() : arg,
    );
    const { result, ctx, node } = applyFunction(definition, leaves);
    const cotangents = returnedList(result).map(y => (isTensor(y) && y.requiresGrad ? ones(y.shape) : null));
    leave(ctx as unknown as Left);
    noGrad(() => node?.callBackward(cotangents));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Fields of ctx that a backward reads, the methods left out. */
function fieldsReadIn(backward: string): string[] {
  const ctx = /^[^(]*\(\s*(\w+)/.exec(backward)?.[1];
  if (ctx === undefined) return [];
  const read = [...backward.matchAll(new RegExp(`\\b${ctx}\\??\\.(\\w+)`, "g"))].map(([, name]) => name!);
  return [...new Set(read)].filter(name => name !== "savedTensors" && name !== "needsInputGrad");
}

/** `const [x, , y] = ctx.savedTensors` */
function unpackedIn(backward: string): (string | undefined)[] {
  const pattern = /\[([^\]]*)\]\s*=\s*\w+\.savedTensors/.exec(backward)?.[1] ?? "";
  return pattern.split(",").map(part => /^\s*(\w+)/.exec(part)?.[1]);
}
