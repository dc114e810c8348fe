/** @file Which ways the comparisons of a Function have gone at the points it was judged at. */

import { FAILED, HELD, type Outcomes } from "@gradient-lens/engine/judge";

export class Branches {
  readonly #seen: number[] = [];

  note(outcomes: Outcomes): void {
    outcomes.forEach((outcome, i) => {
      this.#seen[i] = (this.#seen[i] ?? 0) | outcome;
    });
  }

  /** Whether some comparison went a way that it has not gone before. */
  isNews(outcomes: Outcomes): boolean {
    return outcomes.some((outcome, i) => (outcome & ~(this.#seen[i] ?? 0)) !== 0);
  }

  /** Whether each held for some element and did not for another. */
  get areAllSeen(): boolean {
    return this.#seen.every(outcome => outcome === (HELD | FAILED));
  }
}
