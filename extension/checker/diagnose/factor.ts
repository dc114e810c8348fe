/** @file What a wrong factor is: a sign, a number, or a size of the arguments, as where a mean is taken for a sum. */

import { isTensor } from "@gradient-lens/engine";
import { isCalled, numberOf, reachable } from "@gradient-lens/engine/symbolic";
import type { Case, Scene } from "./case.ts";
import type { Details, Explanation } from "./explanation.ts";

interface Size {
  readonly text: string;
  readonly here: number;
  /** At other sizes; null where there are none to compare with. */
  readonly there: number | null;
}

/**
 * @param factor by which what is returned is too large
 * @param elsewhere the same at other sizes
 */
export function factorExplanation(
  c: Case,
  factor: number,
  elsewhere: number | null,
  details: Details,
): Explanation {
  if (near(factor, -1)) return { kind: "wrong-sign", details };
  const number = c.scenes[0].args.findIndex(
    arg => typeof arg === "number" && arg !== 0 && arg !== 1 && (near(factor, arg) || near(factor, 1 / arg)),
  );
  if (number >= 0) {
    const missing = near(factor, 1 / (c.scenes[0].args[number] as number));
    return {
      kind: missing ? "factor-missing" : "factor-superfluous",
      details: { ...details, part: c.names[number] ?? "a number" },
    };
  }
  if ((elsewhere === null || near(elsewhere, factor)) && averaged(c, factor)) {
    return { kind: "sum-for-mean", details: { ...details, size: String(factor) } };
  }
  const constant = elsewhere === null ? isUsual(factor) : near(factor, elsewhere);
  if (!constant) {
    for (const size of sizesOf(c)) {
      const is = (f: (n: number) => number): boolean =>
        near(factor, f(size.here)) &&
        (elsewhere === null || (size.there !== null && near(elsewhere, f(size.there))));
      if (is(n => n)) return { kind: "sum-for-mean", details: { ...details, size: size.text } };
      if (is(n => 1 / n)) return { kind: "mean-for-sum", details: { ...details, size: size.text } };
      const said = (text: string): Explanation => ({
        kind: "wrong-factor",
        details: { ...details, factor: text },
      });
      if (is(Math.sqrt)) return said(`√n times too large, where n is ${size.text}`);
      if (is(n => 1 / Math.sqrt(n))) return said(`√n times too small, where n is ${size.text}`);
      if (is(n => (n - 1) / n)) return said(`(n − 1) / n times what it should be, where n is ${size.text}`);
      if (is(n => n / (n - 1))) return said(`n / (n − 1) times what it should be, where n is ${size.text}`);
    }
  }
  return { kind: "wrong-factor", details: { ...details, factor: factorText(factor) } };
}

/** Whether forward divides a sum by this number. */
function averaged({ workings }: Case, by: number): boolean {
  const nodes = workings === null ? [] : reachable(workings.outputs.filter(y => y !== null));
  return nodes.some(
    e => isCalled(e, "div") && isCalled(e.call.inputs[0]!, "sum") && numberOf(e.call.inputs[1]!) === by,
  );
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
}

/** Numbers that rules have in them, whatever the sizes are. */
function isUsual(factor: number): boolean {
  return [2, 0.5, -2, -0.5].some(usual => near(factor, usual));
}

/** The sizes that people divide by: of batches, of all entries, of single dimensions. */
function sizesOf({ scenes: [scene], larger, names }: Case): Size[] {
  const sizes: Size[] = [];
  const add = (text: string, size: (scene: Scene) => number | undefined): void => {
    const here = size(scene);
    if (here === undefined || here < 2) return;
    const there = larger === null ? null : (size(larger) ?? null);
    sizes.push({ text, here, there });
  };
  scene.args.forEach((arg, i) => {
    if (!isTensor(arg)) return;
    const name = names[i] ?? `argument ${i}`;
    const at = (s: Scene) => (isTensor(s.args[i]) ? s.args[i] : null);
    if (arg.ndim !== 1) add(`the number of entries of \`${name}\``, s => at(s)?.numel());
    arg.shape.forEach((_, d) => {
      add(
        arg.ndim === 1 ? `the length of \`${name}\`` : `the size of \`${name}\` along dimension ${d}`,
        s => at(s)?.shape[d],
      );
    });
  });
  scene.oracle.shapes.forEach((shape, o) => {
    if (shape !== null && shape.length > 0) {
      add("the number of entries of the output", s => s.oracle.shapes[o]?.reduce((n, d) => n * d, 1));
    }
  });
  // Products of two dimensions: a batch and a length, over which a channel is summed.
  scene.args.forEach((arg, i) => {
    if (!isTensor(arg) || arg.ndim < 3) return;
    for (let a = 0; a < arg.ndim; a++) {
      for (let b = a + 1; b < arg.ndim; b++) {
        add(`the product of the sizes of \`${names[i]}\` along dimensions ${a} and ${b}`, s => {
          const other = s.args[i];
          return isTensor(other) ? other.shape[a]! * other.shape[b]! : undefined;
        });
      }
    }
  });
  return sizes;
}

/** "twice as large as it should be" */
export function factorText(factor: number): string {
  if (near(factor, 2)) return "twice what it should be";
  if (near(factor, 0.5)) return "half of what it should be";
  if (near(factor, -2)) return "twice what it should be, and of the wrong sign";
  const sign = factor < 0 ? ", and of the wrong sign" : "";
  const size = Math.abs(factor);
  for (let q = 1; q <= 12; q++) {
    const p = Math.round(size * q);
    if (p > 0 && near(size, p / q)) return `${q === 1 ? p : `${p}/${q}`} times what it should be${sign}`;
  }
  return `${Number(size.toPrecision(6))} times what it should be${sign}`;
}
