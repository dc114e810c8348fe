/** @file Which matrices hold products of a batch's rows with each other, and how those are told. */

import { describe, expect, it } from "vitest";
import { bmm, cdist, einsum, eye, manualSeed, nn, ones, randn, relu, type Tensor, where } from "../index.ts";
import { type MatrixCode, rowProducts } from "./row-products-of.ts";

type Code = (x: Tensor, A: Tensor, B: Tensor, b: Tensor, y: Tensor) => Tensor;

function told(code: Code, rows = 5) {
  manualSeed(1);
  const args = [randn(rows, 3), randn(3, 3), randn(3, 3), randn(3), randn(rows, 3)];
  const matrix = (...given: unknown[]) => ({ matrix: code(...(given as Parameters<Code>)), named: {} });
  const found = rowProducts(matrix as MatrixCode, args, ["x", "A", "B", "b", "y"]);
  return found && { ...found, gradient: found.gradient?.text ?? null };
}

describe("products of rows with each other", () => {
  it.each<[string, Code, term: string, gradient: string | null]>([
    ["a quadratic form", (x, A) => x.matmul(A).matmul(x.t()), "x[i] @ A @ x[j]", "x @ (A + Aᵀ)"],
    ["regrouped", (x, A) => x.matmul(A.matmul(x.t())), "x[i] @ A @ x[j]", "x @ (A + Aᵀ)"],
    ["of one tensor", x => x.matmul(x.t()), "x[i] @ x[j]", "2·x"],
    ["scaled", (x, A) => x.matmul(A).matmul(x.t()).div(-4), "x[i] @ A @ x[j]", "−x @ (A + Aᵀ) / 4"],
    ["with a summand", x => x.matmul(x.t()).add(ones(5)).sub(3), "x[i] @ x[j]", "2·x"],
    [
      "of two maps",
      (x, A, B) => x.matmul(A).matmul(x.matmul(B).t()),
      "x[i] @ (A @ Bᵀ) @ x[j]",
      "x @ (A @ Bᵀ + B @ Aᵀ)",
    ],
    [
      "with a bias",
      (x, A, B, b) => x.matmul(A).add(b).matmul(x.matmul(B).t()),
      "(x @ A + b)[i] @ Bᵀ @ x[j]",
      "(x @ A + b) @ Bᵀ + x @ (B @ Aᵀ)",
    ],
    [
      "of what is computed row by row",
      (x, A) => relu(x.matmul(A)).matmul(relu(x.matmul(A)).t()),
      "relu(x @ A)[i] @ relu(x @ A)[j]",
      null,
    ],
    ["in a stack of one", x => bmm(x.unsqueeze(0), x.t().unsqueeze(0)), "x[i] @ x[j]", "2·x"],
  ])("%s", (_, code, term, gradient) => {
    expect(told(code)).toMatchObject({ term, gradient });
  });

  it("as an einsum", () => {
    expect(told((x, A) => einsum("ni,ij,mj->nm", x, A, x))).toMatchObject({
      term: "x[i] @ A @ x[j]",
      gradient: "x @ A + x @ Aᵀ",
    });
  });

  it("in each matrix of a stack", () => {
    const code: MatrixCode = x => ({ matrix: bmm(x as Tensor, (x as Tensor).transpose(1, 2)), named: {} });
    expect(rowProducts(code, [randn(2, 5, 3)], ["x"])).toMatchObject({ term: "x[:, i] @ x[:, j]" });
  });

  it("in the code's own names", () => {
    const code = (...[x, A]: Tensor[]) => {
      const h = x!.matmul(A!).relu();
      const S = A!.add(A!.t());
      return { matrix: h.matmul(S).matmul(h.t()), named: { h, S } };
    };
    expect(rowProducts(code as MatrixCode, [randn(5, 3), randn(3, 3)], ["x", "A"])).toMatchObject({
      batch: "h",
      term: "h[i] @ S @ h[j]",
    });
  });
});

describe("none", () => {
  it.each<[string, Code]>([
    ["two batches", (x, A, _B, _b, y) => x.matmul(A).matmul(y.t())],
    ["over features", x => x.t().matmul(x)],
    ["over features, from a name", x => ((t: Tensor) => t.matmul(t.t()))(x.t())],
    ["a kernel", x => x.matmul(x.t()).exp()],
    ["distances", x => cdist(x, x)],
    ["squared distances", x => sizes(x).add(sizes(x).t()).sub(x.matmul(x.t()).mul(2))],
    ["attention", x => x.matmul(x.t()).softmax(-1)],
    ["squares", x => x.matmul(x.t()).pow(2)],
    ["a mask", x => x.matmul(x.t()).mul(eye(5))],
    ["a choice", x => where(eye(5).eq(1), x.matmul(x.t()), 0)],
    ["another matrix", (x, _A, _B, _b, y) => x.matmul(x.t()).mul(y.matmul(y.t()))],
    [
      "angles: each row's with itself is 1",
      x => ((z: Tensor) => z.matmul(z.t()))(nn.functional.normalize(x)),
    ],
    ["a centred batch", x => ((c: Tensor) => c.matmul(c.t()))(x.sub(x.mean(0)))],
    ["a projection", x => x.matmul(x.t().matmul(x).inverse()).matmul(x.t())],
    ["sums of pairs", x => sizes(x).add(sizes(x).t())],
    ["a linear layer", (x, A) => x.matmul(A)],
  ])("%s", (_, code) => {
    expect(told(code)).toBeNull();
  });

  it("for one row", () => {
    expect(told(x => x.matmul(x.t()), 1)).toBeNull();
  });
});

function sizes(x: Tensor): Tensor {
  return x.pow(2).sum(1, true);
}
