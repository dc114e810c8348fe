/** @file What forward must keep for a derivative: saveForBackward and fields of ctx, extended by exactly what is needed. */

import ts from "typescript";
import type { Derivation, SavedValue } from "../derivation.ts";
import { type Change, NotWritten } from "./changes.ts";
import { contextOf, fieldGiven, withField } from "./context-parameter.ts";
import { indentAt, lineEnd, lineStart } from "./layout.ts";
import { Scope } from "./scope.ts";
import type { Target } from "./target.ts";

export interface Keeping {
  readonly changes: readonly Change[];
  /** What `savedTensors` gives, in order; null for what is not needed. */
  readonly tensors: readonly (SavedTensor | null)[];
  /** Fields of ctx by the name that formulas have for their value. */
  readonly fields: ReadonlyMap<string, string>;
  /** Of these fields, those that ctx did not have before. */
  readonly newFields: readonly { name: string; type: string }[];
}

export interface SavedTensor {
  /** What formulas call it. */
  readonly name: string;
  /** What forward calls it, where that is a name. */
  readonly local: string;
}

interface Settings {
  /** Whether what is saved now stays saved, as something else reads it. */
  readonly extend: boolean;
  readonly by: "saveForBackward" | "saveForForward";
}

/** Forward's part of a derivative. The target's changes and those of the rest of the class do not overlap. */
export function keepFor(target: Target, { saved }: Derivation, { extend, by }: Settings): Keeping {
  const scope = new Scope(target);
  const { where } = scope;
  const context = contextOf(where.node, where.body);
  const call = saveCall(where.body, by);
  const before = call === null ? [] : call.arguments.map(argument => argument.getText());

  const tensors: { expression: string; name: string }[] = [];
  const fields = new Map<string, string>();
  const newFields: { name: string; type: string }[] = [];
  const assignments: string[] = [];
  for (const value of saved) {
    const field = value.place === null ? null : scope.field(value.place, context.before);
    if (field !== null) {
      fields.set(value.name, field);
      continue;
    }
    const expression = expressionFor(scope, value);
    const type = scope.fieldType(value.name);
    if (type === null) {
      tensors.push({ expression, name: value.name });
      continue;
    }
    const known = fieldAssigned(where.body, context.before, expression);
    fields.set(value.name, known ?? value.name);
    if (known !== null) continue;
    assignments.push(`${context.name}.${value.name} = ${expression}`);
    newFields.push({ name: value.name, type });
  }

  const stays = (text: string): boolean => extend || tensors.some(({ expression }) => expression === text);
  const kept = before.filter(stays);
  const added = tensors.map(({ expression }) => expression).filter(text => !kept.includes(text));
  const all = [...kept, ...added];
  const lines = [...assignments];
  const changes: Change[] = [...context.changes];
  if (all.join() !== before.join()) {
    if (all.length > 0) {
      const line = `${context.name}.${by}(${all.join(", ")})`;
      if (call !== null && added.every(text => scope.isKnownAt(text, call.getStart()))) {
        changes.push(inPlace(target, call, all));
      } else {
        lines.push(line);
        if (call !== null) changes.push(withoutLine(target, call.parent));
      }
    } else if (call !== null) changes.push(withoutLine(target, call.parent));
  }
  for (const field of newFields) changes.push(...withField(where.node, field));
  return {
    changes: [...changes, ...scope.changes(lines)],
    tensors: all.map(text => {
      const tensor = tensors.find(({ expression }) => expression === text);
      if (tensor === undefined) return null;
      return { name: tensor.name, local: /^[\p{L}_$][\p{L}\d_$]*$/u.test(text) ? text : tensor.name };
    }),
    fields,
    newFields,
  };
}

/** The expression that a value has in the method that saves; where forward has no name for it, it gets one. */
function expressionFor(scope: Scope, { name, role, formula, parts, place }: SavedValue): string {
  if (role === "input") return scope.input(name);
  if (role === "output") return scope.output(name);
  if (place !== null) return scope.intermediate(name, place);
  if (formula?.typescript == null)
    throw new NotWritten(
      `forward would have to keep ${name}, which cannot be written with the engine's public functions.`,
    );
  const steps = parts.map(part => {
    if (part.typescript === null)
      throw new NotWritten(`${part.name} cannot be written with the engine's public functions.`);
    return { name: part.name, text: part.typescript };
  });
  return scope.computed(name, formula.typescript, steps);
}

/** The one call that saves; null where there is none. */
function saveCall(body: ts.Block, by: Settings["by"]): ts.CallExpression | null {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === by
    )
      calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(body);
  const [call] = calls;
  if (call === undefined) return null;
  if (calls.length > 1 || !ts.isExpressionStatement(call.parent) || call.parent.parent !== body)
    throw new NotWritten(
      `${by} is called in a branch, or more than once: say in one place what is to be saved.`,
    );
  return call;
}

function inPlace({ module }: Target, call: ts.CallExpression, all: readonly string[]): Change {
  const [first] = call.arguments;
  const close = call.getLastToken()!.getStart();
  const start = first?.getStart() ?? close;
  const end = call.arguments.at(-1)?.end ?? close;
  const broken = module.text.slice(start, end).includes("\n");
  const separator = broken ? `,\n${indentAt(module.text, start)}` : ", ";
  return { start, end, newText: all.join(separator) };
}

function withoutLine({ module: { text } }: Target, statement: ts.Node): Change {
  const start = lineStart(text, statement.getStart());
  const end = lineEnd(text, statement.end);
  const alone = text.slice(start, end).trim() === statement.getText();
  return alone
    ? { start, end, newText: "" }
    : { start: statement.getStart(), end: statement.end, newText: "" };
}

/** The field that the value is put into already. */
function fieldAssigned(body: ts.Block, ctx: string, expression: string): string | null {
  for (const statement of body.statements) {
    const found = ts.isExpressionStatement(statement) && fieldGiven(statement.expression, ctx);
    if (found && found.value.getText() === expression) return found.field;
  }
  return null;
}
