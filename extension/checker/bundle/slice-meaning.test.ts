import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Module } from "../source/module.ts";
import { Slice } from "./slice.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const name = fc.constantFrom(...NAMES);
const digit = fc.integer({ min: 0, max: 9 }).map(String);
/** A number made from the lists so far. */
const value = fc.oneof(
  digit,
  name.map(x => `sum(${x})`),
  fc.tuple(name, digit).map(([x, n]) => `(${x}[${n}] ?? ${n})`),
);

/** Statements that change a list, each in a way of its own; all of them log what they do. */
const change = fc
  .tuple(
    fc.constantFrom<(x: string, y: string, v: string, w: string) => string>(
      (x, _, v) => `${x}.push(${v});`,
      (x, _, v) => `${x}[1] = ${v};`,
      (x, _, v) => `${x} = [...${x}, ${v}];`,
      (x, y, v) => `[${x}[0], ${y}[1]] = [${v}, ${v}];`,
      (x, _, v) => `({ p: ${x}[2] } = { p: ${v} });`,
      (x, _, v) => `Object.assign(${x}, [${v}]);`,
      (x, y, v) => `for (const i of ${y}.slice(0, 3)) { log(i); ${x}.push(i + ${v}); }`,
      (x, _, v) => `for (let i = 0; ; i++) { if (i > 2) { log(i); break; } ${x}[i] = ${v}; }`,
      (x, y, v, w) =>
        `for (const i of [1, 2, 3]) { const t = i + ${w}; if (t % 2) continue; ${x}.push(t); ${y}.push(${v}); }`,
      (x, y, v, w) => `if (${v} > 4) ${x}.push(${w}); else log(${y});`,
      (x, y, v, w) => `if (${v} > 4) { log(1); } else { ${x}[0] = ${w}; ${y}.reverse(); }`,
      (x, y, v) =>
        `switch (${v} % 3) { case 0: ${x}.push(1); break; case 1: ${y}.push(1); default: log(${x}); ${x}.push(2); }`,
      (x, y, v) =>
        `try { log(${v}); ${x}.push(${v}); missing(); } catch { ${y}.push(${v}); } finally { ${x}.sort(); }`,
      (x, y, v) =>
        `outer: for (const i of [1, 2]) { for (const j of [3, 4]) { if (i + j > 4) break outer; ${x}.push(i * j + ${v}); } ${y}.pop(); }`,
      (x, y, v) => `early: { if (${v} > 4) { log(3); break early; } ${x}.push(1); ${y}.push(2); }`,
      (x, _, v) => `(() => { log(2); ${x}.unshift(${v}); })();`,
      x => `{ let ${x} = [7]; ${x}.push(1); log(${x}); }`,
      (x, _, v) => `{ const t = [${v}]; ${x}.push(...t); }`,
      (x, _, v, w) => `{ function fill() { ${x}.push(${v}); log(${w}); } fill(); }`,
      (x, y, v) => `var n = ${v}, t = ${x}.length; while (n-- > 5) ${y}.push(t);`,
      (x, y) => `log(${x}, ${y});`,
    ),
    name,
    name,
    value,
    value,
  )
  .map(([write, x, y, v, w]) => write(x, y, v, w));

const program = fc
  .tuple(
    fc.array(value, { minLength: NAMES.length, maxLength: NAMES.length }),
    fc.array(change, { maxLength: 12 }),
  )
  .map(([values, changes]) => {
    const lists = NAMES.map(
      (x, i) =>
        `let ${x} = [${i}${i > 0 ? `, sum(${NAMES[i - 1]}) + ${values[i]!.replace(/[a-e]/g, "a")}` : ""}];`,
    );
    return [
      ...lists,
      ...changes,
      "function sum(list) { let s = 0; for (const x of list) s += x ?? 0; return s; }",
    ].join("\n");
  });

function valueOf(text: string, x: string, log: (...args: unknown[]) => void): unknown {
  return new globalThis.Function("log", `${text}\nreturn ${x};`)(log);
}

describe("a slice", () => {
  it("gives a name the value that the whole module gives it, and does nothing else", {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(program, name, (text, x) => {
        const slice = new Slice(new Module("/a.js", text));
        slice.wantBinding(x);
        const alone = valueOf(slice.text(), x, () => {
          // What is called goes as a whole, and so does what a catch that matters may catch.
          if (!/fill\(\)|\(\(\) =>|catch/.test(text)) expect.unreachable(`logged in\n${slice.text()}`);
        });
        expect(alone).toEqual(valueOf(text, x, () => {}));
      }),
      { numRuns: 300 },
    );
  });
});
