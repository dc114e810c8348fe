/** @file Where elements live: a typed array with a version, shared by a tensor and its views. */

import { type DType, type NumericArray, newArray } from "./dtype.ts";

/**
 * Elements of one tensor and of all its views. The array may hold other storages' elements too (see
 * {@link allocate}), so a tensor always reads it from its own offset.
 */
export class Storage {
  readonly data: NumericArray;
  /** Rises with every in-place change, so that a saved tensor can be known to be stale. */
  version = 0;

  constructor(data: NumericArray) {
    this.data = data;
  }
}

/** In the place of elements that are no longer what they were: reading them throws. */
export class TornStorage extends Storage {
  constructor(why: () => Error) {
    super(NOTHING);
    Object.defineProperty(this, "data", {
      get() {
        throw why();
      },
    });
  }
}

const NOTHING = new Float64Array(0);

/**
 * Making a typed array costs V8 as much as computing hundreds of elements, so small float64 tensors
 * are cut from a common slab. A slab is freed when the last tensor cut from it is.
 */
const SLAB_LENGTH = 4096;
const LARGEST_CUT = 256;

let slab = new Float64Array(SLAB_LENGTH);
let used = 0;

/** From so many elements on, room is asked for. */
const LARGE = 1 << 17;

let keepRoom: ((bytes: number) => void) | null = null;

/**
 * Has `keeper` called before elements for a large tensor are made, with their bytes; it throws where there is no room for
 * them. Where memory is limited from outside, this ends a computation before its process is ended.
 */
export function setRoomKeeper(keeper: ((bytes: number) => void) | null): void {
  keepRoom = keeper;
}

/** Offset at which the array that {@link allocate} returned last begins: a second result without an object. */
export let allocatedOffset = 0;

/** Zeroed room for `length` elements. Read {@link allocatedOffset} before the next call. */
export function allocate(dtype: DType, length: number): NumericArray {
  if (!(length >= 0)) throw new RangeError(`A tensor has 0 or more elements, got ${length}.`);
  if (length > LARGEST_CUT || (dtype !== "float64" && dtype !== "int64")) {
    if (keepRoom !== null && length >= LARGE) keepRoom(8 * length);
    allocatedOffset = 0;
    return newArray(dtype, length);
  }
  if (used + length > SLAB_LENGTH) {
    slab = new Float64Array(SLAB_LENGTH);
    used = 0;
  }
  allocatedOffset = used;
  used += length;
  return slab;
}
