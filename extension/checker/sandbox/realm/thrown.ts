/** @file Says what somebody's code threw. It reads own data properties only: a getter is more of their code. */

const MESSAGE_CHARS = 500;

/** Under the override cure `name` is an accessor on these, so the names stand here. */
const NAMES = new Map<unknown, string>(
  [Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    constructor => [constructor.prototype, constructor.name],
  ),
);

/** One line such as `TypeError: x is not a function`. Never throws. */
export function describeThrown(value: unknown): string {
  try {
    if (typeof value === "string") return clip(value);
    if (typeof value !== "object" || value === null)
      return typeof value === "function" ? "a function" : String(value);
    const name = errorName(value);
    if (name === null) return "an object that is not an Error";
    const message = dataProperty(value, "message");
    return typeof message === "string" && message !== "" ? `${name}: ${clip(message)}` : name;
  } catch {
    return "a value that cannot be read";
  }
}

/** Own or inherited name of an error, null for what is none. */
function errorName(value: object): string | null {
  let name: string | null = null;
  for (let object: object | null = value; object !== null; object = Reflect.getPrototypeOf(object)) {
    if (NAMES.has(object)) return name ?? NAMES.get(object)!;
    const own = dataProperty(object, "name");
    if (name === null && typeof own === "string" && own !== "") name = own.slice(0, 100);
  }
  return null;
}

function dataProperty(object: object, key: string): unknown {
  return Reflect.getOwnPropertyDescriptor(object, key)?.value;
}

function clip(text: string): string {
  return text.length > MESSAGE_CHARS ? `${text.slice(0, MESSAGE_CHARS)} …` : text;
}
