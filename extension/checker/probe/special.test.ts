import { type Context, Function, isTensor, linalg, type Tensor } from "@gradient-lens/engine";
import { Generator } from "@gradient-lens/engine/judge";
import { expect, test } from "vitest";
import { GENERIC } from "./domains.ts";
import type { Sample } from "./sample.ts";
import { search } from "./search.ts";
import { special } from "./special.ts";

const random = new Generator(1);
const uniform = () => random.uniform("float64");

function variants(forward: (ctx: Context, ...args: Tensor[]) => Tensor, names: string[]) {
  class Probed extends Function {
    static forward = forward;
    static backward = () => null;
  }
  const parameters = names.map(name => ({
    name,
    type: null,
    optional: false,
    initializer: null,
    rest: false,
  }));
  const [sample] = search(Probed, parameters, uniform).samples;
  const list = [...special(Probed, sample!, names, uniform)];
  return { definition: Probed, byName: new Map(list.map(({ name, args }) => [name, args as Tensor[]])) };
}

const close = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item() < 1e-12;

test("structured matrices, unit norms, one letter of size 1 at a time", () => {
  const { byName } = variants((_, x, A) => x!.mm(A!).add(linalg.det(A!)), ["x", "A"]);
  const A = (name: string) => byName.get(`${name} A`)![1]!;
  expect(close(A("symmetric"), A("symmetric").mT)).toBe(true);
  expect(close(A("orthonormal").mT.mm(A("orthonormal")), A("identity"))).toBe(true);
  expect(A("positive").gt(0).all().item()).toBe(1);
  expect(byName.get("row-wise unit-norm x")![0]!.pow(2).sum(-1).sub(1).abs().max().item()).toBeLessThan(
    1e-12,
  );
  expect(byName.get("size 1 for n")!.map(({ shape }) => shape)).toEqual([
    [1, 4],
    [4, 4],
  ]);
  expect(byName.get("size 1 for m")!.map(({ shape }) => shape)).toEqual([
    [3, 1],
    [1, 1],
  ]);
  // Not a square matrix: x cannot be symmetric.
  expect(byName.has("symmetric x")).toBe(false);
});

test("equal tensors and indices without duplicates", () => {
  const [a, b] = variants((_, x, y) => x!.mul(y!), ["x", "y"]).byName.get("x equal to y")!;
  expect(a!.tolist()).toEqual(b!.tolist());
  const select = variants((_, w, index) => w!.indexSelect(1, index!), ["w", "index"]);
  const distinct = select.byName.get("duplicate-free index");
  if (distinct !== undefined) {
    const list = distinct[1]!.tolist() as number[];
    expect(new Set(list).size).toBe(list.length);
  }
  expect(select.byName.get("size 1 for n")?.[0]?.shape[0]).toBe(1);
});

test("only what forward accepts, and none is made before it is asked for", () => {
  let calls = 0;
  class Log extends Function {
    static forward(_ctx: Context, x: Tensor) {
      calls++;
      if (x.le(0).any().item() === 1) throw new RangeError("x must be positive");
      return x.log();
    }
    static backward = () => null;
  }
  const [sample] = search(
    Log,
    [{ name: "x", type: "Tensor", optional: false, initializer: null, rest: false }],
    uniform,
  ).samples;
  const before = calls;
  const lazy = special(Log, sample!, ["x"], uniform);
  expect(calls).toBe(before);
  const { value } = lazy.next();
  expect(value?.args.every(isTensor)).toBe(true);
  expect(calls).toBe(before + 1);
  for (const { args } of lazy) expect((args[0] as Tensor).gt(0).all().item()).toBe(1);
});

test("of given arguments, the tensors among them", () => {
  class Scaled extends Function {
    static forward = (_ctx: Context, A: Tensor, by: number) => A.mul(by);
    static backward = () => null;
  }
  const A = GENERIC.sample([3, 3], uniform)!;
  const given: Sample = { args: [A, 2], pattern: null, domain: GENERIC };
  const names = [...special(Scaled, given, ["A", "by"], uniform)].map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["symmetric A", "identity A", "all-ones A"]));
  expect(names.every(name => name.endsWith(" A"))).toBe(true);
});
