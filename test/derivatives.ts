/** @file What every operation's tests ask: its VJP and JVP against finite differences of its own forward, and their derivatives. */

import { manualSeed, randn, type Tensor } from "@gradient-lens/engine";
import { describe, expect, test } from "vitest";
import { grad } from "../engine/autograd/backward.ts";
import { pushforward } from "../engine/autograd/dual.ts";
import { gradcheck } from "../engine/gradcheck/gradcheck.ts";

export type Operation = (...inputs: Tensor[]) => Tensor;

/** An operation, and fresh inputs for it: several shapes where the operation takes any. */
export type Cases = Record<string, [operation: Operation, ...inputs: (() => Tensor[])[]]>;

export const positive = (...shape: number[]): Tensor => randn(shape).abs().add(0.3);
/** Between −0.9 and 0.9. */
export const inside = (...shape: number[]): Tensor => randn(shape).tanh().mul(0.9);

export function checkDerivatives(cases: Cases): void {
  const each = Object.entries(cases).flatMap(([name, [operation, ...inputs]]) =>
    inputs.map((make, i) => ({ name: `${name} ${i + 1}`, operation, make })),
  );

  describe.each(each)("$name", ({ name, operation, make }) => {
    manualSeed([...name].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) % 2 ** 31, 7));
    const inputs = make();
    const leaves = (): Tensor[] => inputs.map(x => x.detach().clone().requiresGrad_());
    const cotangent = randn(operation(...inputs).shape);
    const tangents = inputs.map(x => randn(x.shape));

    test("VJP", () => {
      expect(gradcheck(operation, leaves())).toBe(true);
    });

    test("VJP of the VJP", () => {
      const vjp = (...xs: Tensor[]): Tensor[] =>
        grad(operation(...xs), xs, { gradOutputs: cotangent, createGraph: true, allowUnused: true }).map(
          (g, i) => g ?? xs[i]!.mul(0),
        );
      const second = leaves();
      if (vjp(...second).some(g => g.requiresGrad)) expect(gradcheck(vjp, second)).toBe(true);
    });

    test("JVP is the transpose of the VJP, and can be differentiated", () => {
      const xs = leaves();
      const y = operation(...xs);
      const grads = grad(y, xs, { gradOutputs: cotangent, allowUnused: true });
      const pulled = grads.reduce(
        (sum, g, i) => sum + (g === null ? 0 : g.mul(tangents[i]!).sum().item()),
        0,
      );
      const { tangent } = pushforward(operation, inputs, tangents);
      const pushed = tangent === null ? 0 : tangent.mul(cotangent).sum().item();
      expect(tangent?.shape ?? y.shape).toEqual(y.shape);
      expect(pushed).toBeCloseTo(pulled, 9);

      // Forward over forward along the same direction equals the Hessian's quadratic form from reverse over reverse.
      const inner = (...args: Tensor[]): Tensor => {
        const { output, tangent: t } = pushforward(operation, args, tangents);
        return (t ?? output.mul(0)).mul(cotangent).sum();
      };
      const twiceForward = pushforward(inner, inputs, tangents).tangent?.item() ?? 0;
      const again = leaves();
      const first = grad(operation(...again), again, {
        gradOutputs: cotangent,
        createGraph: true,
        allowUnused: true,
      });
      const directional = first.reduce<Tensor | null>((sum, g, i) => {
        const term = g === null ? null : g.mul(tangents[i]!).sum();
        return sum === null ? term : term === null ? sum : sum.add(term);
      }, null);
      const second = directional?.requiresGrad ? grad(directional, again, { allowUnused: true }) : [];
      const twiceReverse = second.reduce(
        (sum, g, i) => sum + (g === null ? 0 : g.mul(tangents[i]!).sum().item()),
        0,
      );
      expect(Math.abs(twiceForward - twiceReverse)).toBeLessThanOrEqual(1e-8 * (1 + Math.abs(twiceReverse)));
    });
  });
}
