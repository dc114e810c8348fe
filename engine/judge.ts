/**
 * @file The entry for the lens alone: the judge, and what it needs of the engine besides the public names.
 */

import { setDetectAnomaly } from "./autograd/anomaly.ts";
import { setGradEnabled } from "./autograd/mode.ts";
import { manualSeed } from "./tensor/random.ts";
import { dropSpare } from "./tensor/storage.ts";

export { applyFunction } from "./autograd/function.ts";
export { returnedList } from "./autograd/function-node.ts";
export { allFinite } from "./gradcheck/flat.ts";
export { type Glance, glanceAt } from "./gradcheck/glance.ts";
export { isSteady } from "./gradcheck/jitter.ts";
export { judge } from "./gradcheck/judge.ts";
export { type Oracle, oracleAt } from "./gradcheck/oracle.ts";
export { outcomesAt } from "./gradcheck/outcomes.ts";
export type { ArgumentReport, Coverage, Hint, JudgedFunction, Mismatch, Ruling } from "./gradcheck/ruling.ts";
export { Screen, type Sifted } from "./gradcheck/screen.ts";
export type { Gradients } from "./gradcheck/subject.ts";
export { FAILED, HELD, type Outcomes } from "./tensor/comparisons.ts";
export { toFlatArray } from "./tensor/creation.ts";
export { Generator } from "./tensor/random.ts";
export { formatShape, type Shape } from "./tensor/shape.ts";
export { setRoomKeeper } from "./tensor/storage.ts";
export { bareOf } from "./tensor/tensor.ts";

/** Sets back what one check could leave behind for the next: modes, the random numbers, and arrays for new tensors. */
export function resetState(seed: number): void {
  setGradEnabled(true);
  setDetectAnomaly(false);
  dropSpare();
  manualSeed(seed);
}
