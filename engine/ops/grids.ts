/** @file Every combination of the elements of several vectors. */

import { keywords, variadic } from "../tensor/methods.ts";
import { formatShape } from "../tensor/shape.ts";
import { shapeOf, type Tensor } from "../tensor/tensor.ts";
import { checked } from "./elementwise.ts";
import { expand } from "./expand.ts";
import { stack } from "./joining.ts";
import { ravel, reshape } from "./reshape.ts";

interface GridOptions {
  indexing?: "ij" | "xy" | null;
}

export interface Meshgrid {
  (tensors: readonly Tensor[], options?: GridOptions): Tensor[];
  (...tensors: [...Tensor[], Tensor | GridOptions]): Tensor[];
}

/**
 * One grid for each vector, with its elements along a dimension of their own: the k-th for "ij" (as for matrices), the first two
 * swapped for "xy" (as for plots). Views. A 0-d tensor is a vector of one element.
 */
export const meshgrid: Meshgrid = variadic(
  keywords(
    "meshgrid",
    ["tensors", "indexing"],
    (tensors: readonly Tensor[] = [], indexing: "ij" | "xy" | null = "ij") => {
      if (indexing !== null && indexing !== "ij" && indexing !== "xy")
        throw new TypeError(`meshgrid() expected "ij" or "xy" for indexing, got "${String(indexing)}".`);
      checkVectors(tensors);
      if (indexing !== "xy" || tensors.length < 2) return gridsOf(tensors);
      const [x, y, ...others] = tensors as [Tensor, Tensor, ...Tensor[]];
      const [rows, columns, ...rest] = gridsOf([y, x, ...others]);
      return [columns!, rows!, ...rest];
    },
  ),
);

function checkVectors(tensors: readonly Tensor[]): void {
  if (tensors.length === 0) throw new RangeError("meshgrid() expected one or more vectors.");
  for (const x of tensors) {
    if (checked("meshgrid", x).ndim > 1 || x.dtype !== tensors[0]!.dtype) {
      throw new TypeError(
        "meshgrid() expected vectors (or 0-d tensors) of one dtype, got " +
          `${tensors.map(v => `${v.dtype} ${formatShape(shapeOf(v))}`).join(", ")}.`,
      );
    }
  }
}

function gridsOf(tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.map(x => x.numel());
  return tensors.map((x, k) =>
    expand(
      reshape(
        x,
        shape.map((n, d) => (d === k ? n : 1)),
      ),
      shape,
    ),
  );
}

export interface CartesianProd {
  (...tensors: Tensor[]): Tensor;
  (tensors: readonly Tensor[]): Tensor;
}

/** All combinations of the vectors' elements, each a row, the last vector's running fastest; of one vector, itself. */
export const cartesianProd: CartesianProd = variadic(
  keywords("cartesianProd", ["tensors"], (tensors: readonly Tensor[] = []) => {
    if (tensors.length === 0 || tensors.some(x => checked("cartesianProd", x).ndim !== 1)) {
      throw new RangeError(
        `cartesianProd() expected one or more vectors, got ${tensors.map(x => formatShape(shapeOf(x))).join(", ") || "none"}.`,
      );
    }
    return tensors.length === 1 ? tensors[0]! : stack(meshgrid(tensors).map(ravel), 1);
  }),
);
