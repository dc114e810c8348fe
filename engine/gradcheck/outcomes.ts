/** @file Which ways the comparisons of a Function go at given arguments, found by running it there once. */

import type { Outcomes } from "../tensor/comparisons.ts";
import type { JudgedFunction } from "./ruling.ts";
import { Subject } from "./subject.ts";

/** Those of forward, then those of backward; null where one of them does not run. */
export function outcomesAt(definition: JudgedFunction, args: readonly unknown[]): Outcomes | null {
  const subject = Subject.at(definition, args);
  if (!(subject instanceof Subject)) return null;
  const returned = subject.pull(new Float64Array(subject.total).fill(1));
  return "kind" in returned ? null : subject.outcomes;
}
