/** @file The outer walls by themselves: what a child can still do that has broken out of the language and has all of Node. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FrameReader } from "./framing.ts";
import { isolation } from "./isolation.ts";
import { createLaunch, type LaunchOptions } from "./launch.ts";
import { temporaryFolder } from "./testing.ts";

const walls: LaunchOptions = { memoryMb: 350, confined: true, isolated: true };

/** What a process of this script, behind all outer walls, says first. */
async function said(script: string, options = walls): Promise<string> {
  const file = join(temporaryFolder(), "broken-out.cjs");
  writeFileSync(
    file,
    `const say = text => { const b = Buffer.from(String(text)); const h = Buffer.alloc(4); h.writeUInt32LE(b.length); process.stdout.write(Buffer.concat([h, b])); };
    const attempt = f => { try { return f(); } catch (e) { return e.code ?? e.name; } };
    ${script}; setInterval(() => {}, 1000);`,
  );
  const child = createLaunch(process.execPath, file)(options);
  const reader = new FrameReader(1 << 16);
  const text = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", chunk => {
      for (const text of reader.push(chunk)) resolve(text);
    });
    child.once("close", code => reject(new Error(`it ended with code ${code}`)));
  });
  child.kill("SIGKILL");
  return text;
}

test("Node denies files, processes, threads and native code", async () => {
  const script = `say([
    attempt(() => require("fs").readFileSync("/etc/hostname")), attempt(() => require("fs").writeFileSync("gradient-lens-breach", "x")),
    attempt(() => require("child_process").execSync("id")), attempt(() => new (require("worker_threads").Worker)("1", { eval: true })),
    attempt(() => process.dlopen({ exports: {} }, "/x.node")), attempt(() => require("inspector").open()),
  ].join())`;
  expect((await said(script)).split(",")).toEqual([
    ...Array<string>(4).fill("ERR_ACCESS_DENIED"),
    expect.stringMatching(/^ERR_/),
    expect.stringMatching(/^ERR_/),
  ]);
});

test.each([
  [
    "its environment says nothing but how the C library keeps memory",
    "Object.keys(process.env).filter(name => !/^MALLOC_[A-Z]+_THRESHOLD_$/.test(name)).length",
    "0",
  ],
  ["it is in no folder of anybody's", "process.cwd()", "/"],
  [
    "it may read its own bundle, and no file beside it",
    'require("fs").readFileSync(__filename).length > 0 && attempt(() => require("fs").readdirSync(__dirname))',
    "ERR_ACCESS_DENIED",
  ],
  [
    "it cannot load native code",
    'attempt(() => process.dlopen({ exports: {} }, "/x.node"))',
    "ERR_DLOPEN_DISABLED",
  ],
  [
    "it has no module that opens files past the permission model",
    'attempt(() => require("node:sqlite"))',
    "ERR_UNKNOWN_BUILTIN_MODULE",
  ],
  ["objects tell nothing by __proto__", '"__proto__" in {}', "false"],
  [
    "V8's heap ends a little above the limit",
    'require("v8").getHeapStatistics().heap_size_limit < 1e9',
    "true",
  ],
])("%s", async (_, expression, value) => {
  expect(await said(`say(${expression})`)).toBe(value);
});

/** Other C libraries than glibc have no such settings. */
const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } })
  .header;

test.runIf(glibcVersionRuntime)("freed memory is kept for the next large tensors", async () => {
  const script = `
    const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
    const before = megabytes();
    const arrays = Array.from({ length: 64 }, () => new Uint8Array(1 << 20).fill(1));
    for (const { buffer } of arrays) buffer.transfer(0);
    say(megabytes() - before);`;
  expect(Number(await said(script))).toBeGreaterThan(56);
});

test("no more files can be open than a sandbox needs, where the system has that", async () => {
  const limits = `say(require("fs").readFileSync("/proc/self/limits", "latin1"))`;
  const most = /^Max open files +(\d+) /m.exec(await said(limits, { ...walls, confined: false }))![1];
  if (isolation().some(part => part.endsWith("/prlimit"))) expect(most).toBe("256");
});

test("the system's names and shared memory are its own, where the system has that", async () => {
  if (!isolation().some(part => part.endsWith("/unshare"))) return;
  const spaces = ["net", "ipc", "uts", "user"];
  const script = `say(${JSON.stringify(spaces)}.map(name => require("fs").readlinkSync("/proc/self/ns/" + name)).join())`;
  const own = (await said(script, { ...walls, confined: false })).split(",");
  for (const [index, space] of spaces.entries())
    expect(own[index]).not.toBe(readlinkSync(`/proc/self/ns/${space}`));
});

test("nothing is inherited but three pipes", async () => {
  // A shell that leaves a file open for whatever it starts.
  const folder = temporaryFolder();
  const file = join(folder, "idle.cjs");
  writeFileSync(file, "process.stdout.write('up'); setInterval(() => {}, 1000);");
  const parent = join(folder, "parent.ts");
  writeFileSync(
    parent,
    `import { createLaunch } from ${JSON.stringify(new URL("launch.ts", import.meta.url).pathname)};
    const child = createLaunch(process.execPath, ${JSON.stringify(file)})(${JSON.stringify(walls)});
    child.stdout.once("data", () => console.log(child.pid));`,
  );
  const leaky = spawn(
    "/bin/sh",
    ["-c", `exec 7<"$2"; exec "$0" --no-warnings "$1"`, process.execPath, parent, file],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const [pid] = await once(leaky.stdout, "data");
  const descriptors = `/proc/${String(pid).trim()}/fd`;
  const open = readdirSync(descriptors).map(fd => [fd, readlinkSync(`${descriptors}/${fd}`)] as const);
  process.kill(Number(pid), "SIGKILL");
  leaky.kill("SIGKILL");
  const named = open.filter(
    ([fd, place]) => Number(fd) > 2 && !/^(anon_inode:|pipe:|socket:|\/dev\/null$)/.test(place),
  );
  expect(named).toEqual([]);
  expect(open.map(([fd]) => fd)).toEqual(expect.arrayContaining(["0", "1", "2"]));
});

/** A machine may forbid namespaces; then the wall is not there, and the sandbox says so in SECURITY.md. */
const hasNetworkOfItsOwn = isolation().includes("--net");

test("where the system has it, there is no network to reach, no setuid, no file to write", async () => {
  const server = createServer(socket => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const connect = `const s = require("net").connect(${port}, "127.0.0.1"); s.on("error", e => say(e.code)); s.on("connect", () => say("connected"));`;
  expect(await said(connect)).toMatch(hasNetworkOfItsOwn ? /^(ENETUNREACH|ERR_ACCESS_DENIED)$/ : /./);
  server.close();

  const [limits, status] = JSON.parse(
    await said(
      `say(JSON.stringify(["limits", "status"].map(name => require("fs").readFileSync("/proc/self/" + name, "latin1"))))`,
      { ...walls, confined: false },
    ),
  );
  const wrapped = (tool: string) => isolation().some(part => part.endsWith(`/${tool}`));
  expect(/^Max file size +0 /m.test(limits)).toBe(wrapped("prlimit"));
  expect(/^Max core file size +0 /m.test(limits)).toBe(wrapped("prlimit"));
  expect(/^NoNewPrivs:\s+1$/m.test(status)).toBe(wrapped("setpriv"));
  if (wrapped("unshare")) expect(status).toMatch(/^CapEff:\s+0+$/m);
});

test("the process that is started is the child itself, so that its memory is watched and it can be killed", async () => {
  const file = join(temporaryFolder(), "self.cjs");
  writeFileSync(file, "process.stdout.write(String(process.pid)); setInterval(() => {}, 1000);");
  const child = createLaunch(process.execPath, file)(walls);
  const [pid] = await once(child.stdout, "data");
  expect(Number(pid)).toBe(child.pid);
  expect(readFileSync(`/proc/${child.pid}/cmdline`, "latin1")).toContain("--permission");
  child.kill("SIGKILL");
  await once(child, "close");
});

test("what the system can do is found out, not assumed", () => {
  const command = isolation();
  if (command.length > 0)
    expect(() => execFileSync(command[0]!, [...command.slice(1), "/bin/true"], { env: {} })).not.toThrow();
  else expect(() => execFileSync("unshare", ["--user", "--net", "true"], { stdio: "ignore" })).toThrow();
});
