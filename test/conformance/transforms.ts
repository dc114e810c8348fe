/**
 * @file What PyTorch's own tests wrap around some ops, so that the derivative is well defined: inputs made
 * hermitian or triangular, outputs freed from the arbitrary signs of singular and eigenvectors. A sample
 * names them in its fields `pre`, `post` and `select`; its values and derivatives are those of the composition.
 */

import { eye, type Tensor, where } from "@gradient-lens/engine";
import type { Sample } from "./vectors.ts";

/** The arguments that the op is called with. */
export function prepare(pre: Sample["pre"], args: readonly unknown[]): readonly unknown[] {
  if (pre === undefined) return args;
  const [name, k = "0"] = pre.split(":");
  const at = Number(k);
  const matrix = args[at] as Tensor;
  switch (name) {
    case "hermitian":
      return args.with(0, matrix.add(matrix.mT));
    case "a@b.mT":
      return [matrix.matmul((args[1] as Tensor).mT), ...args.slice(2)];
    case "tril":
      return args.with(at, matrix.tril());
    case "triu":
      return args.with(at, matrix.triu());
    case "tril_unit":
      return args.with(at, matrix.tril(-1).add(eye(matrix.size(-1))));
    case "triu_unit":
      return args.with(at, matrix.triu(1).add(eye(matrix.size(-1))));
    default:
      throw new TypeError(`the vectors use an unknown pre: ${pre}`);
  }
}

/** The outputs that are compared. */
export function finish({ select, post }: Pick<Sample, "select" | "post">, outputs: Tensor[]): Tensor[] {
  const kept = select === undefined ? outputs : select.map(i => outputs[i]!);
  if (post === undefined) return kept;
  const [a, b, c] = kept as [Tensor, Tensor, Tensor];
  switch (post) {
    case "svd_S":
      return [b];
    case "svd_U":
      return [columns(a, b.size(-1)).abs()];
    case "svd_Vh":
      return [b, rows(c, b.size(-1)).abs()];
    case "svd_UVh":
      return [columns(a, b.size(-1)).matmul(rows(c, b.size(-1))), b];
    case "abs:1":
      return [a, b.abs()];
    case "qr_sign":
      return withPositiveDiagonal(a, b);
    default:
      throw new TypeError(`the vectors use an unknown post: ${post}`);
  }
}

/** QR = (QD)(DR) for any diagonal D of signs; this D, a constant for differentiation, makes R's diagonal positive. */
function withPositiveDiagonal(Q: Tensor, R: Tensor): Tensor[] {
  const k = Math.min(Q.size(-2), R.size(-1));
  const sign = where(R.diagonal(0, -2, -1).lt(0), -1, 1).to(R.dtype);
  return [columns(Q, k).mul(sign.unsqueeze(-2)), rows(R, k).mul(sign.unsqueeze(-1))];
}

function columns(matrix: Tensor, k: number): Tensor {
  return matrix.narrow(-1, 0, k);
}

function rows(matrix: Tensor, k: number): Tensor {
  return matrix.narrow(-2, 0, k);
}
