/** @file Where elements live: a typed array with a version, shared by a tensor and its views. */

import { type DType, type NumericArray, newArray } from "./dtype.ts";

/**
 * Elements of one tensor and of all its views. The array may hold other storages' elements too (see
 * {@link allocate}), so a tensor always reads it from its own offset.
 */
export class Storage {
  data: NumericArray;
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

/** What Node has for memory that it does not fill with zeros. */
interface NodeBuffer {
  allocUnsafeSlow(bytes: number): { readonly buffer: ArrayBuffer };
}

/** From so many elements on, zeros cost more than the call: the system first gives out each page when it is written to. */
const DEAR_ZEROS = 1 << 13;

const { Buffer } = globalThis as { Buffer?: NodeBuffer };

/** As {@link allocate}, for a result of which every element is about to be written: what is in it until then is anything. */
export function allocateUnset(dtype: DType, length: number): NumericArray {
  if (dtype !== "float64" || length < DEAR_ZEROS) return allocate(dtype, length);
  const taken = takeSpare(length);
  if (taken !== null) {
    allocatedOffset = 0;
    return taken;
  }
  if (Buffer === undefined) return allocate(dtype, length);
  if (keepRoom !== null && length >= LARGE) keepRoom(8 * length);
  allocatedOffset = 0;
  return new Float64Array(Buffer.allocUnsafeSlow(8 * length).buffer);
}

/** Arrays that nobody has any more, at most so many: collecting garbage of this size costs more than computing it. */
const MOST_SPARE = 8;
const spare: Float64Array[] = [];

/** Gives a whole array back, of which no storage is left. */
export function giveBack(data: NumericArray): void {
  if (!(data instanceof Float64Array) || data.length < DEAR_ZEROS || spare.includes(data)) return;
  if (spare.length === MOST_SPARE) spare.shift();
  spare.push(data);
}

/** Forgets what was given back: nobody gets it any more. */
export function dropSpare(): void {
  spare.length = 0;
}

function takeSpare(length: number): Float64Array | null {
  const at = spare.findIndex(data => data.length === length);
  return at < 0 ? null : spare.splice(at, 1)[0]!;
}

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
