// Why is the gradient of `(x @ A @ xᵀ).sum()` not `x @ (A + Aᵀ)`?
//
// Each row x[i] of x is a sample. Entry [i, j] of x @ A @ xᵀ is x[i] A x[j]ᵀ: the quadratic form of one
// sample only where i = j. The sum over all entries holds the cross terms, x[i] with every other x[j], so
// each sample's gradient depends on all samples; here all rows come out as [68, 74].
//
// The diagonal alone holds the quadratic forms. Its sum, a loop over the rows, and an einsum that names
// the sample once all have the gradient x @ (A + Aᵀ).
//
// What to see: the sum in `quadraticForms()`, which returns all of these gradients, has the hint cross-terms
// with fixes; QuadraticForm below, whose backward is x (A + Aᵀ) scaled by gradOutput, is correct.

import {
  autograd,
  type Context,
  einsum,
  Function,
  manualSeed,
  randint,
  type Tensor,
} from "@gradient-lens/engine";

export class QuadraticForm extends Function {
  static forward(ctx: Context, x: Tensor, A: Tensor) {
    ctx.saveForBackward(x, A);
    return x.matmul(A).mul(x).sum(1);
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [x, A] = ctx.savedTensors;
    const scaled = x.mul(gradOutput.unsqueeze(1));
    return [scaled.matmul(A.add(A.t())), scaled.t().matmul(x)];
  }
}

/** The forum's numbers, as torch draws them, and the gradient with respect to x of each way to write it. */
export function quadraticForms() {
  manualSeed(1066);
  const x = randint(0, 5, [5, 2]).to("float32");
  const A = randint(0, 5, [2, 2]).to("float32");
  const gradient = (f: (x: Tensor) => Tensor): Tensor => {
    const leaf = x.detach().requiresGrad_();
    return autograd.grad(f(leaf), leaf)[0]!;
  };
  return {
    x,
    A,
    sum: gradient(x => x.matmul(A).matmul(x.t()).sum()),
    diagonal: gradient(x => x.matmul(A).matmul(x.t()).diagonal().sum()),
    loop: gradient(x =>
      x
        .unbind()
        .map(row => row.matmul(A).matmul(row))
        .reduce((a, b) => a.add(b)),
    ),
    einsum: gradient(x => einsum("bi,ij,bj->b", x, A, x).sum()),
    custom: gradient(x => QuadraticForm.apply(x, A).sum()),
    formula: x.matmul(A.add(A.t())),
  };
}
