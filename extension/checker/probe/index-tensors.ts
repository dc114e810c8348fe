/** @file Tensors that are no floating-point numbers: indices and lengths (int64), masks (bool). */

import { tensor } from "@gradient-lens/engine";
import { count, type Domain } from "./domains.ts";

/** What the elements of such a tensor stand for. */
export type Discrete = "indices" | "lengths" | "mask";

/** @param bound Indices are below it, lengths at most it. @param boundName The bound, for people: "m". */
export function discrete(kind: Discrete, bound: number, boundName = `${bound}`): Domain {
  switch (kind) {
    case "indices":
      return { name: `indices below ${boundName}`, sample: integers(0, bound) };
    case "lengths":
      return { name: `lengths from 1 to ${boundName}`, sample: integers(1, bound) };
    case "mask":
      return {
        name: "a mask",
        sample: (shape, uniform) =>
          tensor(atLeastOne(Array.from({ length: count(shape) }, () => uniform() < 0.5)), {
            dtype: "bool",
          }).reshape([...shape]),
      };
  }
}

/** Duplicates among them wherever there are three or more: a backward that overwrites instead of adding is seen. */
function integers(lowest: number, howMany: number): Domain["sample"] {
  return (shape, uniform) => {
    const values = Array.from(
      { length: count(shape) },
      () => lowest + Math.min(howMany - 1, Math.floor(uniform() * howMany)),
    );
    // The highest is among them, so that a bound which is too high is noticed.
    values[0] = lowest + howMany - 1;
    if (values.length > 2) values[2] = values[1]!;
    return tensor(values, { dtype: "int64" }).reshape([...shape]);
  };
}

/** A mask that lets nothing pass, or everything, tests little. */
function atLeastOne(mask: boolean[]): boolean[] {
  if (mask.length > 1) {
    mask[0] = true;
    mask[mask.length - 1] = false;
  }
  return mask;
}
