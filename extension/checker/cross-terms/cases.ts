/** @file Reductions that mix the samples of a batch, and such as do not: what the tests hold the hint against. */

export interface ReportedCase {
  title: string;
  code: string;
  /** What the sum or mean holds, as the message says it. */
  holds: string;
  /** That of the diagonal's sum, which the sum does not have; null where the message must not tell one, undefined for any. */
  gradient?: string | null;
  /** What replaces the reduction, fix by fix. */
  fixed: string[];
  /** What must be imported; all that the cases use, if nothing is said. */
  imports?: string;
  /** How it is called with a batch `x` and matrices `A` and `B`; `loss(x, A, B)`, if nothing is said. */
  call?: string;
  /** For code at the top level: what a rewritten one comes to, and what is right. */
  results?: string;
}

export const IMPORTS = `import { bmm, einsum, eye, matmul, mean, mm, nn, ones, randn, relu, sum, type Tensor, tensor, where } from "@gradient-lens/engine";`;

const inFunction = (body: string, parameters = "x: Tensor, A: Tensor"): string =>
  `export function loss(${parameters}) {\n  ${body}\n}\n`;

export const REPORTED: ReportedCase[] = [
  {
    title: "the question",
    code: inFunction("return x.matmul(A).matmul(x.t()).sum();"),
    holds: "x[i] @ A @ x[j]",
    gradient: "x @ (A + Aᵀ)",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "at the top level, of tensors that the file makes",
    code: "export const x = randn([5, 2], { requiresGrad: true });\nexport const A = randn([2, 2]);\nx.matmul(A).matmul(x.t()).sum().backward();\n",
    results: "x.grad, x.matmul(A.add(A.t()))",
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "of numbers that stand in the file",
    code: "const x = tensor([[1, 2], [3, 4], [5, 6]]);\nexport const total = x.matmul(x.t()).sum();\n",
    results: "total, tensor(1 + 4 + 9 + 16 + 25 + 36)",
    holds: "x[i] @ x[j]",
    fixed: ["x.matmul(x.t()).diagonal().sum()", 'einsum("ni,ni->", x, x)'],
  },
  {
    title: "the mean",
    code: inFunction("return x.matmul(A).matmul(x.t()).mean();"),
    holds: "x[i] @ A @ x[j]",
    gradient: null,
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().mean()", 'einsum("ni,ij,nj->n", x, A, x).mean()'],
  },
  {
    title: "the mean of row sums",
    code: inFunction("return x.matmul(A).matmul(x.t()).sum(1).mean();"),
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().mean()", 'einsum("ni,ij,nj->n", x, A, x).mean()'],
  },
  {
    title: "row by row, column by column",
    code: inFunction("return x.matmul(A).matmul(x.t()).sum(0).sum();"),
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "free functions",
    code: inFunction("return sum(matmul(matmul(x, A), x.t()));"),
    holds: "x[i] @ A @ x[j]",
    fixed: ["sum(matmul(matmul(x, A), x.t()).diagonal())", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "a namespace",
    code: inFunction("return gl.mean(gl.mm(x, x.T));", "x: gl.Tensor"),
    imports: 'import * as gl from "@gradient-lens/engine";',
    holds: "x[i] @ x[j]",
    fixed: ["gl.mean(gl.mm(x, x.T).diagonal())", 'gl.einsum("ni,ni->n", x, x).mean()'],
  },
  {
    title: "an einsum",
    code: inFunction('return einsum("ni,ij,mj->", x, A, x);'),
    holds: "x[i] @ A @ x[j]",
    fixed: ['einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "the sum of an einsum",
    code: inFunction('return einsum("bi,ij,cj->bc", [x, A, x]).sum();'),
    holds: "x[i] @ A @ x[j]",
    fixed: ['einsum("bi,ij,cj->bc", [x, A, x]).diagonal().sum()', 'einsum("bi,ij,bj->", x, A, x)'],
  },
  {
    title: "named in between",
    code: inFunction(
      "const q = x.matmul(A);\n  const xt = x.t();\n  const scores = q.matmul(xt);\n  return scores.sum();",
    ),
    holds: "x[i] @ A @ x[j]",
    fixed: ["scores.diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "a helper of the file",
    code: `const gram = (z: Tensor) => z.matmul(z.t());\n${inFunction("return gram(x).sum();", "x: Tensor")}`,
    holds: "x[i] @ x[j]",
    fixed: ["gram(x).diagonal().sum()"],
  },
  {
    title: "a helper function with its matrix",
    code: `function form(z: Tensor, M: Tensor) {\n  return z.matmul(M).matmul(z.t());\n}\n${inFunction("return form(x, A).mul(0.5).sum();")}`,
    holds: "x[i] @ A @ x[j]",
    fixed: ["form(x, A).mul(0.5).diagonal().sum()"],
  },
  {
    title: "scaled, with a summand",
    code: inFunction("return x.matmul(A).matmul(x.t()).mul(0.5).add(1).sum();"),
    holds: "x[i] @ A @ x[j]",
    gradient: "x @ (A + Aᵀ) / 2",
    fixed: ["x.matmul(A).matmul(x.t()).mul(0.5).add(1).diagonal().sum()"],
  },
  {
    title: "what is computed row by row",
    code: inFunction("const h = relu(x.matmul(A));\n  return h.matmul(h.t()).sum();"),
    holds: "h[i] @ h[j]",
    fixed: ["h.matmul(h.t()).diagonal().sum()", 'einsum("ni,ni->", h, h)'],
  },
  {
    title: "two maps of one batch",
    code: inFunction(
      "const q = x.matmul(A);\n  const k = x.matmul(B);\n  return q.matmul(k.t()).sum();",
      "x: Tensor, A: Tensor, B: Tensor",
    ),
    holds: "x[i] @ A @ Bᵀ @ x[j]",
    fixed: ["q.matmul(k.t()).diagonal().sum()", 'einsum("ni,ij,kj,nk->", x, A, B, x)'],
  },
  {
    title: "a stack of batches",
    code: inFunction("return bmm(x, x.transpose(1, 2)).sum();", "x: Tensor"),
    holds: "x[:, i] @ x[:, j]",
    fixed: ["bmm(x, x.transpose(1, 2)).diagonal(0, -2, -1).sum()", 'einsum("bni,bni->", x, x)'],
  },
  {
    title: "a name at the top level",
    code: "export const x = randn([4, 3]);\nconst scores = x.matmul(x.t());\nexport const total = scores.div(2).sum();\n",
    results: "total, x.pow(2).sum().div(2)",
    holds: "x[i] @ x[j]",
    fixed: ["scores.div(2).diagonal().sum()"],
  },
  {
    title: "members of a class",
    code: "export class Model {\n  constructor(private readonly weight: Tensor) {}\n  loss(batch: { x: Tensor }) {\n    return batch.x.matmul(this.weight).matmul(batch.x.t()).sum();\n  }\n}\n",
    call: "new Model(A).loss({ x })",
    holds: "batch.x[i] @ this.weight @ batch.x[j]",
    fixed: [
      "batch.x.matmul(this.weight).matmul(batch.x.t()).diagonal().sum()",
      'einsum("ni,ij,nj->", batch.x, this.weight, batch.x)',
    ],
  },
  {
    title: "members, spelt in two ways",
    code: 'export function loss(batch: { x: Tensor }) {\n  return batch.x.mm(batch["x"].T).sum();\n}\n',
    call: "loss({ x })",
    holds: "batch.x[i] @ batch.x[j]",
    fixed: ['batch.x.mm(batch["x"].T).diagonal().sum()', 'einsum("ni,ni->", batch.x, batch["x"])'],
  },
  {
    title: "parameters in a pattern",
    code: "export const loss = ({ x, A }: { x: Tensor; A: Tensor }) => x.matmul(A).matmul(x.t()).sum();\n",
    call: "loss({ x, A })",
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "members taken by patterns",
    code: "export class Model {\n  constructor(private readonly weight: Tensor) {}\n  loss(batch: { x: Tensor }) {\n    const { weight } = this;\n    const { x } = batch;\n    const scores = x.matmul(weight).matmul(x.t());\n    return scores.sum();\n  }\n}\n",
    call: "new Model(A).loss({ x })",
    holds: "x[i] @ weight @ x[j]",
    fixed: ["scores.diagonal().sum()", 'einsum("ni,ij,nj->", x, weight, x)'],
  },
  {
    title: "in a forward",
    code: 'import { type Context, Function } from "@gradient-lens/engine";\nexport class Energy extends Function {\n  static forward(_ctx: Context, x: Tensor, A: Tensor) {\n    return x.matmul(A).matmul(x.t()).sum();\n  }\n}\n',
    call: "Energy.forward(null, x, A)",
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "over several lines",
    code: inFunction("return x\n    .matmul(A)\n    .matmul(x.t())\n    .sum();"),
    holds: "x[i] @ A @ x[j]",
    fixed: [
      "x\n    .matmul(A)\n    .matmul(x.t())\n    .diagonal()\n    .sum()",
      'einsum("ni,ij,nj->", x, A, x)',
    ],
  },
  {
    title: "where einsum is not imported",
    code: inFunction("return x.matmul(A).matmul(x.t()).sum();"),
    imports: 'import { relu, type Tensor } from "@gradient-lens/engine";\nexport const act = relu;',
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "as a callback",
    code: "export const losses = (A: Tensor) => [(x: Tensor) => x.matmul(A).matmul(x.t()).sum()];\n",
    call: "losses(A)[0](x)",
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "in single precision",
    code: 'export const x = tensor([[1, 2], [3, 4], [5, 6]]).to("float32").requiresGrad_();\nexport const A = tensor([[1, 2], [3, 4]]).to("float32");\nx.matmul(A).matmul(x.t()).sum().backward();\n',
    results: "x.grad, x.matmul(A.add(A.t()))",
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
  {
    title: "turned to single precision on the way",
    code: inFunction('const z = x.to("float32");\n  return z.matmul(z.t()).sum();', "x: Tensor"),
    holds: "z[i] @ z[j]",
    fixed: ["z.matmul(z.t()).diagonal().sum()", 'einsum("ni,ni->", z, z)'],
  },
  {
    title: "without a gradient by one of the factors",
    code: inFunction("return x.matmul(A).matmul(x.detach().t()).sum();"),
    holds: "x[i] @ A @ x[j]",
    gradient: null,
    fixed: ["x.matmul(A).matmul(x.detach().t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x.detach())'],
  },
  {
    title: "a Function of the file",
    code: 'import { type Context, Function } from "@gradient-lens/engine";\nclass Gram extends Function {\n  static forward(ctx: Context, z: Tensor) {\n    ctx.saveForBackward(z);\n    return z.matmul(z.t());\n  }\n  static backward(ctx: Context, g: Tensor) {\n    const [z] = ctx.savedTensors;\n    return g.add(g.t()).matmul(z!);\n  }\n}\nexport const loss = (x: Tensor) => Gram.apply(x).sum();\n',
    holds: "x[i] @ x[j]",
    fixed: ["Gram.apply(x).diagonal().sum()"],
  },
  {
    title: "a name that means something else in the meantime",
    code: inFunction(
      "let z = x;\n  const q = z.matmul(A);\n  z = z.mul(2);\n  return q.matmul(z.t()).sum();",
    ),
    holds: "x[i] @ A @ x[j]",
    gradient: "2·(x @ (A + Aᵀ))",
    fixed: ["q.matmul(z.t()).diagonal().sum()"],
  },
  {
    title: "one name for all",
    code: inFunction(
      "let y;\n  y = x.matmul(A);\n  y = y.matmul(x.t());\n  const total = y.sum();\n  y = A;\n  return total;",
    ),
    holds: "x[i] @ A @ x[j]",
    fixed: ["y.diagonal().sum()"],
  },
  {
    title: "a name that means something else there",
    code: inFunction(
      "const q = x.matmul(A);\n  const k = x.t();\n  return ((A: number) => q.matmul(k).sum().mul(A))(1);",
    ),
    holds: "x[i] @ A @ x[j]",
    fixed: ["q.matmul(k).diagonal().sum()"],
  },
  {
    title: "a part of a larger loss",
    code: inFunction("return x.matmul(A).matmul(x.t()).sum().mul(0.5).add(x.pow(2).sum());"),
    holds: "x[i] @ A @ x[j]",
    fixed: ["x.matmul(A).matmul(x.t()).diagonal().sum()", 'einsum("ni,ij,nj->", x, A, x)'],
  },
];

/** Title and code. */
export const NOT_REPORTED: [string, string][] = [
  ["the diagonal", inFunction("return x.matmul(A).matmul(x.t()).diagonal().sum();")],
  ["the trace", inFunction("return x.matmul(A).matmul(x.t()).trace();")],
  ["an einsum that names the row once", inFunction('return einsum("ni,ij,nj->", x, A, x);')],
  ["elementwise", inFunction("return x.matmul(A).mul(x).sum();")],
  [
    "one row at a time",
    inFunction("return x.unbind().map(row => row.matmul(A).matmul(row)).reduce((a, b) => a.add(b));"),
  ],
  [
    "a form of a vector",
    "const v = randn([3]);\nconst A = randn([3, 3]);\nexport const form = v.matmul(A).matmul(v).sum();\n",
  ],
  ["a vector's transpose", "const v = randn([3]);\nexport const norm = v.matmul(v.t()).sum();\n"],
  ["two batches", inFunction("return x.matmul(A).matmul(y.t()).sum();", "x: Tensor, A: Tensor, y: Tensor")],
  [
    "two batches by a helper",
    `const inner = (a: Tensor, b: Tensor) => a.matmul(b.t());\n${inFunction("return inner(x, y).sum();", "x: Tensor, y: Tensor")}`,
  ],
  [
    "a linear layer",
    inFunction("return x.matmul(A).add(b).relu().mean();", "x: Tensor, A: Tensor, b: Tensor"),
  ],
  ["a linear layer, twice", inFunction("return x.matmul(A).matmul(A).sum();")],
  ["over features", inFunction("return x.t().matmul(x).sum();", "x: Tensor")],
  ["over features, named", inFunction("const xt = x.t();\n  return xt.matmul(xt.t()).sum();", "x: Tensor")],
  [
    "a covariance's norm",
    inFunction("const c = x.sub(x.mean(0));\n  return c.t().matmul(c).div(4).pow(2).sum();", "x: Tensor"),
  ],
  ["attention", inFunction("return x.matmul(x.t()).softmax(-1).matmul(x).sum();", "x: Tensor")],
  ["attention's weights", inFunction("return x.matmul(x.t()).div(2).softmax(-1).sum();", "x: Tensor")],
  ["squares of a Gram matrix", inFunction("return x.matmul(x.t()).pow(2).sum();", "x: Tensor")],
  [
    "orthogonality",
    "const W = randn([3, 5]);\nexport const penalty = W.matmul(W.t()).sub(eye(3)).pow(2).sum();\n",
  ],
  ["a kernel", inFunction("return x.matmul(x.t()).exp().sum();", "x: Tensor")],
  [
    "squared distances",
    inFunction(
      "const s = x.pow(2).sum(1, true);\n  return s.add(s.t()).sub(x.matmul(x.t()).mul(2)).sum();",
      "x: Tensor",
    ),
  ],
  ["a mask of pairs", "const x = randn([4, 3]);\nexport const chosen = x.matmul(x.t()).mul(eye(4)).sum();\n"],
  ["a mask that is given", inFunction("return x.matmul(x.t()).mul(mask).sum();", "x: Tensor, mask: Tensor")],
  [
    "pairs that are chosen",
    inFunction("return where(eye(x.size(0)).eq(0), x.matmul(x.t()), 0).sum();", "x: Tensor"),
  ],
  [
    "angles between rows",
    inFunction("const z = nn.functional.normalize(x);\n  return z.matmul(z.t()).mean();", "x: Tensor"),
  ],
  ["a sum by rows", inFunction("return x.matmul(x.t()).sum(1);", "x: Tensor")],
  ["the Gram matrix itself", inFunction("return x.matmul(x.t());", "x: Tensor")],
  ["one row alone", "const x = randn([1, 3]);\nexport const norm = x.matmul(x.t()).sum();\n"],
  [
    "a projection",
    inFunction("return x.matmul(x.t().matmul(x).inverse()).matmul(x.t()).sum();", "x: Tensor"),
  ],
  [
    "numbers in a list",
    "const matmul = (list: number[]) => [...list, ...list];\nconst sum = (list: number[]) => list.reduce((a, b) => a + b, 0);\nexport const total = sum(matmul([1, 2]));\n",
  ],
  ["a sum of squares", inFunction("return x.matmul(A).pow(2).sum();")],
  [
    "in a backward",
    'import { type Context, Function } from "@gradient-lens/engine";\nexport class Scale extends Function {\n  static forward(ctx: Context, x: Tensor, s: Tensor) {\n    ctx.saveForBackward(x, s);\n    return x.mul(s);\n  }\n  static backward(ctx: Context, g: Tensor) {\n    const [x, s] = ctx.savedTensors;\n    return [g.mul(s!), x!.matmul(x!.t()).sum()];\n  }\n}\n',
  ],
  [
    "meant, said on the line before",
    inFunction("// gradient-lens-ignore cross-terms\n  return x.matmul(x.t()).sum();", "x: Tensor"),
  ],
  [
    "meant, said on its own line",
    inFunction(
      "return x.matmul(x.t()).sum(); // gradient-lens-ignore cross-terms: a linear MMD",
      "x: Tensor",
    ),
  ],
];
