import { expect, it } from "vitest";
import { assemble, i32, repeat, v128 } from "./wasm-assembler.ts";

interface Api {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
  ) => { exports: { memory: { buffer: ArrayBuffer }; run(...values: number[]): void } };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;

function compiled(parameters: number, body: Parameters<typeof assemble>[1][number]["body"]) {
  const { memory, run } = new Instance(new Module(assemble(1, [{ name: "run", parameters, body }]))).exports;
  return { memory: new Float64Array(memory.buffer), run };
}

it("repeats as often as the count says, not at all for 0", () => {
  const { memory, run } = compiled(2, (_, count, to) =>
    repeat(count, [v128.store(to.value, 0, v128.load(i32.const(8192), 0)), to.advance(i32.const(16))]),
  );
  memory.fill(7, 1024, 1026);
  run(0, 0);
  expect(memory[0]).toBe(0);
  run(3, 0);
  expect([...memory.subarray(0, 8)]).toEqual([7, 7, 7, 7, 7, 7, 0, 0]);
});

it.each([0, 1, 63, 64, 127, 128, 8191, 8192, 1 << 20, -1, -64, -65, -8192, -8193])("writes %i", value => {
  const { memory, run } = compiled(1, (_, address) =>
    v128.store(i32.add(address.value, i32.const(value)), 0, v128.load(i32.const(0), 0)),
  );
  memory[0] = 5;
  run(80 - value);
  expect(memory[10]).toBe(5);
});
