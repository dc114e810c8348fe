/** @file Hypotheses about which function was differentiated: another one, or only the diagonal of the Jacobian. */

import { isTensor, noGrad, type Tensor } from "@gradient-lens/engine";
import { type Case, flat, partsOf, type Scene } from "./case.ts";
import type { Explanation } from "./explanation.ts";
import { alike, isZero } from "./numbers-alike.ts";

/** Functions of the output, with their derivatives: people take the rule of a neighbour. */
const NEIGHBOURS: readonly (readonly [text: string, slope: (y: Tensor) => Tensor])[] = [
  ["exp(output)", y => y.exp()],
  ["log(output)", y => y.reciprocal()],
  ["output²", y => y.mul(2)],
  ["√output", y => y.sqrt().mul(2).reciprocal()],
  ["1 / output", y => y.square().reciprocal().neg()],
];

/** As many entries of the output as are asked for one by one. */
const MOST_ENTRIES = 40;

export function explainOtherFunction(c: Case): Explanation | null {
  return turned(c) ?? neighbour(c);
}

/** Each entry's derivative by its own input alone. */
export function explainDiagonal(c: Case): Explanation | null {
  const i = c.wrong.find(argument => c.scenes.every(scene => isDiagonal(scene, argument)));
  return i === undefined
    ? null
    : { kind: "diagonal-only", details: { argument: c.names[i] ?? `argument ${i}` } };
}

function isDiagonal({ oracle, cotangent, returned }: Scene, i: number): boolean {
  const got = returned[i];
  if (got == null || got.length !== cotangent.length || got.length < 2 || got.length > MOST_ENTRIES)
    return false;
  const own = Float64Array.from(cotangent, (g, k) => {
    const seed = new Float64Array(cotangent.length);
    seed[k] = g;
    return oracle.expected(seed)?.[i]?.[k] ?? Number.NaN;
  });
  return !isZero(own) && alike(got, own);
}

/** Right for the transpose of what flows in. */
function turned(c: Case): Explanation | null {
  const holds = c.scenes.every(({ oracle, cotangent, returned }) => {
    const parts = partsOf(cotangent, oracle.shapes).map(g =>
      g !== null && g.ndim >= 2 && g.size(-1) === g.size(-2) ? g.mT : g,
    );
    const other = Float64Array.from(parts.filter(isTensor).flatMap(flat));
    const right = alike(other, cotangent) ? null : oracle.expected(other);
    return (
      right !== null &&
      c.wrong.every(i => returned[i] != null && right[i] != null && alike(returned[i], right[i]))
    );
  });
  return holds && c.wrong.length > 0 ? { kind: "grad-output-transposed", details: {} } : null;
}

function neighbour(c: Case): Explanation | null {
  const found = NEIGHBOURS.find(([, slope]) =>
    c.scenes.every(scene => c.wrong.length > 0 && isOf(c, scene, slope)),
  );
  return found === undefined ? null : { kind: "wrong-function", details: { part: found[0] } };
}

function isOf(
  c: Case,
  { oracle, cotangent, returned, leaves }: Scene,
  slope: (y: Tensor) => Tensor,
): boolean {
  const y = leaves?.[c.workings?.outputLeaves[0]?.name ?? ""];
  const [g, ...more] = partsOf(cotangent, oracle.shapes);
  if (y === undefined || !isTensor(g) || more.length > 0) return false;
  const right = oracle.expected(Float64Array.from(flat(noGrad(() => g.mul(slope(y))))));
  return (
    right !== null &&
    c.wrong.every(i => returned[i] != null && right[i] != null && alike(returned[i], right[i]))
  );
}
