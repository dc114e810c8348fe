/**
 * @file Expressions of a method's body that get a name: a const before the statement that they stand in, and the name in their
 * places. And where in the body something more can be said of them, before it returns.
 */

import ts from "typescript";
import { bare, bindings } from "../source/names.ts";
import { type Change, NotWritten } from "./changes.ts";
import { fresh, namesIn } from "./identifiers.ts";
import { indentAt } from "./layout.ts";
import type { Target } from "./target.ts";

interface Hoisted {
  readonly node: ts.Expression;
  readonly name: string;
  readonly statement: ts.Statement;
}

export class Hoisting {
  readonly #target: Target;
  readonly #body: ts.Block;
  readonly #taken: Set<string>;
  readonly #hoisted: Hoisted[] = [];
  /** What stands in the place of an expression from now on. */
  readonly #instead = new Map<ts.Node, string>();

  /** @param taken names that are none of the new ones; grows */
  constructor(target: Target, body: ts.Block, taken: Set<string>) {
    this.#target = target;
    this.#body = body;
    this.#taken = taken;
  }

  /**
   * The name of an expression's value; it gets one where it has none.
   * @param again expressions that are the same wherever their text is the same
   */
  name(node: ts.Expression, wanted: string, again: readonly ts.Node[]): string {
    if (ts.isIdentifier(node)) return node.text;
    const known = this.#instead.get(node) ?? constantOf(node);
    if (known !== undefined) return known;
    const statement = ts.findAncestor(node, at => at.parent === this.#body) as ts.Statement;
    const name = fresh(wanted, this.#taken);
    this.#hoisted.push({ node, name, statement });
    this.#instead.set(node, name);
    const text = spaceless(node);
    for (const other of again) {
      if (other.getStart() > node.getStart() && spaceless(other) === text) this.#instead.set(other, name);
    }
    return name;
  }

  /** Whether an expression has its value at an offset already. */
  isKnownAt(expression: string, offset: number): boolean {
    for (const name of namesIn(expression)) {
      const hoisted = this.#hoisted.find(one => one.name === name);
      if (hoisted !== undefined && hoisted.statement.getStart() > offset) return false;
      const declared = declarationOf(this.#body, name);
      if (declared !== undefined && declared.end > offset) return false;
    }
    return true;
  }

  /**
   * All changes of the body.
   * @param lines statements to stand before it returns, without their ends
   * @param needed names that these need
   */
  changes(lines: readonly string[], needed: Iterable<string>): Change[] {
    const { layout, module } = this.#target;
    const { semicolon, newline, unit } = layout;
    const changes: Change[] = [];
    for (const statement of new Set(this.#hoisted.map(one => one.statement))) {
      const start = statement.getStart();
      const indent = indentAt(module.text, start);
      // Those within others first.
      const own = this.#hoisted
        .filter(one => one.statement === statement)
        .sort((a, b) => a.node.end - b.node.end || b.node.getStart() - a.node.getStart());
      const newText = own
        .map(({ node, name }) => `const ${name} = ${this.#inside(node)}${semicolon}${newline}${indent}`)
        .join("");
      changes.push({ start, end: start, newText });
    }
    for (const [node, name] of this.#instead) {
      if (!this.#isInsideAnother(node))
        changes.push({ start: node.getStart(), end: node.end, newText: name });
    }
    if (lines.length === 0) return changes;

    const { statements } = this.#body;
    const returning = statements.find(returns);
    if (returning !== undefined) {
      const start = returning.getStart();
      for (const name of needed) {
        if (!this.isKnownAt(name, start))
          throw new NotWritten(
            `${name}, which it needs, is computed after forward may have returned: let forward return once, at its end.`,
          );
      }
      const indent = indentAt(module.text, start);
      const newText = lines.map(line => `${line}${semicolon}${newline}${indent}`).join("");
      return [...changes, { start, end: start, newText }];
    }
    const last = statements.at(-1);
    const start = last?.end ?? this.#body.getStart() + 1;
    const indent = last
      ? indentAt(module.text, last.getStart())
      : `${indentAt(module.text, this.#body.getStart())}${unit}`;
    const newText = lines.map(line => `${newline}${indent}${line}${semicolon}`).join("");
    return [...changes, { start, end: start, newText }];
  }

  /** An expression's text with the names of those within it. */
  #inside(node: ts.Node): string {
    const { text } = this.#target.module;
    let result = "";
    let at = node.getStart();
    const visit = (child: ts.Node): void => {
      const name = this.#instead.get(child);
      if (name === undefined) {
        ts.forEachChild(child, visit);
        return;
      }
      result += text.slice(at, child.getStart()) + name;
      at = child.end;
    };
    ts.forEachChild(node, visit);
    return result + text.slice(at, node.end);
  }

  #isInsideAnother(node: ts.Node): boolean {
    return ts.findAncestor(node.parent, at => this.#instead.has(at)) !== undefined;
  }
}

/** `y` of `const y = …`, for what stands after the sign. */
export function constantOf(node: ts.Expression): string | undefined {
  let at: ts.Node = node;
  while (ts.isExpression(at.parent) && bare(at.parent) === node) at = at.parent;
  const { parent } = at;
  if (!ts.isVariableDeclaration(parent) || parent.initializer !== at || !ts.isIdentifier(parent.name))
    return undefined;
  return parent.parent.flags & ts.NodeFlags.Const ? parent.name.text : undefined;
}

/** The statement of a body that declares a name. */
function declarationOf({ statements }: ts.Block, name: string): ts.Statement | undefined {
  return statements.find(
    statement =>
      ts.isVariableStatement(statement) &&
      statement.declarationList.declarations.some(({ name: pattern }) =>
        [...bindings(pattern)].some(([own]) => own === name),
      ),
  );
}

/** Whether a statement is, or holds, a return of the method. */
export function returns(statement: ts.Node): boolean {
  if (ts.isReturnStatement(statement)) return true;
  if (ts.isFunctionLike(statement) || ts.isClassLike(statement)) return false;
  return ts.forEachChild(statement, child => returns(child) || undefined) ?? false;
}

function spaceless(node: ts.Node): string {
  return node.getText().replace(/\s+/g, "");
}
