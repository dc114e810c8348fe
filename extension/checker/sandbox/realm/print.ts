/**
 * @file Prints a value of the checked code as text. Reads own data properties only, runs no getter and no `toString` but
 * the engine's, and stops at a budget: a value may be vast, cyclic or hostile.
 */

import { describeThrown } from "./thrown.ts";

export interface PrintOptions {
  /** Longest result in UTF-16 units; what is cut off is marked. */
  chars: number;
  /** Text of a value that the engine knows (a tensor), else null. */
  ofEngine(value: object): string | null;
}

const DEPTH = 4;
const ENTRIES = 30;
const NAME_CHARS = 100;

const typedArray = Object.getPrototypeOf(Float64Array.prototype);
const typedArrayName = getterOf(typedArray, Symbol.toStringTag);
const typedArrayLength = getterOf(typedArray, "length");
const sizes = [
  ["Map", getterOf(Map.prototype, "size")],
  ["Set", getterOf(Set.prototype, "size")],
] as const;

/** As `console.log` shows its arguments: texts bare, the rest as code, with a space between them. */
export function printAll(values: readonly unknown[], options: PrintOptions): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    if (index > 0) text += " ";
    text += typeof value === "string" ? value.slice(0, options.chars + 1) : print(value, options);
    if (text.length > options.chars) return `${text.slice(0, options.chars - 2)} …`;
  }
  return text;
}

/** May run traps of a Proxy, and throws only what they throw near the end of the stack. */
export function print(value: unknown, { chars, ofEngine }: PrintOptions): string {
  let left = chars;
  const above: object[] = [];

  function part(value: unknown): string {
    if (left <= 0) return "…";
    const text = typeof value === "object" && value !== null ? nested(value) : primitive(value);
    left -= text.length;
    return text;
  }

  function nested(object: object): string {
    if (above.includes(object)) return "[circular]";
    if (above.length >= DEPTH) return "{…}";
    above.push(object);
    try {
      return ofEngine(object) ?? builtIn(object) ?? (Array.isArray(object) ? list(object) : record(object));
    } catch {
      return "[unreadable]";
    } finally {
      above.pop();
    }
  }

  function list(array: object): string {
    // Not the keys: those of a long array would be as many texts.
    const length = Number(Reflect.getOwnPropertyDescriptor(array, "length")?.value) || 0;
    const texts = Array.from(
      { length: Math.min(length, ENTRIES) },
      (_, index) => property(array, index) ?? "",
    );
    return `[${texts.join(", ")}${length > ENTRIES ? ", …" : ""}]`;
  }

  function record(object: object): string {
    const texts: string[] = [];
    for (const key of Reflect.ownKeys(object)) {
      const text = texts.length < ENTRIES && left > 0 ? property(object, key) : "…";
      if (text === "…") {
        texts.push(text);
        break;
      }
      if (text !== null) texts.push(`${String(key).slice(0, NAME_CHARS)}: ${text}`);
    }
    return `${className(object)}${texts.length > 0 ? `{ ${texts.join(", ")} }` : "{}"}`;
  }

  /** Null for one that is not there, or not to be listed. */
  function property(object: object, key: PropertyKey): string | null {
    const { enumerable, value, get } = Reflect.getOwnPropertyDescriptor(object, key) ?? {};
    if (!enumerable) return null;
    return get ? "[getter]" : part(value);
  }

  return part(value);
}

function builtIn(object: object): string | null {
  if (ArrayBuffer.isView(object) && !(object instanceof DataView)) return typedArrayText(object);
  if (object instanceof Error) return describeThrown(object);
  for (const [kind, size] of sizes) {
    try {
      return `${kind}(${Reflect.apply(size, object, [])})`;
    } catch {
      // Not one of these.
    }
  }
  return null;
}

function typedArrayText(array: object): string {
  const length = Number(Reflect.apply(typedArrayLength, array, []));
  const element = (_: unknown, index: number) => primitive((array as Record<number, unknown>)[index]);
  const shown = Array.from({ length: Math.min(length, ENTRIES) }, element).join(", ");
  return `${Reflect.apply(typedArrayName, array, [])}(${length}) [${shown}${length > ENTRIES ? ", …" : ""}]`;
}

/** Name of the class and a space; nothing for a plain object. */
function className(object: object): string {
  const prototype = Reflect.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) return "";
  const name = functionName(Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value);
  return name === "" ? "" : `${name} `;
}

function primitive(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, NAME_CHARS * ENTRIES));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[${`function ${functionName(value)}`.trimEnd()}]`;
  return Object.is(value, -0) ? "-0" : String(value);
}

function functionName(value: unknown): string {
  if (typeof value !== "function") return "";
  try {
    const name = Reflect.getOwnPropertyDescriptor(value, "name")?.value;
    return typeof name === "string" ? name.slice(0, NAME_CHARS) : "";
  } catch {
    return "";
  }
}

function getterOf(prototype: object, key: PropertyKey): () => unknown {
  return Reflect.getOwnPropertyDescriptor(prototype, key)!.get!;
}
