/**
 * @file As much of a WebAssembly assembler as the kernels need: programs are written as expressions, and assembled
 * when the engine is loaded, so no binary lies in the source.
 *
 * Source: WebAssembly Core Specification 3.0, chapter 5 "Binary Format", https://webassembly.github.io/spec/core/binary/
 */

/**
 * Instructions, as they stand in a function's body: bytes, in whatever nesting they were put together. What an operand
 * leaves on the stack, the operator takes.
 */
export type Code = number | readonly Code[];

const VALUE_TYPES = { i32: 0x7f, v128: 0x7b } as const;
type ValueType = keyof typeof VALUE_TYPES;

/** A parameter or variable of a function. */
export class Local {
  readonly index: number;
  readonly type: ValueType;

  constructor(index: number, type: ValueType) {
    this.index = index;
    this.type = type;
  }

  get value(): Code {
    return [0x20, unsigned(this.index)];
  }

  set(value: Code): Code {
    return [value, 0x21, unsigned(this.index)];
  }

  /** `this += bytes`, for addresses and counters. */
  advance(bytes: Code): Code {
    return this.set(i32.add(this.value, bytes));
  }
}

export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  add: (a: Code, b: Code): Code => [a, b, 0x6a],
  sub: (a: Code, b: Code): Code => [a, b, 0x6b],
  mul: (a: Code, b: Code): Code => [a, b, 0x6c],
  and: (a: Code, b: Code): Code => [a, b, 0x71],
  shiftRight: (a: Code, b: Code): Code => [a, b, 0x76],
};

/** `offset` is a constant number of bytes beyond the address. */
export const v128 = {
  load: (address: Code, offset: number): Code => [address, simd(0), memory(8, offset)],
  /** One double, in both lanes. */
  loadSplat: (address: Code, offset: number): Code => [address, simd(10), memory(8, offset)],
  store: (address: Code, offset: number, value: Code): Code => [address, value, simd(11), memory(8, offset)],
};

export const f64x2 = {
  /** b < a ? b : a, so that a NaN in the first stays. */
  pseudoMin: (a: Code, b: Code): Code => [a, b, simd(246)],
  /** a < b ? b : a. */
  pseudoMax: (a: Code, b: Code): Code => [a, b, simd(247)],
  /** To the nearest integer, ties to even. */
  nearest: (a: Code): Code => [a, simd(148)],
  add: (a: Code, b: Code): Code => [a, b, simd(240)],
  sub: (a: Code, b: Code): Code => [a, b, simd(241)],
  mul: (a: Code, b: Code): Code => [a, b, simd(242)],
  div: (a: Code, b: Code): Code => [a, b, simd(243)],
  /** a · b + c, rounded once or twice as the machine likes it: the relaxed SIMD extension. */
  relaxedMultiplyAdd: (a: Code, b: Code, c: Code): Code => [a, b, c, simd(263)],
};

export const i64x2 = {
  shiftLeft: (a: Code, bits: Code): Code => [a, bits, simd(203)],
};

/** `body` as often as `count` says, which is counted down to 0. */
export function repeat(count: Local, body: Code): Code {
  const countDown = [count.advance(i32.const(-1)), count.value];
  const loop = [0x03, 0x40, body, countDown, 0x0d, 0, 0x0b];
  return [count.value, 0x04, 0x40, loop, 0x0b];
}

/** A function without result, whose parameters are all i32. */
export interface FunctionSource {
  readonly name: string;
  readonly parameters: number;
  /** @param variable makes a variable, which begins as 0 */
  body(variable: (type: ValueType) => Local, ...parameters: Local[]): Code;
}

/** 64 KiB: the unit of a memory's size. */
export const PAGE_BYTES = 65_536;

/** A module with one memory, of a fixed size; exports "memory" and the functions by their names. */
export function assemble(pages: number, functions: readonly FunctionSource[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => {
    const given = new Array<Code>(parameters).fill([VALUE_TYPES.i32]);
    return [0x60, vector(given), vector([])];
  });
  const exports = functions.map(({ name }, i) => [text(name), 0, unsigned(i)]);
  const module = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, types),
    section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    section(5, [[1, unsigned(pages), unsigned(pages)]]),
    section(7, [[text("memory"), 2, 0], ...exports]),
    section(10, functions.map(code)),
  ];
  return Uint8Array.from(flat(module));
}

/** A function's variables and instructions. */
function code({ parameters, body }: FunctionSource): Code {
  const locals: Local[] = [];
  const variable = (type: ValueType): Local => {
    const local = new Local(locals.length, type);
    locals.push(local);
    return local;
  };
  const instructions = body(variable, ...Array.from({ length: parameters }, () => variable("i32")));
  const declarations = locals.slice(parameters).map(({ type }) => [1, VALUE_TYPES[type]]);
  return sized([vector(declarations), instructions, 0x0b]);
}

function section(id: number, entries: readonly Code[]): Code {
  return [id, sized(vector(entries))];
}

function vector(entries: readonly Code[]): Code {
  return [unsigned(entries.length), entries];
}

function sized(content: Code): Code {
  const bytes = flat(content);
  return [unsigned(bytes.length), bytes];
}

function flat(code: Code, bytes: number[] = []): number[] {
  if (typeof code === "number") bytes.push(code);
  else for (const part of code) flat(part, bytes);
  return bytes;
}

function text(name: string): Code {
  return sized(Array.from(name, character => character.charCodeAt(0)));
}

/** A vector instruction. */
function simd(number: number): Code {
  return [0xfd, unsigned(number)];
}

/** How an access to memory is aligned, and the constant part of its address. */
function memory(alignment: number, offset: number): Code {
  return [Math.log2(alignment), unsigned(offset)];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, signed(value >> 7)];
}
