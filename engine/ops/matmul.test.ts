import fc from "fast-check";
import { expect, it } from "vitest";
import { randn } from "../index.ts";

it("a batch's product is that of each pair of matrices, transposed and repeated ones too", () => {
  const size = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(size, size, size, fc.integer({ min: 1, max: 3 }), (m, k, n, count) => {
      const A = randn([count, k, m]).mT;
      const B = randn([k, n]).expand([count, k, n]);
      const C = A.matmul(B);
      expect(C.shape).toEqual([count, m, n]);
      for (let i = 0; i < count; i++) {
        const expected = A.select(0, i).unsqueeze(2).mul(B.select(0, i)).sum(1);
        expect(C.select(0, i).allclose(expected, 1e-12, 1e-12)).toBe(true);
      }
    }),
  );
});
