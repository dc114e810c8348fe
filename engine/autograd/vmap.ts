/**
 * @file `vmap`: a function of one sample becomes a function of a batch.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html
 */

import { formatShape, wrapDim } from "../tensor/shape.ts";
import { makeBatched, shapeOf, type Tensor } from "../tensor/tensor.ts";
import { batchedAt } from "./batch.ts";
import { mapTensors } from "./structure.ts";
import { atNewLevel } from "./wrapped.ts";

/** Which dimension of an argument is the batch; null for an argument that is the same for all. */
export type InDim = number | null;

export interface VmapOptions {
  /** For all arguments, or one for each. Default 0. */
  inDims?: InDim | readonly InDim[];
  /** Where the batch stands in each output. Default 0. */
  outDims?: number;
}

/**
 * `f` applied to each entry of a batch, all at once: operations work on the whole batch where they can.
 * @throws where the arguments' batches differ in size, or none has one
 */
// biome-ignore lint/suspicious/noExplicitAny: arguments of any kind, of which tensors may be batched.
export function vmap<A extends any[], T>(
  f: (...args: A) => T,
  { inDims = 0, outDims = 0 }: VmapOptions = {},
): (...args: A) => T {
  return (...args) =>
    atNewLevel(level => {
      const dims = args.map((_, i) => (Array.isArray(inDims) ? (inDims[i] ?? null) : inDims) as InDim);
      const size = batchSize(args, dims);
      const entries = args.map((arg, i) => {
        const dim = dims[i] ?? null;
        return dim === null ? arg : mapTensors(arg, x => makeBatched(batchInFront(x, dim), level));
      });
      return mapTensors(f(...(entries as A)), output => {
        const batch =
          batchedAt(output, level)?.value ?? output.unsqueeze(0).expand([size, ...shapeOf(output)]);
        const at = wrapDim(outDims, batch.ndim);
        const rest = shapeOf(batch)
          .map((_, i) => i)
          .slice(1);
        return at === 0 ? batch : batch.permute(rest.toSpliced(at, 0, 0));
      }) as T;
    });
}

/** `x` with dimension `dim` moved to the front. */
export function batchInFront(x: Tensor, dim: number): Tensor {
  const at = wrapDim(dim, x.ndim);
  const rest = shapeOf(x)
    .map((_, i) => i)
    .filter(i => i !== at);
  return x.permute([at, ...rest]).contiguous();
}

function batchSize(args: readonly unknown[], dims: readonly InDim[]): number {
  const sizes = new Map<number, string>();
  args.forEach((arg, i) => {
    const dim = dims[i] ?? null;
    if (dim === null) return;
    mapTensors(arg, x => {
      if (x.ndim === 0)
        throw new RangeError(`vmap: argument ${i} has no dimension ${dim} to be the batch: it is 0-d.`);
      sizes.set(x.size(dim), `argument ${i} of shape ${formatShape(shapeOf(x))}`);
    });
  });
  const [first, second] = [...sizes];
  if (first === undefined) {
    throw new RangeError("vmap: at least one argument must be a tensor with a batch dimension (see inDims).");
  }
  if (second !== undefined) {
    throw new RangeError(
      `vmap: expected batches of one size, got ${first[0]} (${first[1]}) and ${second[0]} (${second[1]}).`,
    );
  }
  return first[0];
}
