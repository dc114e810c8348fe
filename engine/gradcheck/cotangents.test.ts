/** @file What backward is asked with. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { Generator } from "../tensor/random.ts";
import { cotangentsFor } from "./cotangents.ts";

it("each entry is asked for with both signs, small and large", () => {
  const property = fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (total, seed) => {
    const { dense } = cotangentsFor(total, new Generator(seed));
    for (let k = 0; k < total; k++) {
      const asked = dense.slice(0, 4).map(cotangent => cotangent[k]!);
      const [small, large] = [0, 1].map(side => asked.filter(g => (Math.abs(g) > 10 ? 1 : 0) === side));
      for (const some of [small!, large!]) {
        expect(Math.max(...some)).toBeGreaterThan(0);
        expect(Math.min(...some)).toBeLessThan(0);
      }
    }
  });
  fc.assert(property);
});

it("entries that are not asked for are zero in all", () => {
  const { rows, dense } = cotangentsFor(50, new Generator(1), 8);
  for (const cotangent of dense) {
    const asked = [...cotangent.keys()].filter(k => cotangent[k] !== 0);
    expect(asked).toEqual(rows);
  }
});
