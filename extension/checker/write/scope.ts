/**
 * @file The method that saves, forward or setupContext: what inputs, outputs and intermediates are called in it. What has no
 * name there gets one.
 */

import ts from "typescript";
import { bare, bindings } from "../source/names.ts";
import { type Change, NotWritten } from "./changes.ts";
import { plainTypeOf } from "./context-parameter.ts";
import { allNames, fresh, namesIn, quoted, renamed } from "./identifiers.ts";
import { indentAt, lineStart } from "./layout.ts";
import type { Method, Target } from "./target.ts";

interface Step {
  readonly name: string;
  readonly text: string;
}

export class Scope {
  /** The method that saves. */
  readonly where: Method;
  readonly #target: Target;
  readonly #parameters: readonly ts.ParameterDeclaration[];
  readonly #taken: Set<string>;
  readonly #changes: Change[] = [];
  /** Statements to come before what is saved, without their ends. */
  readonly #steps: string[] = [];
  /** Names that only what stands right before the end of the method has. */
  readonly #late = new Set<string>();
  readonly #named = new Map<number, string>();

  constructor(target: Target) {
    this.#target = target;
    this.where = target.setupContext ?? target.forward;
    const withThis = target.forward.node.parameters.filter(({ name }) => name.getText() !== "this");
    this.#parameters = target.setupContext === null ? withThis.slice(1) : withThis;
    this.#taken = allNames(target.forward.node);
    for (const name of allNames(this.where.node)) this.#taken.add(name);
  }

  /** The type of a value that is no tensor, and so goes into a field of ctx; null for a tensor. */
  fieldType(name: string): string | null {
    const parameter = this.#parameters.find(parameter => parameter.name.getText() === name);
    if (parameter !== undefined) return plainTypeOf(parameter);
    const bound = this.#parameters.some(({ name: pattern }) =>
      [...bindings(pattern)].some(([own]) => own === name),
    );
    return bound ? "number" : null;
  }

  input(name: string): string {
    const i = this.#parameters.findIndex(parameter =>
      [...bindings(parameter.name)].some(([own]) => own === name),
    );
    if (i < 0)
      throw new NotWritten(`Backward needs ${name}, which is no parameter of forward that has a name.`);
    if (this.#parameters[i]!.dotDotDotToken)
      throw new NotWritten(
        `Backward needs ${name}, which takes any number of arguments: name them one by one.`,
      );
    return this.#target.setupContext === null ? name : this.#element(1, i, name);
  }

  output(name: string): string {
    const { outputs, numbered } = this.#outputs();
    const at = outputs.findIndex(output => ts.isIdentifier(output) && output.text === name);
    const o = at >= 0 ? at : numbered(name);
    if (this.#target.setupContext !== null) return this.#element(2, outputs.length > 1 ? o : null, name);
    const value = outputs[o];
    if (value === undefined)
      throw new NotWritten(`Backward needs what forward returns, which its text does not show.`);
    if (ts.isIdentifier(value)) return value.text;
    return this.#hoisted(value, o, name);
  }

  /** What forward computes on its way. */
  intermediate(name: string, formula: string, parts: readonly Step[]): string {
    const own =
      parts.length === 0 && this.#target.setupContext === null ? this.#inForward(formula, name) : null;
    if (own !== null) return own;
    const by = new Map<string, string>();
    for (const used of new Set(
      [formula, ...parts.map(({ text }) => text)].flatMap(text => [...namesIn(text)]),
    )) {
      if (this.#parameters.some(parameter => parameter.name.getText() === used))
        by.set(used, this.input(used));
      else if (!parts.some(part => part.name === used)) by.set(used, this.#target.engine.value(used));
    }
    const write = (text: string): string => quoted(renamed(text, by), this.#target.layout.quote);
    for (const part of parts) {
      const found = fresh(part.name, this.#taken);
      this.#steps.push(`const ${found} = ${write(part.text)}`);
      by.set(part.name, found);
    }
    const found = fresh(name, this.#taken);
    this.#steps.push(`const ${found} = ${write(formula)}`);
    this.#late.add(found);
    return found;
  }

  /** Whether an expression has its value at an offset already. */
  isKnownAt(expression: string, offset: number): boolean {
    for (const name of namesIn(expression)) {
      if (this.#late.has(name)) return false;
      for (const statement of this.where.body.statements) {
        if (!ts.isVariableStatement(statement) || statement.end <= offset) continue;
        const declares = statement.declarationList.declarations.some(({ name: pattern }) =>
          [...bindings(pattern)].some(([own]) => own === name),
        );
        if (declares) return false;
      }
    }
    return true;
  }

  /** The changes of the method, with lines more right before it returns, or at its end. */
  changes(lines: readonly string[]): Change[] {
    const all = [...this.#steps, ...lines];
    if (all.length === 0) return this.#changes;
    const { semicolon, newline, unit } = this.#target.layout;
    const { text } = this.#target.module;
    const { body } = this.where;
    const returning = this.#returning();
    if (returning !== null) {
      const indent = indentAt(text, returning.getStart());
      const written = all.map(line => `${line}${semicolon}${newline}${indent}`).join("");
      const hoisted = this.#named.get(-1);
      const start = returning.getStart();
      if (hoisted === undefined) return [...this.#changes, { start, end: start, newText: written }];
      // `const output = …; save; return output;`
      const { expression } = returning;
      const end = `${semicolon}${newline}${indent}${written}return ${hoisted}${semicolon}`;
      return [
        ...this.#changes,
        { start, end: expression!.getStart(), newText: `const ${hoisted} = ` },
        { start: expression!.end, end: returning.end, newText: end },
      ];
    }
    const last = body.statements.at(-1);
    const indent =
      last === undefined ? `${indentAt(text, body.getStart())}${unit}` : indentAt(text, last.getStart());
    if (this.#target.setupContext !== null || this.#late.size > 0 || this.#steps.length > 0) {
      if (this.#target.setupContext === null)
        throw new NotWritten("forward returns in more than one place: let it return once, at its end.");
      const start = last?.end ?? body.getStart() + 1;
      const newText = all.map(line => `${newline}${indent}${line}${semicolon}`).join("");
      return [...this.#changes, { start, end: start, newText }];
    }
    // Several returns: inputs are there from the beginning.
    const [first] = body.statements;
    const start = first === undefined ? body.getStart() + 1 : lineStart(text, first.getStart());
    const newText = all.map(line => `${indent}${line}${semicolon}${newline}`).join("");
    return [...this.#changes, { start, end: start, newText }];
  }

  /** forward's only return, at the end of its body; null where there are others, or in setupContext. */
  #returning(): ts.ReturnStatement | null {
    if (this.#target.setupContext !== null) return null;
    const { body } = this.#target.forward;
    const last = body.statements.at(-1);
    if (last === undefined || !ts.isReturnStatement(last) || last.expression === undefined) return null;
    let others = 0;
    const visit = (node: ts.Node): void => {
      if (ts.isReturnStatement(node)) others++;
      if (!ts.isFunctionLike(node) && !ts.isClassLike(node)) ts.forEachChild(node, visit);
    };
    ts.forEachChild(body, visit);
    return others === 1 ? last : null;
  }

  #outputs(): { outputs: ts.Expression[]; numbered: (name: string) => number } {
    const last = this.#target.forward.body.statements.at(-1);
    const value = last && ts.isReturnStatement(last) && last.expression ? bare(last.expression) : undefined;
    if (this.#target.setupContext === null && this.#returning() === null)
      throw new NotWritten(
        "Backward needs what forward returns, and forward returns in more than one place.",
      );
    const outputs =
      value === undefined ? [] : ts.isArrayLiteralExpression(value) ? [...value.elements] : [value];
    return { outputs, numbered: name => Number(/\d+$/.exec(name)?.[0] ?? 0) };
  }

  /** A name for what is returned as an expression. */
  #hoisted(value: ts.Expression, o: number, name: string): string {
    const known = this.#named.get(o);
    if (known !== undefined) return known;
    const found = fresh(name, this.#taken);
    this.#named.set(o, found);
    this.#late.add(found);
    const returning = this.#returning()!;
    if (bare(returning.expression!) === value) {
      this.#named.set(-1, found);
      return found;
    }
    this.#steps.push(`const ${found} = ${value.getText()}`);
    this.#changes.push({ start: value.getStart(), end: value.end, newText: found });
    return found;
  }

  /** Where forward computes just this: its name; a name is given where it has none. */
  #inForward(formula: string, name: string): string | null {
    const wanted = spaceless(formula);
    const places: ts.Expression[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) || ts.isIterationStatement(node, false) || ts.isIfStatement(node)) return;
      if (ts.isConditionalExpression(node)) return;
      if (ts.isExpression(node) && spaceless(node.getText()) === wanted) places.push(node);
      else ts.forEachChild(node, visit);
    };
    ts.forEachChild(this.where.body, visit);
    const [place] = places;
    if (place === undefined || places.some(node => this.#isChanged(node))) return null;
    const { parent } = place;
    if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
    const statement = ts.findAncestor(place, node => node.parent === this.where.body)!;
    if (ts.isReturnStatement(statement) && this.#named.size > 0) return null;
    const found = fresh(name, this.#taken);
    const { semicolon, newline, quote } = this.#target.layout;
    const start = statement.getStart();
    const indent = indentAt(this.#target.module.text, start);
    this.#changes.push({
      start,
      end: start,
      newText: `const ${found} = ${quoted(place.getText(), quote)}${semicolon}${newline}${indent}`,
    });
    for (const node of places) this.#changes.push({ start: node.getStart(), end: node.end, newText: found });
    if (ts.isReturnStatement(statement)) this.#late.add(found);
    return found;
  }

  #isChanged(node: ts.Node): boolean {
    return this.#changes.some(({ start, end }) => start < node.end && end > node.getStart());
  }

  /** setupContext's expression for input or output `i` of its parameter `p`; null for the parameter itself. */
  #element(p: 1 | 2, i: number | null, name: string): string {
    const { parameters } = this.where.node;
    const parameter = parameters[p];
    if (parameter === undefined) {
      const last = parameters.at(-1)!;
      const type =
        this.#target.engine.typed && last.type !== undefined ? `: ${this.#target.engine.type("Tensor")}` : "";
      if (p !== 2 || parameters.length !== 2 || i !== null)
        throw new NotWritten(
          "setupContext does not take what backward needs: give it (ctx, inputs, output).",
        );
      if (this.#named.has(-2)) return this.#named.get(-2)!;
      const found = fresh(name, this.#taken);
      this.#named.set(-2, found);
      this.#changes.push({ start: last.end, end: last.end, newText: `, ${found}${type}` });
      return found;
    }
    if (ts.isIdentifier(parameter.name))
      return i === null ? parameter.name.text : `${parameter.name.text}[${i}]`;
    if (!ts.isArrayBindingPattern(parameter.name) || i === null)
      throw new NotWritten("setupContext takes its arguments apart in a way that is not written into.");
    const element = parameter.name.elements[i];
    if (element !== undefined && ts.isBindingElement(element) && ts.isIdentifier(element.name))
      return element.name.text;
    throw new NotWritten(`setupContext leaves out ${name}, which backward needs: take it from the inputs.`);
  }
}

function spaceless(text: string): string {
  return text.replace(/\s+/g, "");
}
