/** @file Linear layers and what is built of them. */

import { type Context, einsum, Function, onceDifferentiable, type Tensor } from "@gradient-lens/engine";

/** x Wᵀ + b with an optional bias; computes only what is asked for ("Extending PyTorch"). */
export class Linear extends Function {
  static forward(ctx: Context, input: Tensor, weight: Tensor, bias: Tensor | null = null) {
    ctx.saveForBackward(input, weight, bias);
    const output = input.mm(weight.t());
    if (bias === null) return output;
    if (bias.ndim !== 1 || bias.size(0) !== weight.size(0)) {
      throw new Error(`Linear expected a bias of shape (${weight.size(0)},), got (${bias.shape})`);
    }
    return output.add(bias.unsqueeze(0).expandAs(output));
  }

  static backward(ctx: Context, gradOutput: Tensor) {
    const [input, weight, bias] = ctx.savedTensors;
    let gradInput: Tensor | null = null;
    let gradWeight: Tensor | null = null;
    let gradBias: Tensor | null = null;
    if (ctx.needsInputGrad[0]) gradInput = gradOutput.mm(weight);
    if (ctx.needsInputGrad[1]) gradWeight = gradOutput.t().mm(input);
    if (bias !== null && ctx.needsInputGrad[2]) gradBias = gradOutput.sum(0);
    return [gradInput, gradWeight, gradBias];
  }
}

/** x Wᵀ + s (x Aᵀ) Bᵀ, a frozen weight with a low-rank update (Hu et al. 2021). */
export class LoRALinear extends Function {
  static forward(ctx: Context, X: Tensor, W: Tensor, A: Tensor, B: Tensor, scale: number) {
    if (W.size(0) !== B.size(0)) {
      throw new Error(`LoRALinear: W (${W.shape}) and B (${B.shape}) give outputs of different sizes`);
    }
    ctx.saveForBackward(X, W, A, B);
    ctx.scale = scale;
    return X.mm(W.t()).addmm(X.mm(A.t()), B.t(), { beta: 1, alpha: scale });
  }

  static backward(ctx: Context, dY: Tensor) {
    const [X, W, A, B] = ctx.savedTensors;
    const scaled = dY.mul(ctx.scale);
    const dX = dY.mm(W).add(scaled.mm(B).mm(A));
    const dA = scaled.mm(B).t().mm(X);
    const dB = scaled.t().mm(X.mm(A.t()));
    return [dX, dY.t().mm(X), dA, dB, null];
  }
}

/** yₙₖ = x₁ₙᵀ Wₖ x₂ₙ + bₖ (torch.nn.Bilinear). */
export class Bilinear extends Function {
  static forward(ctx: Context, x1: Tensor, weight: Tensor, x2: Tensor, bias: Tensor) {
    const [k, i, j] = weight.shape;
    if (weight.ndim !== 3 || x1.ndim !== 2 || x1.size(1) !== i || `${x2.shape}` !== `${[x1.size(0), j]}`) {
      throw new Error(
        `Bilinear: (${x1.shape}), (${x2.shape}) do not fit a weight of shape (${weight.shape})`,
      );
    }
    if (`${bias.shape}` !== `${k}`) throw new Error(`Bilinear expected ${k} biases, got (${bias.shape})`);
    ctx.saveForBackward(x1, weight, x2);
    return einsum("ni,kij,nj->nk", x1, weight, x2).add(bias);
  }

  static backward(ctx: Context, g: Tensor) {
    const [x1, weight, x2] = ctx.savedTensors;
    return [
      einsum("nk,kij,nj->ni", g, weight, x2),
      einsum("nk,ni,nj->kij", g, x1, x2),
      einsum("nk,kij,ni->nj", g, weight, x1),
      g.sum(0),
    ];
  }
}

function silu(x: Tensor): Tensor {
  return x.mul(x.sigmoid());
}

/** (silu(x W₁ᵀ + b₁) ⊙ (x W₂ᵀ + b₂)) W₃ᵀ + b₃ of seven inputs, with saved intermediates (xFormers' SwiGLU). */
export class SwiGLUMLP extends Function {
  static forward(
    ctx: Context,
    x: Tensor,
    w1: Tensor,
    b1: Tensor,
    w2: Tensor,
    b2: Tensor,
    w3: Tensor,
    b3: Tensor,
  ) {
    for (const [weight, bias] of [
      [w1, b1],
      [w2, b2],
      [w3, b3],
    ] as const) {
      if (bias.ndim !== 1 || weight.ndim !== 2 || bias.size(0) !== weight.size(0)) {
        throw new Error(
          `SwiGLUMLP: a bias of shape (${bias.shape}) does not fit a weight of shape (${weight.shape})`,
        );
      }
    }
    const gate = x.mm(w1.t()).add(b1);
    const up = x.mm(w2.t()).add(b2);
    if (gate.size(1) !== up.size(1)) {
      throw new Error(
        `SwiGLUMLP: w1 and w2 give ${gate.size(1)} and ${up.size(1)} features, expected as many`,
      );
    }
    ctx.saveForBackward(x, w1, w2, w3, gate, up);
    return silu(gate).mul(up).mm(w3.t()).add(b3);
  }

  static backward = onceDifferentiable((ctx: Context, dy: Tensor) => {
    const [x, w1, w2, w3, gate, up] = ctx.savedTensors;
    const sigmoid = gate.sigmoid();
    const activated = gate.mul(sigmoid);
    const dHidden = dy.mm(w3);
    const dUp = dHidden.mul(activated);
    const dGate = dHidden.mul(up).mul(sigmoid.add(activated.mul(sigmoid.rsub(1))));
    return [
      dGate.mm(w1).add(dUp.mm(w2)),
      dGate.t().mm(x),
      dGate.sum(0),
      dUp.t().mm(x),
      dUp.sum(0),
      dy.t().mm(activated.mul(up)),
      dy.sum(0),
    ];
  });
}

/** alpha op(A) op(B) + beta C: ONNX's Gemm, its attributes as an options object. */
export class Gemm extends Function {
  static forward(
    ctx: Context,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    options: { alpha?: number; beta?: number; transA?: boolean; transB?: boolean } = {},
  ) {
    const { alpha = 1, beta = 1, transA = false, transB = false } = options;
    const product = (transA ? A.t() : A).mm(transB ? B.t() : B);
    ctx.saveForBackward(A, B, C);
    ctx.options = { alpha, beta, transA, transB };
    return product.mul(alpha).add(C.expandAs(product).mul(beta));
  }

  static backward(ctx: Context, dY: Tensor) {
    const [A, B, C] = ctx.savedTensors;
    const { alpha, beta, transA, transB } = ctx.options;
    const scaled = dY.mul(alpha);
    const dA = scaled.mm(transB ? B : B.t());
    const dB = (transA ? A : A.t()).mm(scaled);
    return [transA ? dA.t() : dA, transB ? dB.t() : dB, dY.mul(beta).sumToSize(C.shape), null];
  }
}
