/**
 * @file The machine's peak of 128-bit multiply-adds: a WebAssembly loop that touches registers only, written as bytes.
 * @see https://webassembly.github.io/spec/core/binary/instructions.html
 */

import { type Contestant, contestant } from "../contestant.ts";

export const MULTIPLY_ADD_PEAK = "multiply-add peak";

/** Independent chains x ← x·a + b: enough to hide the instructions' latency, few enough for sixteen registers. */
const CHAINS = 12;
const ROUNDS = 1 << 12;
/** Two lanes, a multiplication and an addition each. */
const FLOPS = ROUNDS * CHAINS * 4;

const I32 = 0x7f;
const F64 = 0x7c;
const V128 = 0x7b;
const LOOP = [0x03, 0x40];
const END = 0x0b;
const BRANCH_IF = [0x0d, 0];
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const F64_CONST = 0x44;
const SPLAT = [0xfd, 0x14];
const EXTRACT_FIRST = [0xfd, 0x21, 0];
const ADD = [0xfd, 0xf0, 0x01];
const MUL = [0xfd, 0xf2, 0x01];
const RELAXED_MADD = [0xfd, 0x87, 0x02];

/** Locals: 0 counts down (the parameter), 1 is a, 2 is b, then the chains. */
const [COUNT, A, B, FIRST] = [0, 1, 2, 3] as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const f64 = (value: number): number[] => [F64_CONST, ...new Uint8Array(Float64Array.of(value).buffer)];

/** `run(rounds: i32) → f64`, with one fused instruction where the machine has it, or with two. */
function moduleOf(fused: boolean): Uint8Array {
  const chains = Array.from({ length: CHAINS }, (_, i) => FIRST + i);
  const step = (chain: number): number[] =>
    fused
      ? [...get(chain), ...get(A), ...get(B), ...RELAXED_MADD, ...set(chain)]
      : [...get(chain), ...get(A), ...MUL, ...get(B), ...ADD, ...set(chain)];
  const body = [
    ...f64(0.5),
    ...SPLAT,
    ...set(A),
    ...f64(1),
    ...SPLAT,
    ...set(B),
    ...chains.flatMap((chain, i) => [...f64(i), ...SPLAT, ...set(chain)]),
    ...LOOP,
    ...chains.flatMap(step),
    ...get(COUNT),
    I32_CONST,
    0x7f, // −1
    I32_ADD,
    0x22, // local.tee
    COUNT,
    ...BRANCH_IF,
    END,
    // Every chain counts in the result, so that none is left out as unused.
    ...get(FIRST),
    ...chains.slice(1).flatMap(chain => [...get(chain), ...ADD]),
    ...EXTRACT_FIRST,
    END,
  ];
  const code = [1, CHAINS + 2, V128, ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, F64]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...Buffer.from("run"), 0, 0]),
    ...section(10, [1, ...leb128(code.length), ...code]),
  ]);
}

const section = (id: number, content: number[]): number[] => [id, ...leb128(content.length), ...content];

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >> 7)];
}

/** What is used of the WebAssembly API, which the language's types leave out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { run(rounds: number): number } };
}

/**
 * The loop as a contestant whose figure is that of `flops` floating-point operations at the machine's peak: of the
 * fused and the separate form, the one that is faster here.
 */
export function multiplyAddPeak(flops: number): Contestant {
  const { validate, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi })
    .WebAssembly;
  const [fastest] = [true, false]
    .filter(fused => validate(moduleOf(fused)))
    .map(fused => {
      const instance = new Instance(new Module(moduleOf(fused)));
      const { run } = instance.exports;
      const one = contestant(
        MULTIPLY_ADD_PEAK,
        () => run(ROUNDS),
        () => Number.NaN,
        { work: flops / FLOPS },
      );
      one.sample(2000);
      const { ms } = one.sample(2000) as { ms: number };
      return { one, ms };
    })
    .toSorted((a, b) => a.ms - b.ms);
  if (fastest === undefined) throw new Error("this machine's WebAssembly has no 128-bit instructions");
  return fastest.one;
}
