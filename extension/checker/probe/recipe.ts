/** @file How one argument of `forward` is made: which parts of it are tensors, and what the rest is. */

import type { Tensor } from "@gradient-lens/engine";
import type { Discrete } from "./index-tensors.ts";

export type Shapes = readonly (readonly number[])[];

export type Recipe =
  | TensorRecipe
  /** One value, the same at every draw. */
  | { readonly kind: "value"; readonly value: unknown }
  /** A value that follows from the tensors' shapes, as a target shape does. */
  | { readonly kind: "sized"; readonly of: (shapes: Shapes) => unknown }
  | { readonly kind: "list"; readonly entries: readonly Recipe[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Recipe])[] }
  /** A rest parameter: as many arguments as there are entries. */
  | { readonly kind: "spread"; readonly entries: readonly Recipe[] };

export interface TensorRecipe {
  readonly kind: "tensor";
  readonly rank: number;
  /** Null for floating-point numbers, whose domain is to be found. */
  readonly discrete: Discrete | null;
}

/** A tensor among the arguments, wherever in them it is. */
export interface Slot {
  /** Position among forward's arguments. */
  readonly argument: number;
  /** Where in the argument: "", "[0]", ".weight". */
  readonly path: string;
  readonly recipe: TensorRecipe;
}

/** The tensors of a list of arguments, in order. */
export function slotsOf(recipes: readonly Recipe[]): Slot[] {
  const slots: Slot[] = [];
  let argument = 0;
  const visit = (recipe: Recipe, path: string): void => {
    if (recipe.kind === "tensor") slots.push({ argument, path, recipe });
    else if (recipe.kind === "list")
      for (const [i, entry] of recipe.entries.entries()) visit(entry, `${path}[${i}]`);
    else if (recipe.kind === "object")
      for (const [key, entry] of recipe.entries) visit(entry, `${path}.${key}`);
  };
  for (const recipe of recipes) {
    for (const entry of recipe.kind === "spread" ? recipe.entries : [recipe]) {
      visit(entry, "");
      argument++;
    }
  }
  return slots;
}

/** @param tensors One for each slot. */
export function argumentsOf(
  recipes: readonly Recipe[],
  tensors: readonly Tensor[],
  shapes: Shapes,
): unknown[] {
  let slot = 0;
  const build = (recipe: Recipe): unknown => {
    switch (recipe.kind) {
      case "tensor":
        return tensors[slot++]!;
      case "value":
        return Array.isArray(recipe.value) ? recipe.value.slice() : recipe.value;
      case "sized":
        return recipe.of(shapes);
      case "object":
        return Object.fromEntries(recipe.entries.map(([key, entry]) => [key, build(entry)]));
      default:
        return recipe.entries.map(build);
    }
  };
  const args: unknown[] = [];
  for (const recipe of recipes) {
    if (recipe.kind === "spread") args.push(...recipe.entries.map(build));
    else args.push(build(recipe));
  }
  return args;
}
