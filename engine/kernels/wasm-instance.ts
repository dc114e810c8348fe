/** @file Compiles WebAssembly while the engine is loaded: later on, a sandbox may have none. */

import { assemble, type FunctionSource } from "./wasm-assembler.ts";

/** The functions of a module, by name, and the doubles that are shared with them. */
export interface Instance {
  readonly memory: Float64Array;
}

/** What is used of the WebAssembly API, which the language's types leave out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } };
}

/**
 * @param pages size of the memory; it stays what it is
 * @returns null where there is no WebAssembly, where it lacks an instruction, or where the page may not compile
 */
export function instantiate<T extends Instance>(
  pages: number,
  functions: readonly FunctionSource[],
): T | null {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined) return null;
  const bytes = assemble(pages, functions);
  try {
    if (!WebAssembly.validate(bytes)) return null;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return { ...exports, memory: new Float64Array(exports.memory.buffer) } as unknown as T;
  } catch {
    // A content security policy forbids it, or there is no memory to be had.
    return null;
  }
}
