/** @file Inputs that are nearly right: good ones with a few bytes, tokens or fields changed. All shrink to what matters. */

import fc from "fast-check";

/** Places are fractions of the length, so that a mutation means the same after another one. */
const place = fc.double({ min: 0, max: 1, noNaN: true });

type Edit = (bytes: Buffer) => Buffer;

const cut = (bytes: Buffer, from: number, length: number, by: Buffer): Buffer => {
  const at = Math.floor(from * bytes.length);
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
};

const spans = fc.integer({ min: 1, max: 64 });

/** @param tokens what has a meaning where the input is read */
function edits(tokens: readonly string[]): fc.Arbitrary<Edit> {
  const token = fc.constantFrom(...tokens).map(text => Buffer.from(text));
  return fc.oneof(
    fc.tuple(place, token).map(
      ([at, by]): Edit =>
        bytes =>
          cut(bytes, at, 0, by),
    ),
    fc.tuple(place, spans, token).map(
      ([at, n, by]): Edit =>
        bytes =>
          cut(bytes, at, n, by),
    ),
    fc.tuple(place, spans).map(
      ([at, n]): Edit =>
        bytes =>
          cut(bytes, at, n, Buffer.alloc(0)),
    ),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
      ([at, by]): Edit =>
        bytes =>
          cut(bytes, at, by.length, Buffer.from(by)),
    ),
    fc.tuple(place, place, spans).map(
      ([from, to, n]): Edit =>
        bytes =>
          cut(bytes, to, 0, bytes.subarray(Math.floor(from * bytes.length)).subarray(0, n)),
    ),
    fc.tuple(place, fc.integer({ min: 2, max: 200 }), token).map(
      ([at, times, by]): Edit =>
        bytes =>
          cut(bytes, at, 0, Buffer.concat(Array<Buffer>(times).fill(by))),
    ),
    place.map(
      (at): Edit =>
        bytes =>
          bytes.subarray(0, Math.floor(at * bytes.length)),
    ),
  );
}

export function mutatedBytes(seeds: readonly Buffer[], tokens: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edits(tokens), { minLength: 1, maxLength: 6 }))
    .map(([seed, changes]) => changes.reduce((bytes, change) => change(bytes), seed));
}

export function mutatedText(seeds: readonly string[], tokens: readonly string[]): fc.Arbitrary<string> {
  return mutatedBytes(
    seeds.map(seed => Buffer.from(seed)),
    tokens,
  ).map(bytes => bytes.toString());
}

/** A value with one or more of its parts replaced by anything, removed, or joined by another. */
export function mutatedValue(seeds: readonly unknown[]): fc.Arbitrary<unknown> {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSparseArray: true,
    maxDepth: 3,
  });
  const change = fc.tuple(
    fc.array(place, { minLength: 1, maxLength: 4 }),
    fc.constantFrom("set", "add", "delete"),
    anything,
  );
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([seed, changes]) => {
      const root = { value: structuredClone(seed) };
      for (const [path, how, by] of changes) changeAt(root, path, how, by);
      return root.value;
    });
}

function changeAt(root: object, path: readonly number[], how: string, by: unknown): void {
  let object = root as Record<string, unknown>;
  let key = "value";
  for (const step of path) {
    const inner = object[key];
    if (typeof inner !== "object" || inner === null) break;
    const keys = Object.keys(inner);
    if (keys.length === 0) break;
    object = inner as Record<string, unknown>;
    key = keys[Math.min(keys.length - 1, Math.floor(step * keys.length))]!;
  }
  if (how === "set") object[key] = by;
  else if (how === "delete") delete object[key];
  else object[`${key}s`] = by;
}
