/**
 * @file Element types and how they mix: torch's `torch.dtype` and its type promotion.
 *
 * Source: https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 */

/**
 * Element type of a tensor. `int64` holds integers in doubles: exact from −2⁵³ to 2⁵³, which covers
 * indices and counts without the price of BigInt. `bool` holds 0 and 1.
 */
export type DType = "float64" | "float32" | "int64" | "int32" | "uint8" | "bool";

export type NumericArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** Torch's categories: a higher one wins a promotion whatever the widths. */
const CATEGORY = { bool: 0, integer: 1, floating: 2 } as const;

interface DTypeInfo {
  readonly array: new (length: number) => NumericArray;
  readonly category: number;
  /** Rank of the type within promotion; `uint8` and the signed integers widen as in torch. */
  readonly order: number;
}

const INFO: Record<DType, DTypeInfo> = {
  bool: { array: Uint8Array, category: CATEGORY.bool, order: 0 },
  uint8: { array: Uint8Array, category: CATEGORY.integer, order: 1 },
  int32: { array: Int32Array, category: CATEGORY.integer, order: 2 },
  int64: { array: Float64Array, category: CATEGORY.integer, order: 3 },
  float32: { array: Float32Array, category: CATEGORY.floating, order: 4 },
  float64: { array: Float64Array, category: CATEGORY.floating, order: 5 },
};

export const DEFAULT_DTYPE = "float64" satisfies DType;

export function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(INFO, value);
}

export function newArray(dtype: DType, length: number): NumericArray {
  return new INFO[dtype].array(length);
}

export function isFloatingPoint(dtype: DType): boolean {
  return dtype === "float64" || dtype === "float32";
}

/** The dtype that holds the values of both: torch's `torch.promote_types`. */
export function promoteTypes(a: DType, b: DType): DType {
  return a === b || INFO[a].order > INFO[b].order ? a : b;
}

/** One operand as promotion sees it. */
export interface Operand {
  readonly dtype: DType;
  readonly ndim: number;
  /** A number from the code rather than a tensor: it decides the category only where no tensor reaches it. */
  readonly wrappedNumber: boolean;
}

/**
 * The dtype of an elementwise result: torch's `torch.result_type`. Tensors with dimensions decide; a 0-d
 * tensor, and last a plain number, only lift the result to its own category.
 */
export function resultType(operands: readonly Operand[]): DType {
  const best: (DType | null)[] = [null, null, null];
  for (const { dtype, ndim, wrappedNumber } of operands) {
    const priority = wrappedNumber ? 2 : ndim === 0 ? 1 : 0;
    const seen = best[priority] ?? null;
    best[priority] = seen === null ? dtype : promoteTypes(seen, dtype);
  }
  let result: DType | null = null;
  for (const candidate of best) {
    if (candidate === null) continue;
    if (result === null) result = candidate;
    else if (INFO[candidate].category > INFO[result].category) result = candidate;
  }
  return result ?? DEFAULT_DTYPE;
}

/** The dtype of a function whose values are not integers (exp, division …) at an argument of this dtype. */
export function toFloating(dtype: DType): DType {
  return isFloatingPoint(dtype) ? dtype : DEFAULT_DTYPE;
}
