/**
 * @file An attack as a check meets it: the text is a package that a Function's module imports. A package is not sliced, so
 * all of the attack runs, at the top level, in `forward`, in `backward`, and in what the check hands back.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The Function that every check of the harness ends with; it is right. */
const SINE = `
const { Function } = require("@gradient-lens/engine");
class Sine extends Function {
  static forward(ctx, x) { ctx.saveForBackward(x); return x.sin(); }
  static backward(ctx, g) { return g.mul(ctx.savedTensors[0].cos()); }
}
`;

/** A file to check, and how the class is reached from it. */
export interface Target {
  file: string;
  text: string;
  path: string[];
}

/** @param mark What the lines start with that tell what the attack handed back; the attack does not know it. */
export function attackedTarget(workspace: string, name: string, text: string, mark: string): Target {
  const folder = join(workspace, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.js"), text);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
  const entry = `${SINE}
const attack = require("${name}");
/** Not by a getter, nor from a prototype: those are the attack's. */
const own = key => Object.getOwnPropertyDescriptor(attack, key)?.value;
function handedBack() {
  Promise.resolve(own("result")).then(
    value => console.log("${mark}", value),
    reason => console.log("${mark} rejected with", reason),
  );
  const fn = own("fn") ?? Sine;
  const inputs = own("inputs");
  if (inputs !== undefined) Object.defineProperty(fn, "sampleInputs", { value: () => inputs });
  return fn;
}
exports.Attacked = handedBack();
`;
  return target(workspace, `${name}.cjs`, entry, ["exports", "Attacked"]);
}

/**
 * The check after it: throws, and so is not judged, unless it finds everything as it should be, and prints a list of all
 * that can be reached by name, to be held against what was there before any attack.
 */
export function sentinelTarget(workspace: string): Target {
  const entry = `${SINE}
const complaints = [];
const must = (name, holds) => { if (!holds) complaints.push(name); };
must("Object.prototype", Object.keys({}).length === 0 && ({}).polluted === undefined && ({}).evil === undefined);
must("Math", Math.sin(0) === 0 && Math.max(1, 2) === 2 && Math.PI > 3.14 && Math.evil === undefined);
must("JSON", JSON.stringify({ a: [1, "b"] }) === '{"a":[1,"b"]}' && JSON.parse("[1]")[0] === 1);
must("arrays", [1, 2].map(x => x + 1).join() === "2,3" && [..."ab"].length === 2 && [3, 1].sort()[0] === 1);
must("regular expressions", /(b)/.exec("abc")[1] === "b" && !String(RegExp.$1));
must("errors", new TypeError("x").message === "x" && String(new Error("y")) === "Error: y");
must("typed arrays", Float64Array.from([1, 2]).reduce((a, b) => a + b) === 3);
must("the engine", engine.tensor([1, 2]).mul(2).tolist().join() === "2,4" && engine.isGradEnabled());
must("the engine's derivatives", (() => {
  const x = engine.tensor([3]).requiresGrad_();
  x.mul(x).sum().backward();
  return x.grad.tolist()[0] === 6;
})());
const names = [];
const seen = new Set();
const look = (object, depth) => {
  if (object === null || (typeof object !== "object" && typeof object !== "function") || seen.has(object)) return;
  seen.add(object);
  if (!Object.isFrozen(object) && !ArrayBuffer.isView(object)) names.push("not frozen");
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(object, key);
    names.push(String(key));
    if (typeof value !== "object" && typeof value !== "function") names.push(String(value));
    for (const part of [value, get, set]) look(part);
  }
  look(Object.getPrototypeOf(object));
};
look(globalThis);
if (complaints.length > 0) throw new Error("not as it should be: " + complaints.join(", "));
console.log(Math.random(), engine.rand([2]).tolist().join());
const text = names.join();
let hash = 0;
for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
console.log(seen.size, names.length, hash);
exports.Sentinel = Sine;
`;
  return target(workspace, "sentinel.cjs", entry, ["exports", "Sentinel"]);
}

function target(workspace: string, name: string, text: string, path: string[]): Target {
  return { file: join(workspace, name), text, path };
}
