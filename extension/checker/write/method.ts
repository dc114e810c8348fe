/** @file A static method that is added to a class, after one that it has. */

import type { Change } from "./changes.ts";
import { contextOf } from "./context-parameter.ts";
import { indentAt, LINE_CHARS } from "./layout.ts";
import type { Keeping } from "./saving.ts";
import type { Method, Target } from "./target.ts";

export interface MethodHead {
  readonly name: "backward" | "jvp";
  /** After ctx; null flows in for one that does not move. */
  readonly parameters: readonly { name: string; moves: boolean }[];
}

/** @param body the method's lines, for the name that ctx has in it */
export function methodAfter(
  target: Target,
  after: Method,
  { name, parameters }: MethodHead,
  keeping: Keeping,
  body: (settings: { ctx: string; indent: string }) => string[],
): Change {
  const { layout, engine, module } = target;
  const { unit, newline } = layout;
  const where = (target.setupContext ?? target.forward).node;
  const ctx = contextOf(where, where).before.replace(/^_+/, "") || "ctx";
  const indent = indentAt(module.text, after.member.getStart());
  const lines = body({ ctx, indent: indent + unit });
  const typed = engine.typed && target.forward.node.parameters.some(({ type }) => type !== undefined);
  const usesContext = lines.some(line => new RegExp(`\\b${ctx}\\b`).test(line));
  const declared = usesContext ? ctx : `_${ctx}`;
  const head = parameters.map(({ name, moves }) => {
    if (!moves) return typed ? `_${name}: null` : `_${name}`;
    return typed ? `${name}: ${engine.type("Tensor")}` : name;
  });
  const all = [typed ? `${declared}: ${contextType(target, keeping)}` : declared, ...head];
  const line = `${indent}static ${name}(${all.join(", ")}) {`;
  const signature =
    line.length <= LINE_CHARS
      ? [line]
      : [
          `${indent}static ${name}(`,
          ...all.map(parameter => `${indent}${unit}${parameter},`),
          `${indent}) {`,
        ];
  const method = [...signature, ...lines, `${indent}}`].join(newline);
  const semicolon = module.text[after.member.end] === ";" ? 1 : 0;
  const start = after.member.end + semicolon;
  return { start, end: start, newText: `${newline}${newline}${method}` };
}

/** As the method that saves has it. */
function contextType(target: Target, { newFields }: Keeping): string {
  const where = (target.setupContext ?? target.forward).node;
  const type = where.parameters[0]?.type?.getText();
  if (type === undefined || type === "unknown") return target.engine.type("Context");
  const fields = /^([\w.]+)<\{([\s\S]*)\}>$/.exec(type);
  if (fields === null || newFields.length === 0) return type;
  const known = fields[2]!.trim().replace(/[;,]$/, "");
  const more = newFields.map(({ name, type }) => `${name}: ${type}`);
  return `${fields[1]}<{ ${[...(known === "" ? [] : [known]), ...more].join("; ")} }>`;
}
