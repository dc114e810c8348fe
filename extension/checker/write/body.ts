/** @file The statements of a backward or a jvp, from a derivation: what was saved, a const for each common part, what is returned. */

import type { Derivation } from "../derivation.ts";
import { NotWritten } from "./changes.ts";
import { fresh, namesIn, quoted, renamed } from "./identifiers.ts";
import type { Keeping } from "./saving.ts";
import type { Target } from "./target.ts";
import { wrapped } from "./wrapping.ts";

interface Settings {
  readonly ctx: string;
  /** What the method calls its other parameters, by the names that the formulas have for them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Whether a gradient that nobody asked for is not computed, as elsewhere in the file. */
  readonly honoursNeeds: boolean;
  /** Indentation of the statements. */
  readonly indent: string;
}

/** Lines without their line ends. */
export function bodyOf(
  { engine, layout }: Target,
  derivation: Derivation,
  { tensors, fields }: Keeping,
  { ctx, parameters, honoursNeeds, indent }: Settings,
): string[] {
  const { gradients, parts } = derivation;
  const { semicolon, unit, quote } = layout;
  const texts = gradients.map(gradient => {
    if (gradient !== null && gradient.typescript === null)
      throw new NotWritten("It uses an operation for which the engine has no public function.");
    return gradient?.typescript ?? null;
  });
  const all = [...texts, ...parts.map(({ typescript }) => typescript)].filter(text => text !== null);
  const looked = new Set(all.flatMap(text => [...namesIn(text)]));
  const by = new Map<string, string>(parameters);
  const given = new Set([...parameters.values(), ctx, ...looked]);
  // A name of forward's own that the formulas use for something else cannot be the saved tensor's.
  const locals = tensors.map(tensor => {
    if (tensor === null) return null;
    const local = tensor.local === tensor.name || !given.has(tensor.local) ? tensor.local : tensor.name;
    if (local !== tensor.name) by.set(tensor.name, local);
    return local;
  });
  const taken = new Set([...locals.filter(name => name !== null), ...parameters.values(), ctx]);
  for (const [name, field] of fields) by.set(name, `${ctx}.${field}`);
  const imports = new Set(derivation.imports);
  for (const name of looked) {
    if (imports.has(name) && !taken.has(name)) by.set(name, engine.value(name));
  }
  for (const local of by.values()) taken.add(local);
  const write = (text: string): string => quoted(renamed(text, by), quote);

  const style = { indent, unit, namespace: engine.namespace };
  const lines: string[] = [];
  const unpacked = locals.slice(0, locals.findLastIndex(name => name !== null) + 1);
  if (unpacked.length > 0) {
    const names = unpacked.map(name => name ?? "").join(", ");
    lines.push(`${indent}const [${names}] = ${ctx}.savedTensors${semicolon}`);
  }
  for (const part of parts) {
    if (part.typescript === null)
      throw new NotWritten("It uses an operation for which the engine has no public function.");
    const text = write(part.typescript);
    const found = fresh(part.name, taken);
    by.set(part.name, found);
    lines.push(...wrapped(`const ${found} = `, text, semicolon, style));
  }
  const results = texts.map(text => (text === null ? "null" : write(text)));
  const guarded = results.map((text, i) =>
    honoursNeeds && text !== "null" ? `${ctx}.needsInputGrad[${i}] ? ${text} : null` : text,
  );
  const [only] = guarded;
  const returned = guarded.length === 1 ? only! : `[${guarded.join(", ")}]`;
  return [...lines, ...wrapped("return ", returned, semicolon, style)];
}
