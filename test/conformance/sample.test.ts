/** @file The tester tested: right rules pass, and each wrong that is planted is found, where it is and nowhere else. */

import { type Context, Function, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import type { Callee } from "./call.ts";
import type { Inputs } from "./inputs.ts";
import { runSample } from "./sample.ts";
import type { ReferenceTensor, Sample } from "./vectors.ts";

const TOLERANCE = { rtol: 1e-9, atol: 1e-10 };
const vector = (...data: ReferenceTensor["data"]): ReferenceTensor => ({ shape: [data.length], data });
const leaf = (...data: number[]): ReferenceTensor => ({
  ...vector(...data),
  dtype: "float64",
  requires_grad: true,
});

/** x³ at (1, 2, −3): g · 3x², 3x² · t and 6x · g · t, worked out by hand. */
const CUBE: Sample = {
  i: 0,
  src: "sample",
  args: [leaf(1, 2, -3)],
  out: [vector(1, 8, -27)],
  single: true,
  wrt: ["args.0"],
  grad_out: [vector(1, 0.5, -1)],
  grads: [vector(3, 6, -27)],
  tangents: [vector(0.5, 1, -0.25)],
  jvp: [vector(1.5, 12, -6.75)],
  hvp: [vector(3, 6, -4.5)],
};

interface Rules {
  forward(x: Tensor): Tensor;
  backward(x: Tensor, g: Tensor): Tensor | null;
  jvp(x: Tensor, t: Tensor): Tensor;
}

const RIGHT: Rules = {
  forward: x => x.pow(3),
  backward: (x, g) => g.mul(x.square().mul(3)),
  jvp: (x, t) => t.mul(x.square().mul(3)),
};

function cube(wrong: Partial<Rules>): Callee {
  const rules = { ...RIGHT, ...wrong };
  class Cube extends Function {
    static forward(ctx: Context, x: Tensor): Tensor {
      ctx.saveForBackward(x);
      return rules.forward(x);
    }
    static backward(ctx: Context, g: Tensor): Tensor | null {
      return rules.backward(ctx.savedTensors[0], g);
    }
    static jvp(ctx: Context, t: Tensor): Tensor {
      return rules.jvp(ctx.savedTensors[0], t);
    }
  }
  return ({ args }) => Cube.apply(args[0] as Tensor);
}

/** What is wrong, without why: "grads[0] (of args.0)". */
function wrongs(sample: Sample, callee: Callee): string[] {
  return runSample(sample, callee, TOLERANCE).failures.map(failure => failure.slice(0, failure.indexOf(":")));
}

const first = ({ args }: Inputs): Tensor => args[0] as Tensor;

describe("x³", () => {
  test("right rules pass", () => {
    expect(runSample(CUBE, cube({}), TOLERANCE).failures).toEqual([]);
    const composed = runSample(
      CUBE,
      inputs => first(inputs).mul(first(inputs)).mul(first(inputs)),
      TOLERANCE,
    );
    expect(composed.failures).toEqual([]);
    expect(composed.worst).toBeLessThan(1e-4);
  });

  test.each<[string, Partial<Rules>, string[]]>([
    ["a wrong output", { forward: x => x.pow(3).add(1e-7) }, ["out[0]"]],
    ["a wrong gradient", { backward: (x, g) => RIGHT.backward(x, g)!.add(1e-7) }, ["grads[0] (of args.0)"]],
    [
      "a wrong factor in the gradient",
      { backward: (x, g) => g.mul(x.square().mul(3.0001)) },
      ["grads[0] (of args.0)", "hvp[0] (of args.0)"],
    ],
    ["a wrong jvp", { jvp: (x, t) => RIGHT.jvp(x, t).mul(1.0001) }, ["jvp[0]"]],
    [
      "a backward that cannot be differentiated",
      { backward: (x, g) => RIGHT.backward(x.detach(), g) },
      ["hvp[0] (of args.0)"],
    ],
    [
      "a backward whose derivative is wrong",
      { backward: (x, g) => g.mul(x.detach().square().add(x.mul(x.detach()).mul(2))) },
      ["hvp[0] (of args.0)"],
    ],
    ["no gradient", { backward: () => null }, ["grads[0] (of args.0)", "hvp[0] (of args.0)"]],
  ])("%s is found", (_, wrong, expected) => {
    expect(wrongs(CUBE, cube(wrong))).toEqual(expected);
  });

  test("what throws is reported where it throws", () => {
    const fail = (): never => {
      throw new RangeError("planted");
    };
    expect(runSample(CUBE, fail, TOLERANCE).failures).toEqual(["call: threw RangeError: planted"]);
    expect(runSample(CUBE, cube({ backward: fail }), TOLERANCE).failures).toEqual([
      "grads: threw RangeError: planted",
    ]);
    expect(runSample(CUBE, cube({ jvp: fail }), TOLERANCE).failures).toEqual([
      "jvp: threw RangeError: planted",
    ]);
  });

  test("one tensor is not a list of one", () => {
    expect(wrongs(CUBE, inputs => [first(inputs).pow(3)])).toEqual(["call"]);
    expect(wrongs({ ...CUBE, single: undefined }, cube({}))).toEqual(["call"]);
    expect(wrongs({ ...CUBE, single: undefined }, inputs => [first(inputs).pow(3)])).toEqual([]);
  });

  test("errors count in units of the tolerance; a sample's own overrides the op's", () => {
    const rough = cube({ forward: x => x.pow(3).mul(1 + 1e-7) });
    expect(runSample(CUBE, rough, TOLERANCE).worst).toBeGreaterThan(90);
    expect(wrongs({ ...CUBE, rtol: 1e-6 }, rough)).toEqual([]);
    expect(wrongs({ ...CUBE, atol: 1e-5 }, rough)).toEqual([]);
    expect(runSample({ ...CUBE, atol: 1e-5 }, rough, TOLERANCE).worst).toBeCloseTo(0.27, 2);
  });
});

describe("several inputs and outputs", () => {
  /** x · y and the place of the larger, in a named result; y has no gradient asked for. */
  const PRODUCT: Sample = {
    i: 0,
    src: "sample",
    args: [leaf(2, 3)],
    kwargs: { other_factor: vector(5, 7) },
    out: [vector(10, 21), { shape: [2], data: [1, 1], dtype: "int64" }],
    wrt: ["args.0"],
    grad_out: [vector(1, -1), null],
    grads: [vector(5, -7)],
    tangents: [vector(1, 1)],
    jvp: [vector(5, 7), null],
    hvp: [null],
  };
  const product = ({ args, kwargs }: Inputs): { values: Tensor; indices: Tensor } => ({
    values: (args[0] as Tensor).mul(kwargs.other_factor as Tensor),
    indices: tensor([1, 1], { dtype: "int64" }),
  });

  test("named results are taken in order", () => {
    expect(wrongs(PRODUCT, product)).toEqual([]);
    expect(wrongs(PRODUCT, inputs => [product(inputs).values])).toEqual(["out"]);
    const swapped = (inputs: Inputs): Tensor[] => [product(inputs).indices, product(inputs).values];
    expect(wrongs(PRODUCT, swapped)).toContain("out[0]");
  });

  test("an integer that is off by one is wrong", () => {
    const off = (inputs: Inputs): Tensor[] => [product(inputs).values, tensor([1, 2], { dtype: "int64" })];
    expect(wrongs({ ...PRODUCT, rtol: 10, atol: 10 }, off)).toEqual(["out[1]"]);
  });

  test("where PyTorch has no derivative, none and zeros are the same, anything else is wrong", () => {
    const quadratic = (inputs: Inputs): unknown => {
      const { values, indices } = product(inputs);
      const x = first(inputs);
      return { values: values.add(x.sub(x.detach()).square()), indices };
    };
    expect(wrongs(PRODUCT, quadratic)).toEqual(["hvp[0] (of args.0)"]);
    const zeros = (inputs: Inputs): unknown => {
      const { values, indices } = product(inputs);
      return { values: values.add(first(inputs).square().mul(0)), indices };
    };
    expect(wrongs(PRODUCT, zeros)).toEqual([]);
    const unused: Sample = { ...PRODUCT, grads: [null], jvp: [null, null] };
    expect(wrongs(unused, product)).toEqual(["grads[0] (of args.0)", "jvp[0]"]);
    expect(
      wrongs(unused, ({ args, kwargs }) => product({ args: [(args[0] as Tensor).detach()], kwargs })),
    ).toEqual([]);
  });

  test("what a call changes in place is compared, and NaN with it", () => {
    const changing = (value: number): Callee => {
      return ({ args, kwargs }) => {
        const { values, indices } = product({
          args,
          kwargs: { other_factor: (kwargs.other_factor as Tensor).clone() },
        });
        (kwargs.other_factor as Tensor).copy_(tensor([value, 1]));
        return { values, indices };
      };
    };
    const sample: Sample = { ...PRODUCT, after: { "kwargs.other_factor": vector("NaN", 1) } };
    expect(wrongs(sample, changing(Number.NaN))).toEqual([]);
    expect(wrongs(sample, changing(0))).toEqual(["kwargs.other_factor after the call"]);
  });

  test("a NaN in a gradient is wrong where there should be a number, and the other way round", () => {
    const masked = (inputs: Inputs): unknown => {
      const { values, indices } = product(inputs);
      return { values: values.add(first(inputs).sub(first(inputs).detach()).sqrt().mul(0)), indices };
    };
    const ordinary: Sample = { ...PRODUCT, jvp: undefined, hvp: undefined };
    expect(wrongs(ordinary, masked)).toEqual(["grads[0] (of args.0)"]);
    expect(wrongs({ ...ordinary, grads: [vector("NaN", "NaN")] }, masked)).toEqual([]);
    expect(wrongs({ ...ordinary, grads: [vector("NaN", "NaN")] }, product)).toEqual(["grads[0] (of args.0)"]);
  });
});
