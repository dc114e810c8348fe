import { autograd, eye, type Tensor, tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { finish, prepare } from "./transforms.ts";

const A = tensor([
  [1, 2],
  [3, 4],
]);
const lists = (tensors: readonly unknown[]): unknown[] => tensors.map(t => (t as Tensor).tolist());

describe("pre", () => {
  test.each([
    [
      "hermitian",
      [A],
      [
        [
          [2, 5],
          [5, 8],
        ],
      ],
    ],
    [
      "a@b.mT",
      [A, A],
      [
        [
          [5, 11],
          [11, 25],
        ],
      ],
    ],
    [
      "tril:1",
      [A, A],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 0],
          [3, 4],
        ],
      ],
    ],
    [
      "triu:1",
      [A, A],
      [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, 2],
          [0, 4],
        ],
      ],
    ],
    [
      "tril_unit:0",
      [A],
      [
        [
          [1, 0],
          [3, 1],
        ],
      ],
    ],
    [
      "triu_unit:0",
      [A],
      [
        [
          [1, 2],
          [0, 1],
        ],
      ],
    ],
  ])("%s", (pre, args, expected) => {
    expect(lists(prepare(pre, args))).toEqual(expected);
  });

  test("an unknown one is an error, not left out", () => {
    expect(() => prepare("hermitean", [A])).toThrow("unknown pre: hermitean");
    expect(() => finish({ post: "svd" }, [A, A, A])).toThrow("unknown post: svd");
  });
});

describe("post", () => {
  const Q = tensor([
    [0.6, -0.8, 0],
    [0.8, 0.6, 0],
    [0, 0, 1],
  ]);
  const R = tensor([
    [-2, 1],
    [0, 3],
    [0, 0],
  ]);
  const flipped = tensor([
    [-1, 0, 0],
    [0, 1, 0],
    [0, 0, -1],
  ]);

  test("qr_sign undoes any choice of signs, and keeps the product", () => {
    const [q, r] = finish({ post: "qr_sign" }, [Q, R]) as [Tensor, Tensor];
    expect(r.tolist()).toEqual([
      [2, -1],
      [0, 3],
    ]);
    expect(q.matmul(r).allclose(Q.matmul(R))).toBe(true);
    const again = finish({ post: "qr_sign" }, [Q.matmul(flipped), flipped.matmul(R)]);
    expect(again[0]!.equal(q) && again[1]!.equal(r)).toBe(true);
  });

  test("svd and eigh: what remains does not depend on the signs", () => {
    const S = tensor([3, 2]);
    const Vh = eye(2);
    const signs = tensor([
      [-1, 0],
      [0, 1],
    ]);
    for (const post of ["svd_S", "svd_U", "svd_Vh", "svd_UVh"]) {
      const one = finish({ post }, [Q, S, Vh]);
      const other = finish({ post }, [Q.matmul(flipped), S, signs.matmul(Vh)]);
      expect(lists(other), post).toEqual(lists(one));
    }
    expect(lists(finish({ post: "abs:1" }, [S, Q.neg()]))).toEqual(lists([S, Q.abs()]));
  });

  test("the signs are constants for differentiation", () => {
    const leaf = R.clone().requiresGrad_();
    const [, r] = finish({ post: "qr_sign" }, [Q, leaf]);
    const [grad] = autograd.grad(r!.sum(), leaf);
    expect(grad!.tolist()).toEqual([
      [-1, -1],
      [1, 1],
      [0, 0],
    ]);
  });

  test("select comes before post", () => {
    expect(lists(finish({ select: [1] }, [Q, A]))).toEqual([A.tolist()]);
  });
});
