/**
 * @file Simplified expressions as they are best computed. Simplifying brings all that is equal to one form; here what that form would
 * have computed twice, or on more elements than needed, is rearranged.
 */

import { numelOf } from "../tensor/shape.ts";
import { type Algebra, coefficientOf } from "./algebra.ts";
import { type Application, type Expression, isCalled, reachable } from "./expression.ts";
import { chainOf } from "./matrix-products.ts";
import { isTransposition } from "./notation.ts";

/** The same values, for no more operations. */
export function arranged(algebra: Algebra, roots: readonly Expression[]): Expression[] {
  const done = new Map<Expression, Expression>();
  const products = new Products(algebra);
  for (const e of reachable(roots)) {
    if (e.kind !== "application") {
      done.set(e, e);
      continue;
    }
    const rebuilt = algebra.again(
      e,
      e.call.inputs.map(input => done.get(input)!),
    );
    done.set(e, scaledBefore(algebra, rebuilt) ?? products.mirrored(e, rebuilt) ?? rebuilt);
  }
  return roots.map(root => done.get(root)!);
}

/** Matrix products that are transposes of each other are multiplied once: Vᵀ G U and Uᵀ Gᵀ V. */
class Products {
  readonly #algebra: Algebra;
  readonly #known = new Map<string, Expression>();

  constructor(algebra: Algebra) {
    this.#algebra = algebra;
  }

  /** The transpose of a product that was met before, where that is what `e` is. */
  mirrored(e: Application, rebuilt: Expression): Expression | null {
    if (!isCalled(e, "matmul") || e.shape.length < 2) return null;
    const factors = chainOf(e, e.shape.slice(0, -2));
    if (factors.length < 2) return null;
    const key = keyOf(factors);
    const mirrored = this.#known.get(keyOf(factors.toReversed().map(factor => this.#transposeOf(factor))));
    if (mirrored !== undefined && !this.#known.has(key)) return this.#algebra.transposed(mirrored);
    this.#known.set(key, rebuilt);
    return null;
  }

  #transposeOf(e: Expression): Expression {
    return isCalled(e, "permute") && isTransposition(e) ? e.call.inputs[0]! : this.#algebra.transposed(e);
  }
}

function keyOf(factors: readonly Expression[]): string {
  return factors.map(({ id }) => id).join(" ");
}

/** Numbers scale what is put among zeros before it is: diag(v) / 2 = diag(v / 2). */
function scaledBefore(algebra: Algebra, e: Expression): Expression | null {
  if (!isCalled(e, "mul", "div", "neg")) return null;
  const { coefficient, rest } = coefficientOf(e);
  if (!isCalled(rest, "diagonalBackward", "sliceBackward")) return null;
  const [inside] = rest.call.inputs as [Expression];
  if (numelOf(inside.shape) >= numelOf(rest.shape)) return null;
  return algebra.again(rest, [algebra.scaled(coefficient, inside)]);
}
