/** @file Tensors kept for the backward pass, with the versions they had: whether they are still what they were. */

import { outputNrOf, storageOf, type Tensor, tornTensor } from "../tensor/tensor.ts";

export class Saved {
  /** One more, kept beside the list: an operation's own output. */
  #last: Tensor | null;
  /** What saved them, for errors. */
  readonly #by: { readonly name: string };
  /** Null while all versions are 0, as they mostly are. */
  readonly #versions: readonly number[] | null;
  #tensors: readonly (Tensor | null)[] | null;

  constructor(
    by: { readonly name: string },
    tensors: readonly (Tensor | null)[],
    last: Tensor | null = null,
  ) {
    this.#by = by;
    this.#tensors = tensors;
    this.#last = last;
    this.#versions = this.#allUnchanged(tensors) ? null : [...tensors, last].map(versionOf);
  }

  /** Puts `to[i]` in the place of `from[i]`, which has the same elements. */
  replace(from: readonly unknown[], to: readonly unknown[]): void {
    this.#tensors =
      this.#tensors?.map(t => {
        const at = t === null ? -1 : from.indexOf(t);
        return at < 0 ? t : (to[at] as Tensor);
      }) ?? null;
  }

  /** Lets go of them. */
  release(): void {
    this.#tensors = null;
    this.#last = null;
  }

  /**
   * The tensors.
   * @param modified what to do about one that was changed in place since
   * @throws once they were released
   */
  read(modified: (t: Tensor, error: () => Error) => Tensor): readonly (Tensor | null)[] {
    if (this.#tensors === null) throw freedGraphError(this.#by.name);
    if (this.#versions === null && this.#allUnchanged(this.#tensors)) return this.#tensors;
    return this.#tensors.map((t, i) => this.#checked(t, i, modified));
  }

  #checked(t: Tensor | null, i: number, modified: (t: Tensor, error: () => Error) => Tensor): Tensor | null {
    const saved = this.#versions?.[i] ?? 0;
    return t === null || versionOf(t) === saved ? t : modified(t, errorOf(this.#by.name, t, saved));
  }

  #allUnchanged(tensors: readonly (Tensor | null)[]): boolean {
    for (let i = 0; i < tensors.length; i++) if (versionOf(tensors[i]!) !== 0) return false;
    return versionOf(this.#last) === 0;
  }

  /**
   * For a rule, which gets all inputs and outputs but seldom reads them all: one that was changed comes
   * without its elements, so that only a rule that needs them fails.
   */
  readForRule(): readonly Tensor[] {
    return this.read(tornTensor) as readonly Tensor[];
  }

  /** The one beside the list, in the same way. */
  readLast(): Tensor {
    return this.#checked(this.#last, this.#tensors?.length ?? 0, tornTensor)!;
  }
}

const versionOf = (t: Tensor | null): number => (t === null ? 0 : storageOf(t).version);

/** Torch's error for a graph that was run already. */
function freedGraphError(name: string): Error {
  return new Error(
    `${name}: trying to backward through the graph a second time, but what it saved was freed by the first. ` +
      "Pass { retainGraph: true } to the first backward() or grad() to keep it.",
  );
}

/** Apart, since a function that makes a closure makes room for what that holds each time it is called. */
function errorOf(by: string, t: Tensor, saved: number): () => Error {
  return () => modifiedError(by, t, versionOf(t), saved);
}

function modifiedError(by: string, t: Tensor, version: number, saved: number): Error {
  return new Error(
    "One of the variables needed for gradient computation has been modified by an in-place operation: " +
      `a tensor [${t.shape.join(", ")}], output ${outputNrOf(t)} of ${t.gradFn?.name ?? "a leaf"}, saved by ${by}, ` +
      `is at version ${version}; expected version ${saved}. Change a clone() of it instead.`,
  );
}
