/** @file How a function of tensors becomes a method of Tensor, and takes torch's keyword arguments. */

import { isTensor, Tensor } from "./tensor.ts";

/** The signature that is left of a function when its first tensor is the one before the dot. */
export type Method<F> = F extends {
  (input: Tensor, ...args: infer A): infer R;
  (input: Tensor, ...args: infer B): infer S;
}
  ? [A, B] extends [B, A]
    ? (...args: A) => R
    : { (...args: A): R; (...args: B): S }
  : never;

/** Methods for a table of functions: `{ exp }` gives `x.exp()`. */
export type Methods<Functions> = { [Name in keyof Functions]: Method<Functions[Name]> };

/** The same under torch's names for in-place variants: `{ exp }` gives `x.exp_()`. */
export type InPlaceMethods<Functions> = {
  [Name in keyof Functions & string as `${Name}_`]: Method<Functions[Name]>;
};

// biome-ignore lint/suspicious/noExplicitAny: any function of tensors at all.
type AnyFunction = (...args: any[]) => unknown;

export function defineMethods(functions: Readonly<Record<string, AnyFunction>>): void {
  for (const [name, f] of Object.entries(functions)) {
    Object.defineProperty(Tensor.prototype, name, {
      value(this: Tensor, ...args: unknown[]) {
        return f(this, ...args);
      },
      writable: true,
      configurable: true,
    });
  }
}

/** Properties that are computed, such as `x.T`. */
export function defineGetters(functions: Readonly<Record<string, (input: Tensor) => unknown>>): void {
  for (const [name, f] of Object.entries(functions)) {
    Object.defineProperty(Tensor.prototype, name, {
      get(this: Tensor) {
        return f(this);
      },
      configurable: true,
    });
  }
}

/**
 * Lets a function be called as in torch, with its last arguments by name: `sum(x, { dim: 1, keepdim: true })`.
 * @param names of all its parameters, in order
 */
export function keywords<F extends AnyFunction>(
  name: string,
  names: readonly string[],
  // biome-ignore lint/suspicious/noExplicitAny: one implementation for all of F's overloads.
  f: (...args: any[]) => ReturnType<F>,
): F {
  const withAny = (...args: unknown[]): unknown => {
    const last = args.at(-1);
    const named = isKeywordObject(last);
    if (named) args.pop();
    if (args.length > names.length) refuseSurplus(name, names, args);
    if (!named) return f(...args);
    for (const [key, value] of Object.entries(last)) {
      const at = names.indexOf(key);
      if (at < 0) {
        throw new TypeError(
          `${name}() got an unexpected keyword '${key}'; expected one of ${names.join(", ")}.`,
        );
      }
      if (at < args.length && args[at] !== undefined) {
        throw new TypeError(`${name}() got '${key}' twice: as argument ${at + 1} and as a keyword.`);
      }
      args[at] = value;
    }
    return f(...args);
  };
  // Most calls are of two operands and nothing else: no list of arguments is made for them.
  const withTwo = (x?: unknown, y?: unknown, ...more: unknown[]): unknown => {
    if (more.length > 0) return withAny(x, y, ...more);
    if (y === undefined) return isTensor(x) ? f(x) : withAny(x);
    return names.length > 1 && (isTensor(y) || typeof y !== "object" || Array.isArray(y))
      ? f(x, y)
      : withAny(x, y);
  };
  return withTwo as unknown as F;
}

/** @throws for an argument too many, unless nobody gave it */
function refuseSurplus(name: string, names: readonly string[], args: readonly unknown[]): void {
  if (args.slice(names.length).every(surplus => surplus === undefined)) return;
  const most = `${names.length} argument${names.length === 1 ? "" : "s"}`;
  throw new TypeError(`${name}() takes at most ${most} (${names.join(", ")}), got ${args.length}.`);
}

/**
 * Lets the list of integers that a function takes after its tensor be spread as well: `reshape(x, 2, 3)` beside
 * `reshape(x, [2, 3])`.
 */
export function spreadable<F extends AnyFunction>(f: AnyFunction): F {
  const withList = (input: unknown, ...list: unknown[]): unknown =>
    list.length === 0 || typeof list[0] === "number" ? f(input, list) : f(input, ...list);
  return withList as unknown as F;
}

/** The same for a list of tensors that comes first: `blockDiag(x, y)` beside `blockDiag([x, y])`. */
export function variadic<F extends AnyFunction>(f: AnyFunction): F {
  const withList = (...args: unknown[]): unknown => {
    if (!isTensor(args[0])) return f(...args);
    const end = args.findLastIndex(isTensor) + 1;
    return f(args.slice(0, end), ...args.slice(end));
  };
  return withList as unknown as F;
}

/** A plain object: neither a tensor, an array, nor an instance of some class. */
function isKeywordObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || isTensor(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
