/**
 * @file The engine's classes, exported or not. A check gets hold of the hidden ones by their instances (`x.gradFn`, the
 * `ctx` of a Function), and could change them for the judge and for every later check. scripts/sandbox-bundle.ts lets
 * each module of the engine put its own here.
 */

export const engineClasses: object[] = [];
