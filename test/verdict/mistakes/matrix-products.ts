/** @file Mistakes with products of matrices: the scalar rule, transposes, order, terms. */

import { type Context, Function, type Tensor } from "@gradient-lens/engine";

/**
 * The rule for a number's square.
 * @cause elementwise-for-matrix-product
 */
export class MatrixSquare extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mul(2).mul(input);
  }
}

/**
 * The rule for a number's cube.
 * @cause elementwise-for-matrix-product
 */
export class MatrixCube extends Function {
  static forward(ctx: Context, X: Tensor) {
    ctx.saveForBackward(X);
    return X.matmul(X).matmul(X);
  }
  static backward(ctx: Context, grad: Tensor) {
    const [X] = ctx.savedTensors;
    return grad.mul(3).mul(X.matmul(X));
  }
}

/**
 * Each factor is multiplied where its product belongs.
 * @cause elementwise-for-matrix-product
 */
export class ElementwiseGradOfProduct extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    ctx.saveForBackward(A, B);
    return A.mm(B);
  }
  static backward(ctx: Context, grad: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [grad.mul(B.t()), grad.mul(A.t())];
  }
}

/**
 * One of the two occurrences of input is forgotten.
 * @cause term-missing
 */
export class MatrixSquareOneFactor extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.matmul(input);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.matmul(input.t());
  }
}

/**
 * A is taken for symmetric: what is right is x(A + Aᵀ).
 * @cause transpose-missing
 */
export class RowwiseQuadraticForm extends Function {
  static forward(ctx: Context, x: Tensor, A: Tensor) {
    ctx.saveForBackward(x, A);
    return x.matmul(A).mul(x).sum(-1);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, A] = ctx.savedTensors;
    const g = gradOutput.unsqueeze(-1);
    return [g.mul(2).mul(x.matmul(A)), x.mul(g).t().matmul(x)];
  }
}

/**
 * The second occurrence of x in x A xᵀ is forgotten.
 * @cause term-missing
 */
export class SumOfGram extends Function {
  static forward(ctx: Context, x: Tensor, A: Tensor) {
    ctx.saveForBackward(x, A);
    return x.matmul(A).matmul(x.t()).sum();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, A] = ctx.savedTensors;
    const total = x.sum(0, true);
    const gradX = total.matmul(A).expandAs(x);
    return [gradX.mul(gradOutput), total.t().matmul(total).mul(gradOutput)];
  }
}

/**
 * The weight as it stands in forward.
 * @cause transpose-superfluous
 * @edit `gradOutput.mm(weight.t())` → `gradOutput.mm(weight)`
 */
export class LinearWeightTransposed extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor) {
    if (input.ndim !== 2 || bias.ndim !== 1) throw new RangeError("expected input: (n, m), bias: (k,)");
    ctx.saveForBackward(input, weight);
    return input.mm(weight.t()).add(bias);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    const gradInput = gradOutput.mm(weight.t());
    const gradWeight = gradOutput.t().mm(input);
    return [gradInput, gradWeight, gradOutput.sum(0)];
  }
}

/**
 * The weight's gradient lies on its side.
 * @cause transpose-superfluous
 * @edit `input.t().matmul(gradOutput).t()` → `input.t().matmul(gradOutput)`
 */
export class WeightGradTransposed extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor) {
    ctx.saveForBackward(input, weight);
    return input.matmul(weight);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight] = ctx.savedTensors;
    // (in, out) like the weight
    return [gradOutput.matmul(weight.t()), input.t().matmul(gradOutput).t()];
  }
}

/**
 * @cause transpose-missing
 * @edit `A.matmul(gradOutput)` → `A.t().matmul(gradOutput)`
 */
export class ProductSecondFactor extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    ctx.saveForBackward(A, B);
    return A.matmul(B);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [gradOutput.matmul(B.t()), A.matmul(gradOutput)];
  }
}

/**
 * Neither term is transposed.
 * @cause transpose-missing
 */
export class MatrixSquareNoTransposes extends Function {
  static forward(ctx: Context, input: Tensor) {
    ctx.saveForBackward(input);
    return input.mm(input);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [input] = ctx.savedTensors;
    return gradOutput.mm(input).add(input.mm(gradOutput));
  }
}

/**
 * @cause operands-swapped
 * @edit `gradOutput.matmul(A.t())` → `A.t().matmul(gradOutput)`
 */
export class ProductSwapped extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    ctx.saveForBackward(A, B);
    return A.matmul(B);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [gradOutput.matmul(B.t()), gradOutput.matmul(A.t())];
  }
}

/**
 * The outer factors of a triple product change places.
 * @cause operands-swapped
 * @edit `C.t().matmul(g).matmul(A.t())` → `A.t().matmul(g).matmul(C.t())`
 */
export class TripleProduct extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor, C: Tensor) {
    ctx.saveForBackward(A, B, C);
    return A.matmul(B).matmul(C);
  }
  static backward(ctx: Context, g: Tensor) {
    const [A, B, C] = ctx.savedTensors;
    const gradA = g.matmul(C.t()).matmul(B.t());
    const gradB = C.t().matmul(g).matmul(A.t());
    const gradC = B.t().matmul(A.t()).matmul(g);
    return [gradA, gradB, gradC];
  }
}

/**
 * tr(A B): the gradient for A is Bᵀ.
 * @cause transpose-missing
 * @edit `B.mul(gradOutput)` → `B.t().mul(gradOutput)`
 */
export class TraceOfProduct extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    ctx.saveForBackward(A, B);
    if (A.size(0) !== B.size(1)) throw new RangeError("expected A: (n, m), B: (m, n)");
    return A.matmul(B).trace();
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [B.mul(gradOutput), A.t().mul(gradOutput)];
  }
}

/**
 * X Xᵀ: its gradient is symmetrized, (G + Gᵀ) X.
 * @cause wrong-factor
 */
export class GramDoubled extends Function {
  static forward(ctx: Context, X: Tensor) {
    ctx.saveForBackward(X);
    return X.matmul(X.t()).sum();
  }
  static backward(ctx: Context, g: Tensor) {
    const [X] = ctx.savedTensors;
    return X.sum(0, true).expandAs(X).mul(g);
  }
}

/**
 * The batch of matrices is transposed, but not the matrices.
 * @cause transpose-missing
 * @edit `q.matmul(grad)` → `q.mT.matmul(grad)`
 */
export class BatchedScores extends Function {
  static forward(ctx: Context, q: Tensor, k: Tensor) {
    if (q.ndim !== 3 || k.ndim !== 3) throw new RangeError("expected q: (b, n, n), k: (b, n, n)");
    ctx.saveForBackward(q, k);
    return q.bmm(k);
  }
  static backward(ctx: Context, grad: Tensor) {
    const [q, k] = ctx.savedTensors;
    return [grad.matmul(k.mT), q.matmul(grad)];
  }
}

/**
 * Going forward nothing is transposed, going back it is.
 * @cause jvp-differs
 * @edit `dA.matmul(B.t())` → `dA.matmul(B)`
 */
export class ProductForward extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    if (A.ndim !== 2 || B.ndim !== 2 || B.size(0) !== B.size(1))
      throw new RangeError("expected A: (n, m), B: (m, m)");
    ctx.saveForBackward(A, B);
    return A.matmul(B);
  }
  static backward(ctx: Context, gradOutput: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [gradOutput.matmul(B.t()), A.t().matmul(gradOutput)];
  }
  static jvp(ctx: Context, dA: Tensor | null, dB: Tensor | null) {
    const [A, B] = ctx.savedTensors;
    const first = dA === null ? A.matmul(B).mul(0) : dA.matmul(B.t());
    return dB === null ? first : first.add(A.matmul(dB));
  }
}
