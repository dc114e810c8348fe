/** @file How tests say what a tensor holds. */

import { type Tensor, tensor } from "@gradient-lens/engine";

/** The elements in brackets, as people write them. */
export const shown = (x: Tensor): string => JSON.stringify(x.tolist());

export const allShown = (xs: readonly Tensor[]): string => xs.map(shown).join(" ");

export const shapes = (xs: readonly Tensor[]): string => xs.map(x => JSON.stringify(x.shape)).join(" ");

export const int = (values: number | number[]): Tensor => tensor(values, { dtype: "int64" });

/** Whether what is written to `view` is seen in `x`. */
export function shares(view: Tensor, x: Tensor): boolean {
  view.fill_(-99);
  return shown(x).includes("-99");
}
