/** @file What is found out about a reduction that mixes the samples of a batch: data, which crosses the wall of the sandbox. */

export interface CrossTerms {
  /** The batch, as the text calls it. */
  batch: string;
  /** `x[i] @ A @ x[j]` */
  term: string;
  /** `x[i] @ A @ x[i]`; null where the product is no chain of factors. */
  own: string | null;
  /** Of the terms with i = j alone, by the batch: `x @ (A + Aᵀ)`; null where no few words say it. */
  gradient: string | null;
  reduction: "sum" | "mean";
  /** Of each rewrite that was proposed, in their order: whether it gives what the diagonal alone holds. */
  hold: boolean[];
}
