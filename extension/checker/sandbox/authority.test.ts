/** @file What checked code can reach: the language, the engine, a console; and nothing that the next check would see. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "./sandbox.ts";
import { builtRealm, job, limits, logsOf, said, sandboxesOf, sine } from "./testing.ts";

let realm: string;
let sandbox: Sandbox;

beforeAll(async () => {
  realm = await builtRealm();
  process.env.GRADIENT_LENS_TEST_SECRET = "a secret of the parent";
  sandbox = createSandbox({ realm, warm: 0 });
}, 60_000);

afterAll(async () => {
  delete process.env.GRADIENT_LENS_TEST_SECRET;
  await sandbox.dispose();
});

/** What the script printed; the script is followed by a Function that must be judged correct, now and in the next check. */
async function printed(script: string): Promise<string[]> {
  const outcome = await sandbox.run(job(`${script};\n${sine}`), limits);
  expect(said(outcome)).toBe("judged correct");
  expect(said(await sandbox.run(job(sine), limits))).toBe("judged correct");
  return logsOf(outcome);
}

describe("the process", () => {
  test("has nothing of the parent's environment and is confined by Node", async () => {
    await printed("");
    const [pid] = sandboxesOf(realm);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).toMatch(/^(MALLOC_[A-Z]+_THRESHOLD_=\d+\0)*$/);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")).toEqual(
      expect.arrayContaining(["--permission", `--allow-fs-read=${realm}`, "--confined"]),
    );
  });
});

describe("out of reach", () => {
  test.each(
    `process require module exports global Buffer fetch WebSocket XMLHttpRequest setTimeout setInterval setImmediate
    queueMicrotask performance crypto navigator structuredClone SharedArrayBuffer Atomics WebAssembly WeakRef
    FinalizationRegistry Intl Compartment lockdown harden TextDecoder __dirname importScripts`.split(/\s+/),
  )("the name %s", async name => {
    const script = `console.log(typeof ${name}, Function("return typeof ${name}")(), eval("typeof ${name}"), name in globalThis)`;
    expect(await printed(script.replace("name in", `"${name}" in`))).toEqual([
      "undefined undefined undefined false",
    ]);
  });

  test.each([
    ["a constructed function", 'Function("return globalThis")() === globalThis'],
    ["an aliased eval", '(0, eval)("globalThis") === globalThis'],
    ["a sloppy `this`", 'Function("return this")() === undefined'],
    [
      "the constructor of a constructor",
      "(() => { try { ({}).constructor.constructor('return 1'); } catch { return true; } })()",
    ],
    [
      "the constructor of an async function",
      "(() => { try { (async () => {}).constructor('return 1'); } catch { return true; } })()",
    ],
    [
      "the constructor of a generator",
      "(() => { try { (function* () {}).constructor('yield 1'); } catch { return true; } })()",
    ],
    [
      "the constructor of an engine error's constructor",
      "(() => { try { engine.tensor(null); } catch (e) { try { e.constructor.constructor('return 1'); } catch { return true; } } })()",
    ],
  ])("another global object, by %s", async (_, expression) => {
    expect(await printed(`console.log(${expression})`)).toEqual(["true"]);
  });

  test.each([
    'import("node:fs")',
    'import\n("node:fs")',
    'import/**/("node:fs")',
    "import.meta",
    'import.source("node:fs")',
    'import . defer("node:fs")',
  ])("a module, by `%s` in the script", async expression => {
    const outcome = await sandbox.run(job(`${expression}; ${sine}`), limits);
    expect(said(outcome)).toBe("judged inconclusive forward-throws");
  });

  test.each([
    '("node:fs")',
    '/**/("node:fs")',
    ".meta",
    '.source("node:fs")',
    ' . defer("node:fs")',
    '//\n("x")',
  ])("a module, by import%s put together at run time", async rest => {
    const text = `"im" + "port" + ${JSON.stringify(rest)}`;
    const script = `for (const run of [eval, Function]) try { run(${text}); console.log("ran"); } catch (e) { console.log(e.name); }`;
    expect(await printed(script)).toEqual(["SyntaxError", "SyntaxError"]);
  });

  test("the clock, the time zone and the place of the bundle", async () => {
    const script = `for (const f of [() => Date.now(), () => new Date(), () => Date()]) try { console.log(f()); } catch (e) { console.log("refused"); }
      console.log(new Date(0).getTimezoneOffset(), new Error("x").stack.includes(".cjs"))`;
    expect(await printed(script)).toEqual(["refused", "refused", "refused", "0 false"]);
  });

  test("call sites, by Error.prepareStackTrace", async () => {
    const script = `let seen = "nothing";
      try { Error.prepareStackTrace = () => { seen = "sites"; }; } catch {}
      class E extends Error { static prepareStackTrace() { seen = "sites"; } }
      new Error("x").stack; new E("y").stack; try { engine.tensor(null); } catch (e) { e.stack; }
      console.log(seen)`;
    expect(await printed(script)).toEqual(["nothing"]);
  });
});

describe("nothing is left behind for the next check", () => {
  test.each([
    ["a global", "try { globalThis.left = 1; } catch {}", "typeof left"],
    [
      "a property of all objects",
      "try { Object.prototype.left = 1; } catch {} try { ({}).__proto__.left = 1; } catch {}",
      "typeof ({}).left",
    ],
    [
      "another method of arrays",
      "try { Array.prototype.map = () => 'evil'; } catch {}",
      "typeof [1].map(x => x)[0]",
    ],
    ["another Math", "try { Math.sin = () => 42; } catch {}", "Math.sin(0)"],
    ["another console", "try { console.log = () => {}; } catch {}", "'printed'"],
    [
      "another op",
      "try { engine.sin = engine.cos; } catch {} try { engine.Tensor.prototype.sin = engine.Tensor.prototype.cos; } catch {}",
      "engine.tensor([0]).sin().item()",
    ],
    ["gradients switched off", "engine.setGradEnabled(false)", "engine.isGradEnabled()"],
    ["drawn random numbers", "engine.rand([100])", "engine.rand([1]).item()"],
    ["another seed", "engine.manualSeed(99)", "engine.rand([1]).item()"],
    ["a match of a regular expression", "/(secret)/.exec('secret')", "String(RegExp.$1)"],
  ])("not %s", async (_, act, look) => {
    const [before] = await printed(`console.log(${look})`);
    await sandbox.run(job(`${act};\n${sine}`), limits);
    expect(await printed(`console.log(${look})`)).toEqual([before]);
  });

  test("not code that still waits: it runs before the check is over, on the check's time", async () => {
    const late = "(async () => { for (let i = 0; i < 1e5; i++) await null; console.log('late'); })()";
    expect(await printed(late)).toEqual(["late"]);
    expect(await printed("")).toEqual([]);
  });

  test("not through what the engine hands out without a name for it", async () => {
    // Everything that can be reached from a graph and a context, but for the values of this check itself.
    const script = `
      const instances = [];
      class Probe extends engine.Function {
        static forward(ctx, x) { instances.push(ctx, ctx.savedTensors, ctx.needsInputGrad); ctx.saveForBackward(x); return x.mul(x); }
        static backward(ctx, g) { instances.push(ctx, g, g.gradFn); return g.mul(ctx.savedTensors[0]).mul(2); }
      }
      const x = engine.ones([2, 3]).requiresGrad_();
      const y = Probe.apply(x);
      const z = y.sin().sum();
      z.backward({ createGraph: true });
      for (let node = [z.gradFn], i = 0; i < 4; i++) { instances.push(...node); node = node.flatMap(n => n?.nextFunctions ?? []); }
      instances.push(x, y, z, x.grad, x.shape);
      const mutable = [], seen = new Set();
      const look = (object, name) => {
        if (object === null || (typeof object !== "object" && typeof object !== "function") || seen.has(object)) return;
        seen.add(object);
        if (!Object.isFrozen(object)) mutable.push(name);
        for (const key of Reflect.ownKeys(object)) {
          const property = Object.getOwnPropertyDescriptor(object, key);
          for (const part of [property.value, property.get, property.set]) look(part, name + "." + String(key));
        }
        look(Object.getPrototypeOf(object), name + ".__proto__");
      };
      for (const object of instances) if (object) look(Object.getPrototypeOf(object), object.constructor.name);
      console.log(instances.length > 10, mutable.join() || "all frozen")`;
    expect(await printed(script)).toEqual(["true all frozen"]);
  });
});

test("the judge cannot be talked into a verdict by what the checked code redefines", async () => {
  const wrong = sine.replace("cos", "sin");
  const script = `
    for (const change of [
      () => { Number.isFinite = () => true; }, () => { Math.abs = () => 0; }, () => { Float64Array.prototype.every = () => true; },
      () => { engine.Tensor.prototype.tolist = () => [0]; }, () => { Object.getPrototypeOf(engine.ones([1]).requiresGrad_().sin().gradFn).run = () => []; },
      () => { Array.prototype[Symbol.iterator] = function* () {}; }, () => { Function.prototype.apply = () => 0; },
    ]) try { change(); } catch {}
    ${wrong}`;
  expect(said(await sandbox.run(job(script), limits))).toBe("judged wrong wrong-vjp");
});

test("syntax that SES does not know is refused by its look, before V8 sees it", async () => {
  const script = `try { (0, eval)("imp" + "ort.source('x')"); } catch (error) { console.log(error.message); }`;
  expect(await printed(script)).toEqual(["there are no modules in the sandbox: expected no import"]);
});

test("a tensor is printed as the engine prints it, whatever method it was given", async () => {
  const script = `const x = engine.ones([2]);
    for (const name of ["toString", "toJSON"]) Object.defineProperty(x, name, { value: () => "forged" });
    console.log(x);`;
  expect(await printed(script)).toEqual(await printed("console.log(engine.ones([2]));"));
});

test("code runs inside at the language's full strictness", async () => {
  expect(await printed("console.log((function () { return this; })())")).toEqual(["undefined"]);
});
