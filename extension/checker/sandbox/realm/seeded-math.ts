/** @file `Math` as a check sees it: the language's own, but `random` follows from the job's seed. */

/** @param seed Any integer; its lower 32 bits count. */
export function seededMath(seed: number): Math {
  const { random: _, ...properties } = Object.getOwnPropertyDescriptors(Math);
  const draw = mulberry32(seed);
  return Object.create(Object.prototype, {
    ...properties,
    // 53 bits, as many as a double between 0 and 1 can tell apart.
    random: { value: () => (draw() * 0x200000 + (draw() >>> 11)) / 2 ** 53, enumerable: false },
  });
}

/** Tommy Ettinger's generator of 32-bit numbers, in the public domain: small, and good enough where no statistics depend on it. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
}
