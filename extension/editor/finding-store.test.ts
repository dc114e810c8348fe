import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { FunctionSite } from "../checker/checker.ts";
import type { Finding } from "../checker/finding.ts";
import { PLAIN_NOTATION } from "../checker/notation.ts";
import { FindingStore, wasChecked } from "./finding-store.ts";

const FILE = "/code/square.ts";
const HELPER = "/code/helper.ts";
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };

function site(name: string): FunctionSite {
  return {
    name,
    path: [name],
    range,
    nameRange: range,
    backward: { nameRange: range, returns: [], gradOutputs: null },
    forward: null,
    notation: PLAIN_NOTATION,
    declares: { backward: true, jvp: false },
  };
}

function record(name: string, sources: string[] | null = [FILE]) {
  const finding: Finding = {
    verdict: "correct",
    rule: null,
    hints: [],
    message: "",
    domain: null,
    inputs: [],
    name,
    file: FILE,
    range,
    seed: 0,
    fixes: [],
    durationMs: 1,
  };
  return { finding, sources, logs: [] };
}

describe("FindingStore", () => {
  let store: FindingStore;
  const kinds = (file = FILE) => store.functions(file).map(({ status }) => status.kind);

  beforeEach(() => {
    store = new FindingStore();
    store.outline(FILE, [site("Square"), site("Cube")]);
  });

  it("begins with every Function unchecked", () => {
    expect(kinds()).toEqual(["unchecked", "unchecked"]);
  });

  it("goes from checking to checked", () => {
    const run = store.begin(FILE, "Square");
    expect(kinds()).toEqual(["checking", "unchecked"]);
    store.settle(run, record("Square"));
    expect(kinds()).toEqual(["checked", "unchecked"]);
  });

  it("makes findings stale at an edit of their file, and keeps them stale over the next outline", () => {
    store.settle(store.begin(FILE, "Square"), record("Square"));
    store.edited(FILE);
    expect(kinds()).toEqual(["stale", "unchecked"]);
    store.outline(FILE, [site("Square"), site("Cube")]);
    expect(kinds()).toEqual(["stale", "unchecked"]);
  });

  it("makes findings stale at an edit of a file they rest on, in other files too", () => {
    store.settle(store.begin(FILE, "Square"), record("Square", [FILE, HELPER]));
    store.settle(store.begin(FILE, "Cube"), record("Cube"));
    store.edited(HELPER);
    expect(kinds()).toEqual(["stale", "checked"]);
  });

  it("aborts a check at an edit and drops what it reports", () => {
    const run = store.begin(FILE, "Square");
    store.edited(FILE);
    expect(run.signal.aborted).toBe(true);
    store.settle(run, record("Square"));
    expect(kinds()).toEqual(["stale", "unchecked"]);
  });

  it("does not take a finding for fresh when a source of it was edited while it was checked", () => {
    const run = store.begin(FILE, "Square");
    store.edited(HELPER);
    expect(store.settle(run, record("Square", [FILE, HELPER]))).toBe(false);
    expect(kinds()).toEqual(["stale", "unchecked"]);
  });

  it("takes a finding whose source was edited before it began", () => {
    store.edited(HELPER);
    store.settle(store.begin(FILE, "Square"), record("Square", [FILE, HELPER]));
    expect(kinds()).toEqual(["checked", "unchecked"]);
  });

  it("takes what rests on unknown files for stale at any edit", () => {
    store.settle(store.begin(FILE, "Square"), record("Square", null));
    expect(kinds()).toEqual(["checked", "unchecked"]);
    store.edited(HELPER);
    expect(kinds()).toEqual(["stale", "unchecked"]);
    const run = store.begin(FILE, "Square");
    store.edited(HELPER);
    store.settle(run, record("Square", null));
    expect(kinds()).toEqual(["stale", "unchecked"]);
  });

  it("makes findings stale when a folder with one of their sources changes", () => {
    store.settle(store.begin(FILE, "Square"), record("Square", [FILE, join("/", "other", "deep", "a.ts")]));
    store.edited(join("/", "oth"));
    expect(kinds()).toEqual(["checked", "unchecked"]);
    const run = store.begin(FILE, "Cube");
    store.edited(join("/", "other"));
    expect(kinds()).toEqual(["stale", "checking"]);
    store.settle(run, record("Cube", [FILE, join("/", "other", "b.ts")]));
    expect(kinds()).toEqual(["stale", "stale"]);
  });

  it("lets the later of two checks of one Function win, whichever reports first", () => {
    const first = store.begin(FILE, "Square");
    const second = store.begin(FILE, "Square");
    expect(first.signal.aborted).toBe(true);
    store.settle(second, record("second"));
    store.settle(first, record("first"));
    const { status } = store.functions(FILE)[0]!;
    expect(status.kind === "checked" && status.finding.name).toBe("second");
  });

  it("keeps what is known with its Function when others appear above it or go", () => {
    store.settle(store.begin(FILE, "Cube"), record("Cube"));
    store.outline(FILE, [site("New"), site("Cube")]);
    expect(kinds()).toEqual(["unchecked", "checked"]);
    store.outline(FILE, [site("New")]);
    expect(kinds()).toEqual(["unchecked"]);
  });

  it("tells Functions of one name apart by their order", () => {
    store.outline(FILE, [site("Square"), site("Square")]);
    expect(store.functions(FILE).map(({ key }) => key)).toEqual(["Square", "Square#2"]);
  });

  it("aborts the check of a Function that is no longer there, and of a file that is closed", () => {
    const gone = store.begin(FILE, "Square");
    store.outline(FILE, [site("Cube")]);
    expect(gone.signal.aborted).toBe(true);
    const closed = store.begin(FILE, "Cube");
    store.forget(FILE);
    expect(closed.signal.aborted).toBe(true);
    store.settle(closed, record("Cube"));
    expect(kinds()).toEqual([]);
  });

  it("returns to unchecked when all is cancelled", () => {
    const run = store.begin(FILE, "Square");
    store.cancelAll();
    expect(run.signal.aborted).toBe(true);
    expect(kinds()).toEqual(["unchecked", "unchecked"]);
  });

  it("knows what was checked before, or being checked", () => {
    const square = () => wasChecked(store.functions(FILE)[0]!);
    expect(square()).toBe(false);
    store.begin(FILE, "Square");
    store.edited(FILE);
    expect(square()).toBe(true);
    store.settle(store.begin(FILE, "Square"), record("Square"));
    store.begin(FILE, "Square");
    store.cancelAll();
    expect(kinds()).toEqual(["unchecked", "unchecked"]);
    expect(square()).toBe(true);
  });

  it("names each file that changed", () => {
    const changed: string[] = [];
    const { dispose } = store.onDidChange(file => changed.push(file));
    store.begin(FILE, "Square");
    store.edited(HELPER);
    store.edited(FILE);
    dispose();
    store.forget(FILE);
    expect(changed).toEqual([FILE, FILE]);
  });
});
