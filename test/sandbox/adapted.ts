/**
 * @file Attacks written for another engine, in this one's names. Without it they would end at the first name that is not
 * there, and prove nothing.
 */

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.toArray\(\)/g, ".tolist()"],
  [/\bt\.at\((\d)\)/g, "t.tolist()[$1]"],
  [/\bT\.isTensor\(/g, "engine.isTensor("],
  [/\bt\.size\b/g, "t.numel()"],
  [/engine\.tensor\(x\)\.size/g, "engine.tensor(x).numel()"],
  [/engine\.constants\.ln2 = /g, "engine.linalg.inv = "],
  [/engine\.constants\.ln2 === Math\.LN2/g, 'typeof engine.linalg.inv === "function"'],
  [/x\.map\(v => Math\.tanh\(v\)\)/g, "x.tanh()"],
  [
    /g\.zip\(c\.savedTensors\[0\], \(d, v\) => d \* \(1 - Math\.tanh\(v\) \*\* 2\)\)/g,
    "g.mul(c.savedTensors[0].tanh().square().neg().add(1))",
  ],
];

export function adapted(text: string): string {
  return NAMES.reduce((adapting, [name, ours]) => adapting.replace(name, ours), text);
}
