/** @file Texts such as people write, and the words that mean something in them: what mutations of source start from. */

export const FILE = "/fuzz/rule.ts";
export const OTHER = "/fuzz/other.ts";

export const MODULES: readonly string[] = [
  `import { einsum, type Tensor } from "@gradient-lens/engine";
import { form } from "./other.ts";
export function loss(x: Tensor, A: Tensor) {
  let scores = x.matmul(A);
  scores = scores.matmul(x.t());
  const q = x.matmul(A), k = (x as Tensor).mT;
  return [scores.sum(0).mean(), q.matmul(k!)
    .sum(), einsum("ni,mi->", [x, x]), form(x, A).sum()];
}
export const model = { weight: 1, loss(batch: { x: Tensor }) { return batch.x.mm(this.weight).mm(batch["x"].T).mean(); } };
`,
  `import { Function, type Context, type Tensor } from "@gradient-lens/engine";
import { scale, Base } from "./other.ts";
export class Square extends Function {
  static override forward(ctx: Context, x: Tensor, { eps = 1e-3 }: { eps?: number } = {}) {
    ctx.saveForBackward(x);
    return x.mul(x).mul(scale);
  }
  static backward(ctx: Context, g: Tensor) { const [x] = ctx.savedTensors; return [g.mul(x!).mul(2 * scale), null]; }
}
export default class extends Base { static sampleInputs() { return [1]; } }
main();
`,
  `import * as engine from "@gradient-lens/engine";
namespace Ops { export const Relu = class extends engine.Function { static forward(c, x) { return x.relu(); } static backward = (c, g) => g; }; }
export const ops = { Relu: Ops.Relu, get late() { return Ops.Relu; }, ["k" + 1]: 2 };
export * from "./other.ts"; export { ops as "a b" };
label: for (const x of [1]) { if (x) break label; }
`,
  `const { Function: Fn, tensor } = require("@gradient-lens/engine");
const other = require("./other.ts");
class Sine extends Fn { static forward(ctx, ...xs) { return xs[0].sin(); } static backward(ctx, g) { return g; } }
module.exports = { Sine }; exports.Twice = class Twice extends Sine {}; module.exports.other = other;
`,
  `import { AutogradFunction as F } from "@gradient-lens/engine";
function Mixin<T extends new (...a: any[]) => F>(base: T) { return class extends base {}; }
abstract class Shared extends F { static backward(_: unknown, g: any) { return g satisfies any as any; } }
export class Leaf extends Shared { static forward = (ctx: any, a: \`x\${string}\`, b = /[/]/u) => a!; static { void 0; } }
enum E { A = 1 } declare module "x" { class Y extends F {} }
`,
  `export const scale = 2; import { Function } from "@gradient-lens/engine"; import "./rule.ts";
export class Base extends Function { static forward(c: any, x: any) { return x; } static backward(c: any, g: any) { return g; } }
export let counter = 0; counter += scale; export type T = typeof counter; export { Base as Other };
`,
];

export const WORDS: readonly string[] =
  `{ } ( ) [ ] ; , . ... => = == ? ?. : < > </ /> * ** \` \${ " ' \\ / // /* */ # #! @ ! & | ~ \\u{110000} \\u0041 0x 1e999
  1n import export default from as class extends static super this new function async await yield return const let var
  enum namespace module declare abstract override satisfies type interface require( exports. module.exports import( import.meta
  using for while label: break continue switch case try catch finally with eval arguments Function engine forward backward
  "@gradient-lens/engine" "./other.ts" "./rule.ts" "node:fs" "no-such-package" "./missing.ts"`
    .split(/\s+/)
    .concat(
      "\n",
      "\r\n",
      "\t",
      "\0",
      "\u2028",
      "\ufeff",
      "\u202e",
      "\ud83d\ude00",
      "export * from './other.ts';\n",
    );
