/**
 * @file A backward as the transpose of the Function's own jvp, which is linear in the tangents: for a forward in which nothing can be
 * traced, so that no formula can be derived, beside a jvp that is right.
 */

import type { Candidate } from "../candidate.ts";
import type { Ground } from "../ground.ts";
import { leftUnused } from "./left-unused.ts";
import { namesInScope } from "./saved-names.ts";
import { candidate, replaced } from "./spot.ts";

/** Not before a formula. */
const AFTER_FORMULAS = 40;

export function transposedJvp(ground: Ground): Candidate[] {
  const { backward, jvp } = ground.methods;
  const parameters = ground.inherited.forward?.parameters ?? [];
  const result = backward?.returns.at(-1);
  const gradOutput = backward?.parameters[0];
  if (backward === undefined || jvp === undefined || result === undefined || gradOutput === undefined)
    return [];
  if (backward.ctx === null || backward.parameters.length > 1 || jvp.parameters.length !== parameters.length)
    return [];
  // Only the shape counts, of what is linear: the output's where the input is not at hand.
  const names = namesInScope(ground, backward);
  const primals = parameters.map(parameter => names.get(parameter) ?? gradOutput);
  const call = (typed: string, engine: string): string => {
    const tangents = jvp.parameters.map(name => name.replace(/^_+/, ""));
    const declared = tangents.map(name => `${name}${typed}`).join(", ");
    const line = `${ground.name}.jvp(${[backward.ctx, ...tangents].join(", ")})`;
    return `${engine}func.vjp((${declared}) => ${line}, ${primals.join(", ")}).vjp(${gradOutput})`;
  };
  const spot = { ground, method: backward };
  const typed = /:\s*(?:[\w$]+\.)?Tensor\b/.test(jvp.body.parent.getText());
  const text = call(typed ? ": Tensor" : "", "");
  const change = { ...replaced(spot, result, text), alternative: call("", "engine.") };
  return [
    candidate("Return the transpose of jvp", change, {
      imports: ["func"],
      beside: leftUnused(result, text, ground, backward),
      surcharge: AFTER_FORMULAS,
    }),
  ];
}
