/** @file Tensors kept for the backward pass, with the versions they had: whether they are still what they were. */

import { outputNrOf, storageOf, type Tensor, tornTensor } from "../tensor/tensor.ts";

export class Saved {
  /** What saved them, for errors. */
  readonly #by: string;
  readonly #versions: number[] = [];
  #tensors: readonly (Tensor | null)[] | null;

  constructor(by: string, tensors: readonly (Tensor | null)[]) {
    this.#by = by;
    this.#tensors = tensors;
    for (let i = 0; i < tensors.length; i++) {
      const t = tensors[i] ?? null;
      this.#versions.push(t === null ? 0 : storageOf(t).version);
    }
  }

  /** Lets go of them. */
  release(): void {
    this.#tensors = null;
  }

  /**
   * The tensors.
   * @param modified what to do about one that was changed in place since
   * @throws once they were released
   */
  read(modified: (t: Tensor, error: () => Error) => Tensor): (Tensor | null)[] {
    if (this.#tensors === null) throw freedGraphError(this.#by);
    return this.#tensors.map((t, i) => {
      if (t === null || storageOf(t).version === this.#versions[i]) return t;
      return modified(t, () => modifiedError(this.#by, t, storageOf(t).version, this.#versions[i]!));
    });
  }

  /**
   * For a rule, which gets all inputs and outputs but seldom reads them all: one that was changed comes
   * without its elements, so that only a rule that needs them fails.
   */
  readForRule(): Tensor[] {
    return this.read(tornTensor) as Tensor[];
  }
}

/** Torch's error for a graph that was run already. */
export function freedGraphError(name: string): Error {
  return new Error(
    `${name}: trying to backward through the graph a second time, but what it saved was freed by the first. ` +
      "Pass { retainGraph: true } to the first backward() or grad() to keep it.",
  );
}

function modifiedError(by: string, t: Tensor, version: number, saved: number): Error {
  return new Error(
    "One of the variables needed for gradient computation has been modified by an in-place operation: " +
      `a tensor [${t.shape.join(", ")}], output ${outputNrOf(t)} of ${t.gradFn?.name ?? "a leaf"}, saved by ${by}, ` +
      `is at version ${version}; expected version ${saved}. Change a clone() of it instead.`,
  );
}
