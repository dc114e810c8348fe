/**
 * @file An expression by itself: as a function of the tensors that it is computed from. What the code between these and the expression
 * computes (`const q = x.matmul(A)`) becomes the function's body.
 */

import ts from "typescript";
import { isErased, isReference } from "../bundle/references.ts";
import type { Module } from "./module.ts";
import { accessedName, bare, bindings } from "./names.ts";
import { type Assignment, changesBefore, changesOf, isWithin } from "./reassigned.ts";

/** Something that an expression is computed from. */
export interface FreeVariable {
  /** As the text has it: `x`, `this.weight`, `batch.x`. */
  text: string;
  /** Its name as a parameter; that of no other thing in the file. */
  name: string;
  /** Type annotation, or null. */
  type: string | null;
  /** The expression that makes it, where that needs nothing but the engine: `randn([5, 3])`. */
  made: ts.Expression | null;
}

/** Properties of a tensor; what is read by another name is a property of an object that holds tensors. */
const TENSOR_PROPERTIES = new Set([
  ..."T mT H mH shape ndim dtype data grad real imag requiresGrad isLeaf layout".split(" "),
]);

/** What a name stands for, as seen from the expression. */
type Standing =
  /** The same everywhere: imports, top-level functions and settings, globals. */
  | { kind: "outside" }
  /** Computed: its declaration goes into the body. */
  | { kind: "computed"; declaration: ts.VariableDeclaration | ts.FunctionDeclaration }
  | { kind: "free"; type: string | null; made: ts.Expression | null };

/** What an initializer is made of. */
interface Uses {
  /** Of something that is free. */
  isOpen: boolean;
  calls: boolean;
  /** Of nothing but the engine and plain values. */
  engineOnly: boolean;
  /** Of what no function of its own can have: `await`. */
  isBound: boolean;
}

export class FreeExpression {
  readonly variables: FreeVariable[] = [];
  readonly #module: Module;
  readonly #isEngine: (name: ts.Identifier) => boolean;
  readonly #roots: ts.Node[];
  readonly #computed = new Set<ts.VariableDeclaration | ts.FunctionDeclaration>();
  /** Those of the computed variables that are set more than once, up to the expression. */
  readonly #changes = new Map<ts.Declaration, readonly Assignment[]>();
  readonly #uses = new Map<ts.Expression, Uses>();
  readonly #standings = new Map<ts.Declaration, Standing>();
  readonly #replacements = new Map<ts.Node, string>();
  /** Whether it needs what no parameter can give: `this` as a whole, `super`, `await`. */
  #bound = false;

  /** @param isEngine whether an identifier is the engine, or a name from it */
  constructor(expression: ts.Expression, module: Module, isEngine: (name: ts.Identifier) => boolean) {
    this.#module = module;
    this.#isEngine = isEngine;
    this.#roots = [expression];
    this.#visit(expression);
  }

  /** Whether it can be a function of its own. */
  get isFree(): boolean {
    return !this.#bound;
  }

  /** The declarations that the body begins with, and what changes them. */
  get statements(): string[] {
    const changes = [...this.#computed].flatMap(declaration => this.#changes.get(declaration) ?? []);
    return [...this.#computed, ...changes].sort((a, b) => a.pos - b.pos).map(part => this.#statementOf(part));
  }

  #statementOf(part: ts.VariableDeclaration | ts.FunctionDeclaration | Assignment): string {
    if (ts.isFunctionDeclaration(part)) return this.textOf(part);
    if (ts.isBinaryExpression(part)) return `${this.textOf(part)};`;
    const keyword = this.#changes.has(part) ? "let" : "const";
    const value = part.initializer ? ` = ${this.textOf(part.initializer)}` : "";
    return `${keyword} ${this.textOf(part.name)}${value};`;
  }

  /** What these declarations compute, by name; functions among it. */
  get computedNames(): string[] {
    return [...this.#computed].flatMap(declaration =>
      ts.isFunctionDeclaration(declaration) ? [] : [...bindings(declaration.name)].map(([name]) => name),
    );
  }

  /** All that a name which is computed in the body is set to, one after the other; nothing for every other name. */
  valuesOf(identifier: ts.Identifier): ts.Expression[] {
    const [declaration] = this.#module.declarationsOf(identifier);
    if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return [];
    if (!this.#computed.has(declaration) || !ts.isIdentifier(declaration.name)) return [];
    const changes = this.#changes.get(declaration) ?? [];
    return [
      ...(declaration.initializer ? [declaration.initializer] : []),
      ...changes.map(({ right }) => right),
    ];
  }

  /** What a name that is computed in the body is computed by; undefined for every other, and for one that is set twice. */
  definitionOf(identifier: ts.Identifier): ts.Expression | undefined {
    const [value, ...others] = this.valuesOf(identifier);
    return others.length === 0 ? value : undefined;
  }

  /** The text of a part, with the parameters' names. */
  textOf(node: ts.Node): string {
    const start = node.getStart();
    let text = "";
    let at = start;
    for (const [replaced, name] of [...this.#replacements].sort(([a], [b]) => a.getStart() - b.getStart())) {
      if (replaced.getStart() < at || replaced.end > node.end) continue;
      text += this.#module.text.slice(at, replaced.getStart()) + name;
      at = replaced.end;
    }
    return text + this.#module.text.slice(at, node.end);
  }

  #visit(node: ts.Node): void {
    if (isErased(node)) return;
    if (node.kind === ts.SyntaxKind.ThisKeyword || node.kind === ts.SyntaxKind.SuperKeyword)
      this.#bound = true;
    else if (ts.isAwaitExpression(node) || ts.isYieldExpression(node)) this.#bound = true;
    else if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
      this.#visitAccess(node);
    else if (ts.isIdentifier(node)) {
      if (isReference(node)) this.#refer(node);
    } else ts.forEachChild(node, child => this.#visit(child));
  }

  #visitAccess(node: ts.AccessExpression): void {
    const type = this.#isMember(node) ? null : undefined;
    if (type === null) {
      this.#replacements.set(node, this.#variable({ text: pathText(node), type, made: null }));
      return;
    }
    ts.forEachChild(node, child => this.#visit(child));
  }

  /** `this.weight`, `batch.x`: a property, no method that is called, of `this` or of something free. */
  #isMember(node: ts.AccessExpression): boolean {
    const name = accessedName(node);
    const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node;
    if (name === undefined || isCalled || TENSOR_PROPERTIES.has(name)) return false;
    const object = bare(node.expression);
    if (object.kind === ts.SyntaxKind.ThisKeyword) return true;
    if (ts.isPropertyAccessExpression(object) || ts.isElementAccessExpression(object))
      return this.#isMember(object);
    return ts.isIdentifier(object) && this.#standingOf(object).kind === "free";
  }

  #refer(identifier: ts.Identifier): void {
    const standing = this.#standingOf(identifier);
    if (standing.kind === "free") {
      const { type, made } = standing;
      const name = this.#variable({ text: identifier.text, type, made });
      if (name !== identifier.text) this.#replacements.set(identifier, name);
    } else if (standing.kind === "computed") this.#compute(standing.declaration);
  }

  #compute(declaration: ts.VariableDeclaration | ts.FunctionDeclaration): void {
    if (this.#computed.has(declaration)) return;
    this.#computed.add(declaration);
    const changes = this.#changes.get(declaration) ?? [];
    this.#roots.push(declaration, ...changes);
    if (ts.isFunctionDeclaration(declaration)) this.#visit(declaration.body ?? declaration);
    else if (declaration.initializer) this.#visit(declaration.initializer);
    for (const { right } of changes) this.#visit(right);
  }

  #variable(variable: Omit<FreeVariable, "name">): string {
    const known = this.variables.find(({ text }) => text === variable.text);
    if (known) return known.name;
    let name = /[\p{L}$_][\p{L}\p{N}$_]*$/u.exec(variable.text)?.[0] ?? "argument";
    const isOwn = name === variable.text;
    while (
      !isOwn &&
      new RegExp(`(?<![\\w$])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(this.#textWithoutMembers())
    )
      name += "_";
    this.variables.push({ ...variable, name });
    return name;
  }

  #textWithoutMembers(): string {
    return `${this.#module.text.replace(/\.\s*[\w$]+/g, "")} ${this.variables.map(({ name }) => name).join(" ")}`;
  }

  #standingOf(identifier: ts.Identifier): Standing {
    const [declaration] = this.#module.declarationsOf(identifier);
    if (declaration === undefined || this.#roots.some(root => isWithin(declaration, root)))
      return { kind: "outside" };
    const known = this.#standings.get(declaration);
    if (known) return known;
    // A declaration that leads back to itself is nothing that a body can begin with.
    this.#standings.set(declaration, { kind: "free", type: null, made: null });
    const standing = this.#standingOfDeclaration(declaration);
    this.#standings.set(declaration, standing);
    return standing;
  }

  #standingOfDeclaration(declaration: ts.Declaration): Standing {
    if (ts.isParameter(declaration))
      return { kind: "free", type: declaration.type?.getText() ?? null, made: null };
    if (ts.isFunctionDeclaration(declaration)) {
      return ts.isSourceFile(declaration.parent) ? { kind: "outside" } : { kind: "computed", declaration };
    }
    const declared = ts.findAncestor(
      declaration,
      node => ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isImportDeclaration(node),
    );
    if (declared && ts.isParameter(declared)) return { kind: "free", type: null, made: null };
    return declared && ts.isVariableDeclaration(declared)
      ? this.#standingOfVariable(declared)
      : { kind: "outside" };
  }

  #standingOfVariable(variable: ts.VariableDeclaration): Standing {
    const free: Standing = { kind: "free", type: variable.type?.getText() ?? null, made: null };
    const { initializer } = variable;
    const changes = changesOf(variable, this.#module);
    if (changes.length > 0) return this.#standingOfChanged(variable, changes, free);
    if (initializer === undefined) return free;
    const value = bare(initializer);
    const isTopLevel = ts.isSourceFile(variable.parent.parent.parent);
    const here: Standing = isTopLevel ? { kind: "outside" } : { kind: "computed", declaration: variable };
    if (ts.isFunctionLike(value) || ts.isClassLike(value)) return here;
    const uses = this.#usesOf(value);
    if (uses.isBound) return free;
    if (uses.isOpen) {
      return this.#isTaken(variable, value) ? free : { kind: "computed", declaration: variable };
    }
    if (!uses.calls) return here;
    return uses.engineOnly && ts.isIdentifier(variable.name) ? { ...free, made: initializer } : free;
  }

  /** Whether a variable's value is a member of something: `const { x } = batch`, `const weight = this.weight`. */
  #isTaken({ name }: ts.VariableDeclaration, value: ts.Expression): boolean {
    const isAccess = ts.isPropertyAccessExpression(value) || ts.isElementAccessExpression(value);
    if (isAccess) return this.#isMember(value);
    if (ts.isIdentifier(name)) return false;
    if (value.kind === ts.SyntaxKind.ThisKeyword) return true;
    return ts.isIdentifier(value) && this.#standingOf(value).kind === "free";
  }

  /** Of a variable that is set more than once: what it has come to, where that is told by what stands before the expression. */
  #standingOfChanged(
    variable: ts.VariableDeclaration,
    changes: readonly ts.Expression[],
    free: Standing,
  ): Standing {
    const before = changesBefore(this.#roots[0] as ts.Expression, variable, changes);
    if (before === undefined || !ts.isIdentifier(variable.name)) return free;
    const computed: Standing = { kind: "computed", declaration: variable };
    // Each change may be of what was there before.
    this.#standings.set(variable, computed);
    const values = [
      ...(variable.initializer ? [variable.initializer] : []),
      ...before.map(({ right }) => right),
    ];
    const uses = values.map(value => this.#usesOf(value));
    if (uses.some(({ isBound }) => isBound) || !uses.some(({ isOpen }) => isOpen)) return free;
    this.#changes.set(variable, before);
    return computed;
  }

  #usesOf(expression: ts.Expression): Uses {
    const known = this.#uses.get(expression);
    if (known) return known;
    const uses = { isOpen: false, calls: false, engineOnly: true, isBound: false };
    this.#uses.set(expression, uses);
    const visit = (node: ts.Node): void => {
      if (isErased(node)) return;
      if (ts.isAwaitExpression(node) || ts.isYieldExpression(node)) uses.isBound = true;
      if (node.kind === ts.SyntaxKind.ThisKeyword) uses.isOpen = true;
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) uses.calls = true;
      if (ts.isNewExpression(node)) uses.engineOnly = false;
      if (ts.isIdentifier(node) && isReference(node)) {
        const isLocal = this.#module
          .declarationsOf(node)
          .some(declaration => isWithin(declaration, expression));
        const standing = isLocal ? undefined : this.#standingOf(node);
        if (standing?.kind === "free" || (standing?.kind === "computed" && this.#isOpen(standing)))
          uses.isOpen = true;
        else if (standing?.kind === "outside" && !this.#isEngine(node) && !isPlainValue(node, this.#module))
          uses.engineOnly = false;
      }
      ts.forEachChild(node, visit);
    };
    visit(expression);
    return uses;
  }

  #isOpen({ declaration }: Extract<Standing, { kind: "computed" }>): boolean {
    const value = ts.isFunctionDeclaration(declaration) ? undefined : declaration.initializer;
    return value !== undefined && !ts.isFunctionLike(bare(value)) && this.#usesOf(value).isOpen;
  }
}

/** `batch.x`, however it is spelt: `batch["x"]`, over several lines. */
function pathText(node: ts.Expression): string {
  const inner = bare(node);
  const name = accessedName(inner);
  const isAccess = ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner);
  if (name === undefined || !isAccess) return inner.getText();
  const isIdentifier = /^[\p{L}$_][\p{L}\p{N}$_]*$/u.test(name);
  const isIndex = /^\d+$/.test(name);
  const access = isIdentifier ? `.${name}` : `[${isIndex ? name : JSON.stringify(name)}]`;
  return pathText(inner.expression) + access;
}

/** A number, a text, a list of such, under a name. */
function isPlainValue(identifier: ts.Identifier, module: Module): boolean {
  const [declaration] = module.declarationsOf(identifier);
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return false;
  const { initializer } = declaration;
  return initializer !== undefined && !mentionsCalls(initializer);
}

function mentionsCalls(node: ts.Node): boolean {
  if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isIdentifier(node)) return true;
  return ts.forEachChild(node, mentionsCalls) ?? false;
}
