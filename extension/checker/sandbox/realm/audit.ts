/**
 * @file The realm's own proof that nothing is shared between two checks that either could change: all that is reachable
 * from the names a check can see, or by syntax alone, must be frozen.
 */

/** An object, and how it was reached. Paths are made of these only when one is told. */
interface Reached {
  value: object;
  key: PropertyKey;
  from: Reached | null;
}

/** Throws a TypeError that names the first object found that is not frozen. */
export function audit(names: Record<string, unknown>): void {
  const seen = new Set<unknown>();
  const queue: Reached[] = [];
  const reach = (value: unknown, key: PropertyKey, from: Reached | null) => {
    if (!isObject(value) || seen.has(value)) return;
    seen.add(value);
    queue.push({ value, key, from });
  };
  for (const [name, value] of [...Object.entries(names), ...reachableBySyntax()]) reach(value, name, null);
  for (const reached of queue) {
    const { value } = reached;
    if (!isFixed(value)) throw new TypeError(`${pathOf(reached)} is not frozen`);
    reach(Reflect.getPrototypeOf(value), "__proto__", reached);
    for (const key of Reflect.ownKeys(value)) {
      const property = Reflect.getOwnPropertyDescriptor(value, key)!;
      reach(property.value, key, reached);
      reach(property.get, key, reached);
      reach(property.set, key, reached);
    }
  }
}

function pathOf({ key, from }: Reached): string {
  return from ? `${pathOf(from)}.${String(key)}` : String(key);
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** The elements of a typed array cannot be frozen; its shape can. */
function isFixed(value: object): boolean {
  return ArrayBuffer.isView(value) ? !Object.isExtensible(value) : Object.isFrozen(value);
}

/** What code gets hold of without naming it. The objects themselves are fresh each time; what they inherit is shared. */
function reachableBySyntax(): [string, unknown][] {
  const throwers: Record<string, () => unknown> = {
    "a TypeError": () => (null as unknown as { x: 1 }).x,
    "a RangeError": () => new Array(-1),
    "a URIError": () => decodeURI("%"),
    "a SyntaxError": () => JSON.parse("{"),
    "an overflow": function overflow(): unknown {
      return [overflow()];
    },
  };
  // Node 22 and newer.
  const { Iterator: iterators } = globalThis as {
    Iterator?: { from(source: object): { take(n: number): unknown } };
  };
  const instances: Record<string, unknown> = {
    "a function": () => {},
    "an async function": async () => {},
    "a generator function": function* () {},
    "an async generator function": async function* () {},
    "a promise": (async () => {})(),
    "an array": [],
    "an array iterator": [].values(),
    "an iterator helper": iterators?.from([]).take(0),
    "a wrapped iterator": iterators?.from({ next: () => ({ done: true }) }),
    "a string iterator": ""[Symbol.iterator](),
    "a match iterator": "".matchAll(/./g),
    "a map iterator": new Map().entries(),
    "a set iterator": new Set().values(),
    "a regular expression": /./,
    "a string": "",
    "a number": 0,
    "a boolean": true,
    "a symbol": Symbol.iterator,
    "a bigint": 0n,
  };
  for (const [name, thrower] of Object.entries(throwers)) {
    try {
      thrower();
    } catch (error) {
      instances[name] = error;
    }
  }
  const restricted = (function () {
    // biome-ignore lint/complexity/noArguments: its `callee` is the one way to the intrinsic that throws.
    return Object.getOwnPropertyDescriptor(arguments, "callee")?.get;
  })();
  return [
    ["arguments.callee", restricted],
    ...Object.entries(instances)
      .filter(([, instance]) => instance !== undefined)
      .map(([name, instance]): [string, unknown] => [
        `the prototype of ${name}`,
        Object.getPrototypeOf(instance),
      ]),
  ];
}
