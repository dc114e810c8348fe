/**
 * @file The child's first code, and the only code in it with Node's powers. It takes hold of the pipe, gives every
 * other power up, and only then evaluates the realm, whose script can name nothing but what the language has.
 *
 * Invariant: no function of Node's is passed into the realm but the four of {@link Host}, and the realm hands none on.
 */

import process from "node:process";
import { Script } from "node:vm";
import realmText from "sandbox:realm";
import { CONFINED_ARGUMENT, EXIT } from "../launch-contract.ts";
import type { Start } from "./realm.ts";
import { permissionEnforced, renounce } from "./renounce.ts";
import { openTransport } from "./transport.ts";

const { send, receive, exit } = openTransport();

try {
  if (process.argv.includes(CONFINED_ARGUMENT) && !permissionEnforced()) exit(EXIT.notConfined);
  // Rejections of the checked code are its own affair. The values are never touched: they may be hostile.
  process.on("unhandledRejection", () => {});
  process.on("uncaughtException", () => exit(EXIT.uncaught));
  const later = setImmediate;
  const { rss } = process.memoryUsage;
  const { cpuUsage } = process;
  renounce();
  const start: Start = new Script(realmText, { filename: "realm.js" }).runInThisContext();
  const take = start({
    send,
    afterMicrotasks: callback => void later(callback),
    residentBytes: () => rss(),
    processorMs() {
      const { user, system } = cpuUsage.call(process);
      return (user + system) / 1000;
    },
  });
  // Not called from here: the stack that checked code can read would then tell where this file is.
  receive(order => void later(take, order));
} catch (error) {
  send(JSON.stringify({ type: "failed", detail: `the sandbox could not start: ${error}` }));
  exit(EXIT.boot);
}
