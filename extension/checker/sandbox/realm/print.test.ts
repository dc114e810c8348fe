import { describe, expect, test } from "vitest";
import { print, printAll } from "./print.ts";

const options = { chars: 2_000, ofEngine: () => null };
const cyclic: Record<string, unknown> = { a: 1 };
cyclic.self = cyclic;
class Point {
  x = 1;
  #hidden = 2;
  get sum() {
    return this.x + this.#hidden;
  }
}

describe("prints", () => {
  test.each<[unknown, string]>([
    [{}, "{}"],
    [{ a: [1, "two", -0, 3n, null, undefined] }, '{ a: [1, "two", -0, 3n, null, undefined] }'],
    [new Point(), "Point { x: 1 }"],
    [Object.create(null), "{}"],
    [cyclic, "{ a: 1, self: [circular] }"],
    [{ a: { b: { c: { d: { e: 1 } } } } }, "{ a: { b: { c: { d: {…} } } } }"],
    [new Float64Array([1, 2.5]), "Float64Array(2) [1, 2.5]"],
    [new Map([[1, 2]]), "Map(1)"],
    [new Set([1]), "Set(1)"],
    [new TypeError("bad"), "TypeError: bad"],
    [function named() {}, "[function named]"],
    [Symbol("s"), "Symbol(s)"],
    [Array(2), "[, ]"],
  ])("%o as %s", (value, text) => {
    expect(print(value, options)).toBe(text);
  });

  test("without running getters, toString or toJSON", () => {
    const never = () => {
      throw new Error("was run");
    };
    const value = { toString: never, toJSON: never, [Symbol.toPrimitive]: never };
    Object.defineProperty(value, "got", { get: never, enumerable: true });
    expect(print(value, options)).toContain("got: [getter]");
  });

  test("what cannot be read, as such", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(print({ proxy }, options)).toBe("{ proxy: [unreadable] }");
  });

  test("vast values up to the budget", () => {
    const wide = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`key${i}`, i]));
    expect(print(wide, options)).toMatch(/^\{ key0: 0, .*, … \}$/);
    expect(print(new Array(2 ** 32 - 1), options).length).toBeLessThan(200);
    expect(printAll(["x".repeat(5000), wide], options)).toHaveLength(2000);
  });

  test("tensors as the engine does", () => {
    expect(printAll(["x =", {}], { ...options, ofEngine: () => "tensor(1.)" })).toBe("x = tensor(1.)");
  });
});
