/**
 * @file Gives up what Node adds to the language, before the realm is evaluated. Node's permission model stands below
 * and SES above; each holds where another has a hole.
 */

import * as nodeModule from "node:module";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/** What ECMAScript itself defines and the realm needs. Shared memory, weak references and locales are left out. */
const LANGUAGE = new Set(
  `globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape unescape AggregateError Array ArrayBuffer AsyncIterator BigInt BigInt64Array BigUint64Array
  Boolean DataView Date Error EvalError Float16Array Float32Array Float64Array Function Int8Array Int16Array Int32Array
  Iterator JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String
  SuppressedError Symbol SyntaxError TypeError Uint8Array Uint8ClampedArray Uint16Array Uint32Array URIError WeakMap
  WeakSet`.split(/\s+/),
);

/** The engine compiles its kernels while it loads; the realm deletes the name right after (see realm.ts). */
const UNTIL_THE_ENGINE_IS_LOADED = ["WebAssembly"];

/** Syntax that SES 2.3 does not know yet and that leads around it, with the flag that takes it out of V8. */
const REFUSED_SYNTAX = {
  'import.source("x")': "--no-js-source-phase-imports",
  'import.defer("x")': "--no-js-defer-import-eval",
  "{ using x = null }": "--no-js-explicit-resource-management",
};

/** What Node itself reads from `process` later on, to run ticks and to report rejections. */
const KEPT_OF_PROCESS = new Set<PropertyKey>([
  "nextTick",
  "emitWarning",
  "domain",
  "_events",
  "_eventsCount",
  "_maxListeners",
  "_exiting",
  "_fatalException",
]);

export function permissionEnforced(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return permission !== undefined && !["fs.write", "child", "worker"].some(scope => permission.has(scope));
}

export function renounce(): void {
  refuseSyntax();
  refuseModules();
  forgetThePlace();
  deleteGlobals();
  blankProcess();
}

function refuseSyntax(): void {
  for (const [sample, flag] of Object.entries(REFUSED_SYNTAX)) {
    if (!parses(sample)) continue;
    setFlagsFromString(flag);
    // Another text, as V8 remembers what it has parsed.
    if (parses(`${sample} `)) throw new TypeError(`${flag} does not take ${sample} out of the language`);
  }
}

function parses(source: string): boolean {
  try {
    new Script(source);
    return true;
  } catch {
    return false;
  }
}

function refuseModules(): void {
  const refuse = () => {
    throw new TypeError("there are no modules in the sandbox");
  };
  // Absent before Node 22.15, where the loader is out of reach all the same.
  const { registerHooks } = nodeModule as { registerHooks?(hooks: object): unknown };
  registerHooks?.({ resolve: refuse, load: refuse });
}

/** A finding must not depend on where it was made: the time zone is nobody's. */
function forgetThePlace(): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  process.env.TZ = "UTC";
}

function deleteGlobals(): void {
  for (const name of Reflect.ownKeys(globalThis)) {
    if (typeof name === "string" && (LANGUAGE.has(name) || UNTIL_THE_ENGINE_IS_LOADED.includes(name)))
      continue;
    if (!Reflect.deleteProperty(globalThis, name))
      throw new TypeError(`the global ${String(name)} cannot be deleted`);
  }
}

function blankProcess(): void {
  for (const name of Reflect.ownKeys(process)) {
    if (KEPT_OF_PROCESS.has(name)) continue;
    if (!Reflect.deleteProperty(process, name)) Reflect.set(process, name, undefined);
  }
}
