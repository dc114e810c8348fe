/** @file Products of vectors and matrices, and scalars made of them. */

import {
  bmm,
  type Context,
  einsum,
  eye,
  Function,
  full,
  kron,
  linalg,
  matmul,
  outer,
  type Tensor,
  trace,
} from "@gradient-lens/engine";

/** A batch of matrix products, with free functions. */
export class BatchedProduct extends Function {
  static forward(ctx: Context, a: Tensor, b: Tensor) {
    ctx.saveForBackward(a, b);
    return bmm(a, b);
  }

  static backward(ctx: Context, g: Tensor) {
    const [a, b] = ctx.savedTensors;
    return [bmm(g, b.transpose(1, 2)), bmm(a.transpose(1, 2), g)];
  }
}

/** A x. */
export class MatrixVector extends Function {
  static forward(ctx: Context, A: Tensor, x: Tensor) {
    ctx.saveForBackward(A, x);
    return A.mv(x);
  }

  static backward(ctx: Context, grad: Tensor) {
    const [A, x] = ctx.savedTensors;
    return [outer(grad, x), A.t().mv(grad)];
  }
}

/** a bᵀ. */
export class Outer extends Function {
  static forward(a: Tensor, b: Tensor) {
    return outer(a, b);
  }

  static setupContext(ctx: Context, inputs: readonly [Tensor, Tensor]) {
    ctx.saveForBackward(...inputs);
  }

  static backward(ctx: Context, grad: Tensor) {
    const [a, b] = ctx.savedTensors;
    return [grad.mv(b), grad.t().mv(a)];
  }
}

/** xᵀ A x for each sample in the last dimension of x; A need not be symmetric. */
export class QuadraticForm extends Function {
  static forward(ctx: Context, x: Tensor, A: Tensor) {
    if (A.ndim !== 2 || A.size(0) !== A.size(1) || x.shape.at(-1) !== A.size(0)) {
      throw new Error(`QuadraticForm expected x (…, n) and A (n, n), got (${x.shape}) and (${A.shape})`);
    }
    ctx.saveForBackward(x, A);
    return einsum("...i,ij,...j->...", x, A, x);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, A] = ctx.savedTensors;
    const weighted = x.mul(gradOutput.unsqueeze(-1));
    return [matmul(weighted, A.add(A.t())), einsum("...i,...j->ij", weighted, x)];
  }
}

/** diag(Bᵀ A B) without the other entries (linear_operator's sub-products). */
export class DiagonalOfBtAB extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    if (A.ndim !== 2 || A.size(0) !== A.size(1)) throw new Error(`A must be square, got (${A.shape})`);
    ctx.saveForBackward(A, B);
    return A.mm(B).mul(B).sum(0);
  }

  static backward(ctx: Context, d: Tensor) {
    const [A, B] = ctx.savedTensors;
    const scaled = B.mul(d);
    return [scaled.mm(B.t()), A.add(A.t()).mm(scaled)];
  }
}

/** tr(A B) ("The Matrix Cookbook", eq. 100 and after). */
export class TraceOfProduct extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    if (A.size(0) !== B.size(-1)) {
      throw new Error(`tr(AB) needs a square product, got (${A.shape}) and (${B.shape})`);
    }
    ctx.saveForBackward(A, B);
    return trace(A.mm(B));
  }

  static backward(ctx: Context, g: Tensor) {
    const [A, B] = ctx.savedTensors;
    return [B.t().mul(g), A.t().mul(g)];
  }
}

/** The Kronecker product of two matrices (Van Loan's rearrangement in backward). */
export class Kronecker extends Function {
  static forward(ctx: Context, A: Tensor, B: Tensor) {
    if (A.ndim !== 2 || B.ndim !== 2) throw new Error("Kronecker expected two matrices");
    ctx.saveForBackward(A, B);
    return kron(A, B);
  }

  static backward(ctx: Context, G: Tensor) {
    const [A, B] = ctx.savedTensors;
    const [p, q] = [A.size(0), A.size(1)];
    const [r, s] = [B.size(0), B.size(1)];
    const blocks = G.reshape(p, r, q, s).permute(0, 2, 1, 3);
    return [blocks.mul(B).sum([2, 3]), blocks.mul(A.reshape(p, q, 1, 1)).sum([0, 1])];
  }
}

/** X Ī Xᵀ with Ī = (I − 11ᵀ/M)/M: the covariance of M pixels' features (fast-MPN-COV's Covpool). */
export class CovariancePooling extends Function {
  static forward(ctx: Context, input: Tensor) {
    if (input.ndim !== 4) throw new Error(`expected (batch, channel, height, width), got (${input.shape})`);
    const x = input.flatten(2);
    const M = x.size(2);
    const centering = eye(M)
      .div(M)
      .sub(full([M, M], 1 / M / M));
    ctx.saveForBackward(input, centering);
    return x.matmul(centering).matmul(x.mT);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, centering] = ctx.savedTensors;
    const gradX = gradOutput.add(gradOutput.mT).matmul(input.flatten(2)).matmul(centering);
    return gradX.reshape(input.shape);
  }
}

/** W X Wᵀ for a batch of matrices X (SPDNet's BiMap, Huang & Van Gool 2017). */
export class Congruence extends Function {
  static forward(ctx: Context, X: Tensor, W: Tensor) {
    if (W.ndim !== 2 || X.ndim < 2) {
      throw new Error(`Congruence expected matrices X and one matrix W, got (${X.shape}) and (${W.shape})`);
    }
    ctx.saveForBackward(X, W);
    return W.matmul(X).matmul(W.mT);
  }

  static backward(ctx: Context, G: Tensor) {
    const [X, W] = ctx.savedTensors;
    const gradX = W.mT.matmul(G).matmul(W);
    const gradW = G.matmul(W).matmul(X.mT).add(G.mT.matmul(W).matmul(X));
    return [gradX, gradW.sumToSize(W.shape)];
  }
}

/** bᵀ A⁻¹ b by two solves (GPyTorch's inv_quad); A need not be symmetric. */
export class InverseQuadraticForm extends Function {
  static forward(ctx: Context, A: Tensor, b: Tensor) {
    if (A.ndim !== 2 || b.ndim !== 1) throw new Error("expected a matrix A and a vector b");
    ctx.saveForBackward(A, b);
    return b.dot(linalg.solve(A, b));
  }

  static backward(ctx: Context, g: Tensor) {
    const [A, b] = ctx.savedTensors;
    const right = linalg.solve(A, b);
    const left = linalg.solve(A.t(), b);
    return [left.outer(right).mul(g).neg(), left.add(right).mul(g)];
  }
}
