import { copyFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "./sandbox.ts";
import {
  builtRealm,
  childrenOf,
  isLooping,
  job,
  limits,
  logsOf,
  said,
  sandboxesOf,
  sine,
  until,
} from "./testing.ts";

let realm: string;
let sandbox: Sandbox;

beforeAll(async () => {
  realm = await builtRealm();
  sandbox = createSandbox({ realm });
}, 60_000);

afterAll(() => sandbox.dispose());

/** What is wrong with the sandbox after the job before: nothing, it must say. */
async function expectIntact(): Promise<void> {
  expect(said(await sandbox.run(job(sine), limits))).toBe("judged correct");
}

describe("a job", () => {
  test("is judged, and what it prints is kept", async () => {
    const outcome = await sandbox.run(
      job(`console.log("x =", engine.tensor([1, 2]), { a: [1] }); ${sine}`),
      limits,
    );
    expect(said(outcome)).toBe("judged correct");
    expect(logsOf(outcome)).toEqual(["x = tensor([1., 2.]) { a: [1] }"]);
  });

  test("with a wrong backward gets that verdict", async () => {
    expect(said(await sandbox.run(job(sine.replace("cos", "sin")), limits))).toBe("judged wrong wrong-vjp");
  });

  test("gives the same finding for the same seed, and draws from no other source", async () => {
    const script = `console.log(Math.random(), Math.random(), engine.randn([2]).tolist()); ${sine}`;
    const [first, again, other] = [
      await sandbox.run(job(script, 7), limits),
      await sandbox.run(job(script, 7), limits),
      await sandbox.run(job(script, 8), limits),
    ];
    expect(again).toEqual(first);
    expect(logsOf(other)).not.toEqual(logsOf(first));
  });

  test.each([
    ["throw new TypeError('boo')", "TypeError: boo"],
    ["throw 'just text'", "just text"],
    ["throw undefined", "undefined"],
    ["throw { get message() { throw 1 } }", "an object that is not an Error"],
    [
      "class ShapeError extends Error { name = 'ShapeError' }; throw new ShapeError('bad')",
      "ShapeError: bad",
    ],
    ["const x = ;", "SyntaxError: Unexpected token ';'"],
    ["(function f() { f() })()", "RangeError: Maximum call stack size exceeded"],
    ["throw new Error('\\x1b[31mred\\u202e \\x07')", "Error: red "],
  ])("whose top level does `%s` is inconclusive and says so", async (script, thrown) => {
    const outcome = await sandbox.run(job(script), limits);
    expect(outcome).toMatchObject({
      judgement: {
        verdict: "inconclusive",
        rule: "forward-throws",
        message: expect.stringContaining(`threw ${thrown}`),
      },
    });
    await expectIntact();
  });

  test("may hold texts that only look like imports and HTML comments", async () => {
    const script = `// this used to import (see there) and import.meta\nlet n = 2; while (n --> 0); console.log(n); ${sine}`;
    const outcome = await sandbox.run(job(script), limits);
    expect(said(outcome)).toBe("judged correct");
    expect(logsOf(outcome)).toEqual(["-1"]);
  });

  test("may assign what its own objects inherit from frozen prototypes", async () => {
    const script = `class E extends Error { constructor(m) { super(m); this.name = "E"; } }
      const o = {}; o.toString = () => "mine"; o.constructor = 1; console.log(String(o), new E("x").name); ${sine}`;
    expect(logsOf(await sandbox.run(job(script), limits))).toEqual(["mine E"]);
  });
});

describe("a limit of time", () => {
  const short = { ...limits, timeMs: 1_000 };

  test.each([
    ["at the top level", "console.log('before'); while (true) {}"],
    ["in a promise job", `console.log('before'); Promise.resolve().then(() => { for (;;); }); ${sine}`],
    [
      "as promise jobs without end",
      `console.log('before'); const spin = () => { Promise.resolve().then(spin); }; spin(); ${sine}`,
    ],
    [
      "in forward",
      "console.log('before'); class F extends engine.Function { static forward() { for (;;); } static backward() {} } F",
    ],
    ["inside the runtime", "console.log('before'); Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)"],
    ["in a trap of what it yields", "console.log('before'); new Proxy(class {}, { get() { for (;;); } })"],
    [
      "where exceptions are caught",
      "console.log('before'); for (;;) { try { while (true) {} } finally { continue; } }",
    ],
  ])("stops an endless loop %s, and the next job runs", async (_, script) => {
    expect(await sandbox.run(job(script), short)).toEqual({
      kind: "time-limit",
      limits: short,
      logs: ["before"],
    });
    await expectIntact();
  });
});

describe("a limit of memory", () => {
  test.each([
    ["small objects", "const a = []; for (;;) a.push({ x: [1, 2, 3] })"],
    ["array buffers", "const a = []; for (;;) a.push(new Float64Array(1 << 20).fill(1))"],
    ["one giant array", "new Array(2 ** 27).fill(0).map(() => ({}))"],
    ["tensors", "const a = []; for (;;) a.push(engine.ones([1024, 1024]))"],
  ])(
    "stops %s, and the next job runs",
    async (_, script) => {
      const outcome = await sandbox.run(job(`console.log("before"); ${script}`), {
        ...limits,
        timeMs: 30_000,
      });
      expect(outcome).toEqual({
        kind: "memory-limit",
        limits: { ...limits, timeMs: 30_000 },
        logs: ["before"],
      });
      await expectIntact();
    },
    40_000,
  );

  test("that is another than the last job's holds from the next job on", async () => {
    const script = `const a = new Float64Array(40 << 17).fill(1); ${sine}`;
    const low = { ...limits, memoryMb: 100 };
    expect(said(await sandbox.run(job(script), limits))).toBe("judged correct");
    expect(
      said(
        await sandbox.run(
          job(
            `const all = []; for (let i = 0; i < 10; i++) all.push(new Float64Array(1 << 20).fill(i)); ${sine}`,
          ),
          low,
        ),
      ),
    ).toBe("memory-limit");
    await expectIntact();
  });

  test("does not count what an earlier job left in the process", async () => {
    // V8 never forgets these.
    const leave = `for (let i = 0; i < 120; i++) Symbol.for(i + "x".repeat(1 << 20)); ${sine}`;
    const hold = `const all = []; for (let i = 0; i < 20; i++) all.push(new Float64Array(1 << 20).fill(i)); ${sine}`;
    expect(said(await sandbox.run(job(leave), limits))).toBe("judged correct");
    expect(said(await sandbox.run(job(hold), limits))).toBe("judged correct");
  });
});

test("how arrays and sets are iterated is not redefined, which would take V8's fast paths away", async () => {
  const script = `for (const type of [Array, Set]) {
    const { value } = Object.getOwnPropertyDescriptor(type.prototype, Symbol.iterator);
    console.log(typeof value, value === type.prototype.values);
  } ${sine}`;
  expect(logsOf(await sandbox.run(job(script), limits))).toEqual(["function true", "function true"]);
});

describe("a flood", () => {
  test("of lines keeps the first and the last, and says how many are left out", async () => {
    const logs = logsOf(
      await sandbox.run(job(`for (let i = 0; i < 1e5; i++) console.log("line", i); ${sine}`), limits),
    );
    expect(logs).toHaveLength(201);
    expect(logs.slice(99, 102)).toEqual(["line 99", "… (99800 more lines were printed here)", "line 99900"]);
    expect(logs[200]).toBe("line 99999");
  });

  test("in one line is cut", async () => {
    const script = `console.log("x".repeat(1e6)); console.log(...new Array(1e5).fill("z")); console.log(new Uint8Array(1e7)); ${sine}`;
    for (const line of logsOf(await sandbox.run(job(script), limits)))
      expect(line.length).toBeLessThanOrEqual(2000);
  });

  test("of unhandled rejections is nobody's business", async () => {
    const script = `for (let i = 0; i < 1e4; i++) Promise.reject(new Proxy({}, { get() { throw 1; } })); ${sine}`;
    expect(said(await sandbox.run(job(script), limits))).toBe("judged correct");
  });
});

describe("what a script yields", () => {
  test.each([
    ["nothing", "undefined"],
    ["a number", "5"],
    ["a class without forward", "class A {}; A"],
    ["a revoked Proxy", "const r = Proxy.revocable(class {}, {}); r.revoke(); r.proxy"],
    [
      "a Proxy whose traps throw",
      "new Proxy(class {}, { get() { throw 1; }, getOwnPropertyDescriptor() { throw 2; } })",
    ],
    [
      "a forward whose getter throws",
      "class F extends engine.Function { static get forward() { throw new Error('x'); } } F",
    ],
    [
      "a forward that throws a Proxy",
      "class F extends engine.Function { static forward() { throw new Proxy({}, { getPrototypeOf() { throw 1; } }); } static backward() {} } F",
    ],
  ])("may be %s, and the next job runs", async (_, script) => {
    const outcome = await sandbox.run(job(script), limits);
    expect(["judged inconclusive", "crashed"]).toContain(said(outcome).split(" ").slice(0, 2).join(" "));
    await expectIntact();
  });
});

describe("the pool", () => {
  test("runs as many jobs at a time as it may, and the rest in order", async () => {
    const two = createSandbox({ realm, running: 2 });
    const ended: string[] = [];
    const stop = new AbortController();
    const endless = two.run(job("for (;;);"), { ...limits, timeMs: 60_000 }, stop.signal);
    const names = ["first", "second", "third"];
    await Promise.all(names.map(name => two.run(job(sine), limits).then(() => ended.push(name))));
    stop.abort();
    expect(said(await endless)).toBe("cancelled");
    expect(ended).toEqual(names);
    await two.dispose();
  }, 20_000);

  test("cancels what runs, what waits and what was cancelled before", async () => {
    const [runs, waits] = [new AbortController(), new AbortController()];
    const outcomes = [
      sandbox.run(job("for (;;);"), limits, runs.signal),
      sandbox.run(job(sine), limits, waits.signal),
      sandbox.run(job(sine), limits, AbortSignal.abort()),
    ];
    waits.abort();
    setTimeout(() => runs.abort(), 100);
    expect((await Promise.all(outcomes)).map(said)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await expectIntact();
  });

  test("survives that a child is killed from outside, while it waits and while it runs", async () => {
    const copy = `${realm}.copy.cjs`;
    copyFileSync(realm, copy);
    const own = createSandbox({ realm: copy });
    const kill = () => sandboxesOf(copy).filter(pid => process.kill(pid, "SIGKILL"));
    await own.run(job(sine), limits);
    expect(kill()).toHaveLength(2);
    expect(said(await own.run(job(sine), limits))).toBe("judged correct");

    const running = own.run(job(`for (let i = 0; i < 4e9; i++); ${sine}`), { ...limits, timeMs: 60_000 });
    await until(() => sandboxesOf(copy).some(isLooping));
    expect(kill()).toHaveLength(2);
    expect(said(await running)).toBe("judged correct");

    const always = setInterval(kill, 100);
    expect(await own.run(job("for (;;);"), limits)).toMatchObject({
      kind: "crashed",
      detail: expect.stringContaining("ended with SIGKILL"),
    });
    clearInterval(always);
    expect(said(await own.run(job(sine), limits))).toBe("judged correct");
    await own.dispose();
  }, 120_000);

  test("leaves no process behind when it is disposed of, whatever is under way", async () => {
    const others = new Set(childrenOf(process.pid));
    const own = createSandbox({ realm, running: 2, warm: 2 });
    const outcomes = [
      own.run(job("for (;;);"), limits),
      own.run(job(sine), limits),
      own.run(job("for (;;);"), limits),
      own.run(job(sine), limits),
    ];
    await outcomes[1];
    expect(childrenOf(process.pid).filter(pid => !others.has(pid)).length).toBeGreaterThanOrEqual(3);
    await own.dispose();
    expect((await Promise.all(outcomes)).map(said)).toEqual([
      "cancelled",
      "judged correct",
      "cancelled",
      "cancelled",
    ]);
    expect(said(await own.run(job(sine), limits))).toBe("cancelled");
    await expect.poll(() => childrenOf(process.pid).filter(pid => !others.has(pid))).toEqual([]);
  });

  test("says at once that the bundle is missing", () => {
    expect(() => createSandbox({ realm: `${realm}.missing` })).toThrow("ENOENT");
  });
});
