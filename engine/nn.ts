/** @file `nn`: torch's torch.nn, of which the functions are here. */

export * as functional from "./nn/functional.ts";
