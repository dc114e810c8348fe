/**
 * @file The method that saves, forward or setupContext: what inputs, outputs and intermediates are called in it. What has no
 * name there gets one.
 */

import ts from "typescript";
import { intermediatesIn } from "../source/intermediates.ts";
import { bare, bindings } from "../source/names.ts";
import { type Change, NotWritten } from "./changes.ts";
import { fieldGiven, plainTypeOf } from "./context-parameter.ts";
import { constantOf, Hoisting, returns } from "./hoisting.ts";
import { allNames, fresh, namesIn, quoted, renamed } from "./identifiers.ts";
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
  readonly #hoisting: Hoisting;
  readonly #changes: Change[] = [];
  /** Statements to come before what is saved, without their ends. */
  readonly #steps: string[] = [];
  /** What these compute, which is there right before the method returns. */
  readonly #late = new Set<string>();
  /** setupContext's name for the output, where it had no parameter for it. */
  #output: string | null = null;

  constructor(target: Target) {
    this.#target = target;
    this.where = target.setupContext ?? target.forward;
    const withThis = target.forward.node.parameters.filter(({ name }) => name.getText() !== "this");
    this.#parameters = target.setupContext === null ? withThis.slice(1) : withThis;
    this.#taken = allNames(target.forward.node);
    for (const name of allNames(this.where.node)) this.#taken.add(name);
    this.#hoisting = new Hoisting(target, this.where.body, this.#taken);
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
    if (i < 0) throw new NotWritten(`it needs ${name}, which is no parameter of forward that has a name.`);
    if (this.#parameters[i]!.dotDotDotToken)
      throw new NotWritten(`it needs ${name}, which takes any number of arguments: name them one by one.`);
    return this.#target.setupContext === null ? name : this.#element(1, i, name);
  }

  output(name: string): string {
    const { outputs, numbered } = this.#outputs();
    const at = outputs.findIndex(output => ts.isIdentifier(output) && output.text === name);
    const o = at >= 0 ? at : numbered(name);
    if (this.#target.setupContext !== null) return this.#element(2, outputs.length > 1 ? o : null, name);
    const value = outputs[o];
    if (value === undefined)
      throw new NotWritten("it needs what forward returns, which its text does not show.");
    return this.#hoisting.name(value, name, []);
  }

  /** What forward's text computes at a place. */
  intermediate(name: string, place: number): string {
    const all = intermediatesIn(this.#target.forward.body);
    const node = all[place]?.node;
    if (node === undefined || this.#target.setupContext !== null)
      throw new NotWritten(`it needs ${name}, which is no longer where forward computed it.`);
    return this.#hoisting.name(
      node,
      name,
      all.map(({ node }) => node),
    );
  }

  /** The field of ctx that forward puts what is at a place into by itself: `ctx.rstd = …`, `ctx.rstd = rstd`. */
  field(place: number, ctx: string): string | null {
    const node = intermediatesIn(this.#target.forward.body)[place]?.node;
    if (node === undefined || this.#target.setupContext !== null) return null;
    const name = ts.isIdentifier(node) ? node.text : constantOf(node);
    for (const statement of this.where.body.statements) {
      const found = ts.isExpressionStatement(statement) && fieldGiven(statement.expression, ctx);
      if (!found) continue;
      const { field, value } = found;
      if (value === node || (ts.isIdentifier(value) && value.text === name)) return field;
    }
    return null;
  }

  /** What forward does not compute, as statements more. */
  computed(name: string, formula: string, parts: readonly Step[]): string {
    const by = new Map<string, string>();
    const used = new Set([formula, ...parts.map(({ text }) => text)].flatMap(text => [...namesIn(text)]));
    for (const one of used) {
      if (this.#parameters.some(parameter => parameter.name.getText() === one)) by.set(one, this.input(one));
      else if (!parts.some(part => part.name === one)) by.set(one, this.#target.engine.value(one));
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
    for (const name of namesIn(expression)) if (this.#late.has(name)) return false;
    return this.#hoisting.isKnownAt(expression, offset);
  }

  /** The changes of the method, with lines more right before it returns, or at its end. */
  changes(lines: readonly string[]): Change[] {
    const all = [...this.#steps, ...lines];
    const needed = new Set(all.flatMap(line => [...namesIn(line)]));
    for (const name of this.#late) needed.delete(name);
    return [...this.#changes, ...this.#hoisting.changes(all, needed)];
  }

  #outputs(): { outputs: ts.Expression[]; numbered: (name: string) => number } {
    const { statements } = this.#target.forward.body;
    const last = statements.at(-1);
    const value = last && ts.isReturnStatement(last) && last.expression ? bare(last.expression) : undefined;
    if (this.#target.setupContext === null && statements.find(returns) !== last)
      throw new NotWritten("it needs what forward returns, and forward returns in more than one place.");
    const outputs =
      value === undefined ? [] : ts.isArrayLiteralExpression(value) ? [...value.elements] : [value];
    return { outputs, numbered: name => Number(/\d+$/.exec(name)?.[0] ?? 0) };
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
          "setupContext does not take what is needed: give it the parameters (ctx, inputs, output).",
        );
      if (this.#output === null) {
        this.#output = fresh(name, this.#taken);
        this.#changes.push({ start: last.end, end: last.end, newText: `, ${this.#output}${type}` });
      }
      return this.#output;
    }
    if (ts.isIdentifier(parameter.name))
      return i === null ? parameter.name.text : `${parameter.name.text}[${i}]`;
    if (!ts.isArrayBindingPattern(parameter.name) || i === null)
      throw new NotWritten("setupContext takes its arguments apart in a way that is not written into.");
    const element = parameter.name.elements[i];
    if (element !== undefined && ts.isBindingElement(element) && ts.isIdentifier(element.name))
      return element.name.text;
    throw new NotWritten(`setupContext leaves out ${name}, which is needed: take it from the inputs.`);
  }
}
