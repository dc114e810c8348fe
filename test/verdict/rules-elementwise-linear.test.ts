/**
 * @file Proves the elementwise, linear, softmax and loss rules of the corpus correct without the judge: each backward
 * against finite differences of its forward, and each second derivative, which is exact, refused, or known to be wrong.
 */

import {
  autograd,
  Function,
  isTensor,
  manualSeed,
  randint,
  randn,
  type Tensor,
  tensor,
} from "@gradient-lens/engine";
import { describe, expect, it } from "vitest";
import * as activations from "./rules/activations.ts";
import * as classificationLosses from "./rules/classification-losses.ts";
import * as distances from "./rules/distances.ts";
import * as gated from "./rules/gated.ts";
import * as hyperbolic from "./rules/hyperbolic.ts";
import * as linear from "./rules/linear.ts";
import * as products from "./rules/products.ts";
import * as regressionLosses from "./rules/regression-losses.ts";
import * as sinkhorn from "./rules/sinkhorn.ts";
import * as softDtw from "./rules/soft-dtw.ts";
import * as softRank from "./rules/soft-rank.ts";
import * as softmax from "./rules/softmax.ts";
import * as sparseSoftmax from "./rules/sparse-softmax.ts";
import * as tutorials from "./rules/tutorials.ts";

interface Rule {
  readonly name: string;
  apply(...args: unknown[]): Tensor | readonly Tensor[];
}

const EXPORTED = [
  activations,
  classificationLosses,
  distances,
  gated,
  hyperbolic,
  linear,
  products,
  regressionLosses,
  sinkhorn,
  softDtw,
  softRank,
  softmax,
  sparseSoftmax,
  tutorials,
].flatMap(family =>
  Object.values(family as Record<string, unknown>).filter(
    (value): value is typeof Function => typeof value === "function" && value.prototype instanceof Function,
  ),
) as unknown as Rule[];

const positive = (...shape: number[]): Tensor => randn(shape).abs().add(0.3);
const classes = (count: number, n: number): Tensor => randint(0, count, [n]);
const anyShape = (): unknown[][] => [[randn(2, 3)], [randn(4)], [randn(2, 3, 2)], [randn([])]];

/** For every rule, lists of arguments that cover the ranks, broadcasts, and branches that its forward accepts. */
const INPUTS: Record<string, () => unknown[][]> = {
  Exp: anyShape,
  ReLU: anyShape,
  LegendrePolynomial3: anyShape,
  Square: anyShape,
  Cube: anyShape,
  Sinh: anyShape,
  MultiplyByConstant: () => [
    [randn(2, 3), -1.5],
    [randn([]), 0],
  ],

  Swish: anyShape,
  SwishBeta: () => [
    [randn(2, 3), randn(3)],
    [randn(3), randn(2, 3)],
    [randn(2, 1), randn([])],
  ],
  Mish: anyShape,
  HardSwish: () => [[randn(3, 5).mul(3)], [tensor([-4, -2.9, 0.1, 2.9, 5])]],
  SquaredReLU: anyShape,
  EluFromOutput: () => [[randn(2, 3)], [randn(2, 3), 0.5], [randn([]), 2]],
  ISRLU: () => [
    [randn(2, 3), 2],
    [randn(4), 0],
  ],
  SharedPReLU: () => [
    [randn(2, 3), randn(1)],
    [randn(5), randn([])],
    [randn(2, 3), randn(1, 1, 1)],
  ],
  Softplus: () => [[randn(2, 3)], [randn(3), { beta: 2 }], [randn([]), { beta: -0.5 }]],

  GELU: anyShape,
  GELUTanh: anyShape,
  BiasGELU: () => [
    [randn(2, 4, 3), randn(3)],
    [randn(3), randn(3)],
    [randn(2, 1), randn(2, 3)],
  ],
  SwiGLU: () => [[randn(3, 4)], [randn(2)], [randn(2, 3, 6)]],
  BiasSwiGLU: () => [
    [randn(3, 4), randn(4)],
    [randn(2), randn(3, 1)],
  ],
  SiLUMul: () => [
    [randn(2, 3), randn(2, 3)],
    [randn([]), randn([])],
  ],

  Arcosh: () => [[positive(2, 3).add(1)], [tensor(1.001)]],
  Artanh: () => [[randn(2, 3).tanh()], [tensor([-0.999, 0.01, 0.999])]],
  LogNormalCDF: () => [...anyShape(), [tensor([-40, -10, 5])]],
  SmoothMagnitude: () => [
    [randn(2, 3), randn(2, 3), 0.5],
    [randn(4), randn(4), 0],
    [randn([]), randn([]), -1],
  ],
  ModulusStable: () => [[randn(3, 2)], [randn(2)], [randn(2, 3, 2)]],
  LogCosh: () => [...anyShape(), [tensor([-400, 400])]],

  Linear: () => [
    [randn(4, 3), randn(2, 3), randn(2)],
    [randn(4, 3), randn(2, 3)],
    [randn(1, 3), randn(2, 3), null],
  ],
  LoRALinear: () => [[randn(4, 3), randn(5, 3), randn(2, 3), randn(5, 2), 0.5]],
  Bilinear: () => [[randn(2, 3), randn(4, 3, 5), randn(2, 5), randn(4)]],
  SwiGLUMLP: () => [[randn(3, 2), randn(4, 2), randn(4), randn(4, 2), randn(4), randn(5, 4), randn(5)]],
  Gemm: () => [
    [randn(2, 3), randn(3, 4), randn(4)],
    [randn(3, 2), randn(4, 3), randn(2, 1), { transA: true, transB: true, alpha: -0.5, beta: 3 }],
    [randn(2, 3), randn(4, 3), randn([]), { transB: true, beta: 0.5 }],
  ],

  BatchedProduct: () => [[randn(2, 3, 4), randn(2, 4, 5)]],
  MatrixVector: () => [[randn(2, 3), randn(3)]],
  Outer: () => [[randn(2), randn(3)]],
  QuadraticForm: () => [
    [randn(2, 3), randn(3, 3)],
    [randn(3), randn(3, 3)],
    [randn(2, 4, 3), randn(3, 3)],
  ],
  DiagonalOfBtAB: () => [[randn(3, 3), randn(3, 2)]],
  TraceOfProduct: () => [[randn(2, 3), randn(3, 2)]],
  Kronecker: () => [[randn(2, 3), randn(4, 2)]],
  CovariancePooling: () => [[randn(2, 3, 2, 3)]],
  Congruence: () => [
    [randn(3, 3), randn(2, 3)],
    [randn(4, 3, 3), randn(2, 3)],
  ],
  InverseQuadraticForm: () => [[randn(3, 3), randn(3)]],

  CosineSimilarity: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(2, 3, 4), randn(2, 3, 4), 1],
    [randn(3), randn(3), 0],
    [randn([]), randn([])],
  ],
  PairwiseSquaredDistance: () => [[randn(3, 2), randn(4, 2)]],
  RBFCovariance: () => [
    [randn(3, 2), randn(4, 2), positive(1, 1)],
    [randn(2, 3), randn(2, 3), tensor(-1.3)],
  ],
  MaternCovariance: () => [0.5, 1.5, 2.5].map(nu => [randn(3, 2), randn(4, 2), positive(2), nu]),

  Softmax: () => [
    [randn(2, 3), -1],
    [randn(2, 3), 0],
    [randn(2, 3, 4), 1],
    [randn([]), 0],
  ],
  LogSoftmax: () => [[randn(2, 3)], [randn(2, 3), 0], [randn(2, 3, 4), 1], [randn([])]],
  GumbelSoftmax: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(2, 3), randn(2, 3), 0.5, 0],
  ],
  MaskedSoftmax: () => [
    [randn(2, 3), tensor([false, true, false]), -1],
    [randn(2, 3), tensor([[false], [true]]), -1],
    [randn(3, 2, 4), randn(3, 2, 4).gt(0.5), 1],
  ],
  ScaledCausalSoftmax: () => [
    [randn(2, 3, 3), 0.7],
    [randn(1, 4, 4), -1],
  ],
  LogSumExp: () => [
    [randn(2, 3), 0],
    [randn(2, 3), -1, true],
    [randn(2, 3, 4), 1, false],
    [randn([]), 0],
  ],

  Sparsemax: () => [[randn(3, 5)], [randn(3, 5).mul(0.1), 0], [randn(2, 3, 4), 1], [randn(5).mul(4)]],
  Entmax15: () => [[randn(3, 5)], [randn(3, 5).mul(0.1), 0], [randn(2, 3, 4), 1], [randn(5).mul(4)]],
  EntmaxBisect: () => [
    [randn(3, 5), 1.5],
    [randn(3, 5), 2, 0],
    [randn(2, 3, 4).mul(0.3), 3, 1],
    [randn(4), 1.2],
  ],
  BudgetProjection: () => [
    [randn(6), 2],
    [tensor([0.3, 0.2, -0.4]), 2],
    [tensor([1.8, -0.5, 0.2, 0.9]), 1],
    [tensor([2.8, 1.9, 0.2, 1.7]), 2.5],
    [tensor([1.8, -0.5, 0.2]), 1],
    [randn(3), 3],
  ],
  LML: () => [
    [randn(5), 2],
    [randn(3, 4), 1],
    [randn(2, 3).mul(5), 0.5],
  ],

  CrossEntropy: () => [
    [randn(4, 3), classes(3, 4)],
    [randn(4, 3), classes(3, 4), "sum"],
    [randn(4, 3), classes(3, 4), "none"],
  ],
  LabelSmoothingLoss: () => [
    [randn(4, 3), classes(3, 4)],
    [randn(4, 3), tensor([0, 1, 2, 0], { dtype: "int64" }), 0.3, 0],
  ],
  SoftmaxFocalLoss: () => [
    [randn(4, 3), classes(3, 4)],
    ...[0, 0.5, 1].map(γ => [randn(4, 3), classes(3, 4), γ, 1]),
  ],
  BCEWithLogits: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(2, 3), randn(2, 3).sigmoid(), randn(3)],
    [randn(2, 3), randn(2, 3), randn([])],
  ],
  SquaredHinge: () => ["mean", "sum", "none"].map(reduction => [randn(2, 3), randn(2, 3), reduction]),
  KLDivergence: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(4), randn(4)],
  ],

  HuberLoss: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(4), randn(4), 0.3, "sum"],
    [randn([]), randn([]), 2, "none"],
  ],
  DiceLoss: () => [
    [randn(2, 3), randn(2, 3)],
    [randn(2, 3, 2), randn(2, 3, 2), 0],
  ],

  SoftDTW: () => [
    [positive(2, 3, 4), 1],
    [randn(1, 4, 2), 0.1],
  ],
  SinkhornPlan: () => [
    [randn(3, 4), positive(3), positive(4), 1],
    [randn(2, 2), positive(2), positive(2), 0.5],
  ],
  EntropicTransportCost: () => [[randn(3, 4)], [randn(2, 3), 0.5]],
  IsotonicL2: () => [[randn(7)], [tensor([3, 1, 2, 0.5])]],
  SoftRank: () => [[randn(5)], [randn(2, 4), 0.5], [randn(2, 2, 3).mul(0.1), 3]],
};

/** Their backward is declared onceDifferentiable. */
const ONCE = new Set([
  "SquaredReLU",
  "SiLUMul",
  "SwiGLUMLP",
  "Entmax15",
  "EntmaxBisect",
  "LabelSmoothingLoss",
  "SoftDTW",
  "SinkhornPlan",
  "EntropicTransportCost",
  "IsotonicL2",
  "SoftRank",
]);

/** Their backward treats an intermediate as a constant and does not say so: people's own rules do, and so do these. */
const WRONG_TWICE = new Set(["SmoothMagnitude", "LogCosh", "DiceLoss"]);

/** The rule as a function of its floating-point tensors, and those. */
function differentiable(rule: Rule, args: readonly unknown[]) {
  const places = args.flatMap((arg, i) => (isTensor(arg) && arg.isFloatingPoint() ? [i] : []));
  const leaves = places.map(place => (args[place] as Tensor).detach().clone().requiresGrad_());
  const f = (...moved: Tensor[]): Tensor | readonly Tensor[] => {
    const all = args.slice();
    places.forEach((place, i) => {
      all[place] = moved[i];
    });
    return rule.apply(...all);
  };
  return { f, leaves };
}

it("gives inputs for every rule that is exported, under names of their own", () => {
  const names = EXPORTED.map(rule => rule.name);
  expect(names.toSorted()).toEqual(Object.keys(INPUTS).sort());
  expect(names.length).toBeGreaterThanOrEqual(55);
});

describe.each(EXPORTED.map(rule => [rule.name, rule] as const))("%s", (_name, rule) => {
  const lists = (): unknown[][] => {
    manualSeed(4);
    return INPUTS[rule.name]?.() ?? [];
  };

  it("has the vector–Jacobian product of its forward as backward", () => {
    expect(lists().length).toBeGreaterThan(0);
    for (const args of lists()) {
      const { f, leaves } = differentiable(rule, args);
      expect(autograd.gradcheck(f, leaves)).toBe(true);
    }
  });

  it("has a second derivative that is exact, refused, or known to be wrong", () => {
    const [args] = lists();
    const { f, leaves } = differentiable(rule, args!);
    let second: boolean | "refused";
    try {
      second = autograd.gradgradcheck(f, leaves, null, { raiseException: false });
    } catch (error) {
      expect(String(error)).toContain("onceDifferentiable");
      second = "refused";
    }
    expect(second).toBe(ONCE.has(rule.name) ? "refused" : !WRONG_TWICE.has(rule.name));
  });
});
