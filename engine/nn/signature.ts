/** @file How activations are called: settings in torch's order or by name, and the result in place of the input if wanted. */

import { assign } from "../autograd/inplace.ts";
import { checked } from "../ops/elementwise.ts";
import { keywords } from "../tensor/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** An activation whose settings come in torch's order, or by name. */
export interface Activation<Settings extends unknown[], Options> {
  (input: Tensor, ...settings: Settings): Tensor;
  (input: Tensor, options: Options): Tensor;
}

/** One without settings, except that the result may take the input's place. */
export type PlainActivation = Activation<[inplace?: boolean], { inplace?: boolean }>;

/**
 * What people call: with torch's names, and `inplace`, which is last in all of them.
 * @param f gets the settings, undefined where none was given
 */
export function activation<Settings extends unknown[], Options>(
  name: string,
  settings: readonly string[],
  f: (input: Tensor, ...settings: Settings) => Tensor,
): Activation<Settings, Options> {
  return keywords(name, ["input", ...settings, "inplace"], (input: Tensor, ...given: unknown[]) => {
    const value = f(checked(name, input, true), ...(given.slice(0, settings.length) as Settings));
    return given[settings.length] === true ? assign(`${name}_`, input, value) : value;
  });
}

/** The variant under torch's name with an underscore, which overwrites its input. */
export function overwriting<Settings extends unknown[], Options>(
  name: string,
  f: Activation<Settings, Options>,
): Activation<Settings, Options> {
  return (input: Tensor, ...given: unknown[]) =>
    assign(`${name}_`, input, (f as (input: Tensor, ...given: unknown[]) => Tensor)(input, ...given));
}
