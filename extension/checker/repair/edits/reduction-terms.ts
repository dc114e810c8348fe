/**
 * @file The terms of a derivative that come of a sum or a mean in forward: each entry moves the sum, and the sum moves all the
 * others. For y = x / |x| and for a softmax it is y ⟨g, y⟩, for a mean the mean of what arrives.
 */

import ts from "typescript";
import type { Candidate } from "../candidate.ts";
import { appended, called, candidate, type Edit, mayBeTensor } from "./spot.ts";

interface Reduction {
  readonly name: "sum" | "mean";
  /** As written: "-1, true". */
  readonly args: string;
}

const REDUCES = /\.(sum|mean|softmax|logSoftmax|norm|var|std)\(([^()]*)\)/g;
const DIM = /^(-?\d+|\[[-\d, ]+\])/;
const MOST_REDUCTIONS = 3;
const MOST_NAMES = 6;

export const reductionTerms: Edit = (node, spot) => {
  if (!mayBeTensor(node, spot)) return [];
  const reductions = reductionsIn((spot.ground.inherited.forward?.body ?? spot.ground.node).getText());
  const arrives = [...new Set([rootOf(node), spot.method.parameters[0]])].filter(name => name !== undefined);
  const kept = spot.method.tensors.filter(name => !arrives.includes(name)).slice(0, MOST_NAMES);
  const what = called(node);
  return reductions.flatMap(({ name, args }) =>
    arrives.flatMap((g): Candidate[] => [
      candidate(`Subtract ${name}(${g}) from ${what}`, appended(spot, node, `.sub(${g}.${name}(${args}))`)),
      ...kept.map(y =>
        candidate(
          `Subtract ${y} ⊙ ${name}(${g} ⊙ ${y})`,
          appended(spot, node, `.sub(${y}.mul(${g}.mul(${y}).${name}(${args})))`),
        ),
      ),
    ]),
  );
};

/** Forward's sums and means over a dimension, with the dimension kept; a softmax divides by a sum. */
function reductionsIn(forward: string): Reduction[] {
  const found = [...forward.matchAll(REDUCES)].flatMap(([, called, args]): Reduction[] => {
    const [dim] = DIM.exec(args!) ?? [];
    if (dim === undefined) return [];
    return [{ name: /^(mean|var|std)$/.test(called!) ? "mean" : "sum", args: `${dim}, true` }];
  });
  const byText = new Map(found.map(reduction => [JSON.stringify(reduction), reduction]));
  return [...byText.values()].slice(0, MOST_REDUCTIONS);
}

/** The variable that a chain of calls begins with. */
function rootOf(node: ts.Expression): string | undefined {
  let inner = node;
  while (ts.isCallExpression(inner) || ts.isPropertyAccessExpression(inner)) inner = inner.expression;
  return ts.isIdentifier(inner) ? inner.text : undefined;
}
