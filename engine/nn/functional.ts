/** @file `nn.functional`: torch's torch.nn.functional, under its names in camelCase. */

export * from "./activation.ts";
export * from "./rectifier.ts";
