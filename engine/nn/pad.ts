/** @file Padding: more entries at both ends of dimensions, or fewer where the number is negative. */

import { call, type Primitive } from "../autograd/primitive.ts";
import { type Taps, tapsOf } from "../kernels/taps.ts";
import { checked } from "../ops/elementwise.ts";
import { fullLike } from "../tensor/creation.ts";
import { keywords } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { empty, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { tapped } from "./taps.ts";

/** How many entries to add before and after. */
type Ends = readonly [before: number, after: number];

/** One pair of ends for each of the last dimensions, outermost first. */
const constantPad: Primitive<[x: Tensor], { ends: readonly Ends[]; value: number }> = {
  name: "constantPad",
  forward([x], { ends, value }) {
    const lead = x.ndim - ends.length;
    const shape = shapeOf(x).map((n, d) => n + (ends[d - lead]?.[0] ?? 0) + (ends[d - lead]?.[1] ?? 0));
    const y = value === 0 ? empty(shape, x.dtype) : fullLike(empty(shape, x.dtype), value);
    let [from, to] = [x.detach(), y];
    ends.forEach(([before, after], i) => {
      const kept = Math.max(0, x.size(lead + i) + Math.min(before, 0) + Math.min(after, 0));
      from = from.slice(lead + i, Math.max(-before, 0), Math.max(-before, 0) + kept);
      to = to.slice(lead + i, Math.max(before, 0), Math.max(before, 0) + kept);
    });
    to.copy_(from);
    return y;
  },
  vjp: [
    (g, _inputs, _y, { ends }) =>
      call(constantPad, [g], { ends: ends.map(([before, after]): Ends => [-before, -after]), value: 0 }),
  ],
  jvp: ([t], _inputs, _y, { ends }) => call(constantPad, [t!], { ends, value: 0 }),
  batch: (values, _batched, params) => call(constantPad, values, params),
};

/** The input entry that padded entry `at` (counted from the first input entry) repeats, of `n`. */
type Source = (at: number, n: number) => number;

interface Mode {
  readonly source: Source;
  /** The most entries that can be added to `n`. */
  readonly most: (n: number) => number;
}

const MODES: Readonly<Record<string, Mode>> = {
  reflect: { source: (at, n) => (at < 0 ? -at : at < n ? at : 2 * (n - 1) - at), most: n => n - 1 },
  replicate: { source: (at, n) => Math.min(Math.max(at, 0), n - 1), most: () => Infinity },
  circular: { source: (at, n) => ((at % n) + n) % n, most: n => n },
};

function tapsFor(mode: string, n: number, [before, after]: Ends): Taps {
  // Torch wraps around what is left after cutting; reflecting and repeating see the whole input.
  const cut =
    mode === "circular" ? { first: Math.max(-before, 0), last: Math.max(-after, 0) } : { first: 0, last: 0 };
  const from = mode === "circular" ? Math.max(before, 0) : before;
  const rows = Array.from({ length: n + before + after }, (_, o) => {
    const source = MODES[mode]!.source(o - from, n - cut.first - cut.last);
    return [[source + cut.first, 1]] as const;
  });
  return tapsOf(n, rows);
}

export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface Pad {
  (input: Tensor, pad: readonly number[], mode?: PadMode, value?: number | null): Tensor;
  (input: Tensor, pad: readonly number[], options: { mode?: PadMode; value?: number | null }): Tensor;
  (input: Tensor, options: { pad: readonly number[]; mode?: PadMode; value?: number | null }): Tensor;
}

/**
 * The input with entries added: `pad` holds [before, after] for the last dimension, then for the one before it, and so
 * on. They are `value` (0), or what "reflect", "replicate" and "circular" find in the input; these three
 * leave the batch and channels alone.
 */
export const pad: Pad = keywords(
  "pad",
  ["input", "pad", "mode", "value"],
  (input: Tensor, list: readonly number[], mode: PadMode = "constant", value: number | null = null) => {
    const shape = shapeOf(checked("pad", input));
    const rank = list.length / 2;
    if (
      !Array.isArray(list) ||
      !Number.isInteger(rank) ||
      rank > shape.length ||
      !list.every(Number.isSafeInteger)
    ) {
      throw new RangeError(
        `pad() expected pairs of integers for at most ${shape.length} dimensions of ${formatShape(shape)}, got [${list}].`,
      );
    }
    const ends = Array.from({ length: rank }, (_, i): Ends => {
      const at = 2 * (rank - 1 - i);
      return [list[at]!, list[at + 1]!];
    });
    const sizes = shape.slice(shape.length - rank);
    if (ends.some(([before, after], i) => sizes[i]! + before + after < 0)) {
      throw new RangeError(`pad() cannot take more than there is: [${list}] of ${formatShape(shape)}.`);
    }
    if (mode === "constant") return call(constantPad, [input], { ends, value: value ?? 0 });
    const known = MODES[mode];
    if (known === undefined) {
      throw new TypeError(
        `pad() expected mode "constant", "reflect", "replicate" or "circular", got ${String(mode)}.`,
      );
    }
    if (value !== null && value !== 0) throw new TypeError(`pad() takes a value for mode "constant" only.`);
    if (rank < 1 || rank > 3 || shape.length < rank + 1 || shape.length > rank + 2) {
      throw new RangeError(
        `pad() in mode "${mode}" expected channels, perhaps a batch, and as many dimensions as there are pairs (1 to 3), ` +
          `got ${rank} pairs for ${formatShape(shape)}.`,
      );
    }
    sizes.forEach((n, i) => {
      const most = known.most(n);
      const nothing = n + Math.min(ends[i]![0], 0) + Math.min(ends[i]![1], 0) < 1;
      if (nothing || Math.max(...ends[i]!) > most) {
        throw new RangeError(
          `pad() in mode "${mode}" can add at most ${most} entries at an end of ${n}, got [${ends[i]}].`,
        );
      }
    });
    return tapped(
      input,
      sizes.map((n, i) => tapsFor(mode, n, ends[i]!)),
    );
  },
);
