/** @file What a repair works on: the methods of one Function in its text, the names in them, and the style of the file. */

import ts from "typescript";
import type { FunctionSite } from "../checker.ts";
import { LineIndex } from "../source/line-index.ts";
import { baseOf } from "../source/lineage.ts";
import { type Module, moduleOf } from "../source/module.ts";
import { bindings } from "../source/names.ts";
import { isEngine } from "../source/outline.ts";
import { returnedExpressions, staticMethod } from "../source/signature.ts";

export type Role = "forward" | "setupContext" | "backward" | "jvp" | "called";

/** One function that can be changed. */
export interface Method {
  readonly role: Role;
  readonly body: ts.Node;
  /** Name of ctx; null where there is none. */
  readonly ctx: string | null;
  /** The other parameters' names. */
  readonly parameters: readonly string[];
  /** What may hold a tensor, as it is written: parameters, variables, `ctx.mask`, `ctx.savedTensors[0]`. */
  readonly tensors: readonly string[];
  readonly returns: readonly ts.Expression[];
}

export interface Ground {
  readonly module: Module;
  readonly text: string;
  readonly lines: LineIndex;
  readonly node: ts.ClassLikeDeclaration;
  /** Name of the class. */
  readonly name: string;
  /** Its own, each at most once. */
  readonly methods: Partial<Record<Exclude<Role, "called">, Method>>;
  /** The forward and setupContext that it has: its own, or those of a base in the same file. */
  readonly inherited: Pick<Ground["methods"], "forward" | "setupContext">;
  /** Functions of the file that backward calls. */
  readonly called: readonly Method[];
  /** Local names of what is imported from the engine: `matmul` → `matmul`; `*` for a namespace. */
  readonly imported: ReadonlyMap<string, string>;
}

/** Null where the text does not show the class. */
export function groundOf(file: string, text: string, { name, range }: FunctionSite): Ground | null {
  const module = moduleOf(file, text);
  const lines = new LineIndex(text);
  const node = classAt(module.source, lines.offsetAt(range.start), lines.offsetAt(range.end));
  if (node === undefined) return null;
  const methods = methodsOf(module, node);
  const inherited: Ground["methods"] = { ...methods };
  for (const base of basesOf(node, module)) {
    const theirs = methodsOf(module, base);
    inherited.forward ??= theirs.forward;
    inherited.setupContext ??= theirs.setupContext;
  }
  const wrong = methods.backward ?? methods.jvp;
  const called = wrong === undefined ? [] : calledBy(wrong.body, module);
  return { module, text, lines, node, name, methods, inherited, called, imported: importsOf(module.source) };
}

function methodsOf(module: Module, node: ts.ClassLikeDeclaration): Ground["methods"] {
  const methods: Ground["methods"] = {};
  const hasSetup = staticMethod({ module, node }, "setupContext") !== undefined;
  for (const role of ["forward", "setupContext", "backward", "jvp"] as const) {
    const found = staticMethod({ module, node }, role)?.body;
    const method = found && methodOf(found, role, role !== "forward" || !hasSetup);
    if (method) methods[role] = method;
  }
  return methods;
}

/** The classes of the file from which a class descends, the nearest first. */
function basesOf(node: ts.ClassLikeDeclaration, module: Module): ts.ClassLikeDeclaration[] {
  const bases: ts.ClassLikeDeclaration[] = [];
  for (let base = baseOf(node); base !== undefined && ts.isIdentifier(base); ) {
    const found = module.declarationsOf(base).find(ts.isClassLike);
    if (found === undefined || bases.includes(found)) break;
    bases.push(found);
    base = baseOf(found);
  }
  return bases;
}

function classAt(source: ts.SourceFile, start: number, end: number): ts.ClassLikeDeclaration | undefined {
  let found: ts.ClassLikeDeclaration | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) && node.getStart() === start && node.end === end) found = node;
    if (node.end > start && node.pos < end) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function methodOf(method: ts.SignatureDeclaration, role: Role, hasContext: boolean): Method | undefined {
  const body = "body" in method ? (method.body as ts.Node | undefined) : undefined;
  if (body === undefined) return undefined;
  const names = method.parameters.map(({ name }) => name.getText()).filter(name => name !== "this");
  const ctx = hasContext ? (names[0] ?? null) : null;
  const parameters = names.slice(hasContext ? 1 : 0);
  const written = new Set(
    method.parameters
      .slice(hasContext ? 1 : 0)
      .flatMap(({ name }) => [...bindings(name)].map(([text]) => text)),
  );
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node)) for (const [name] of bindings(node.name)) written.add(name);
    if (ctx !== null && isField(node, ctx)) written.add(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(body);
  return { role, body, ctx, parameters, tensors: [...written], returns: returnedExpressions(method) };
}

/** `ctx.mask`, `ctx.savedTensors[0]`. */
function isField(node: ts.Node, ctx: string): boolean {
  if (ts.isElementAccessExpression(node)) return isSavedTensors(node.expression, ctx);
  if (!ts.isPropertyAccessExpression(node) || node.expression.getText() !== ctx) return false;
  const isMethod = ts.isCallExpression(node.parent) && node.parent.expression === node;
  return !isMethod && !["savedTensors", "needsInputGrad"].includes(node.name.text);
}

export function isSavedTensors(node: ts.Node, ctx: string | null): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === "savedTensors" &&
    node.expression.getText() === ctx
  );
}

/** Functions at the top of the file that a piece of code names. */
function calledBy(body: ts.Node, module: Module): Method[] {
  const found = new Map<ts.Node, Method>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && ts.isCallExpression(node.parent) && node.parent.expression === node) {
      for (const declaration of module.declarationsOf(node)) {
        const value = functionDeclared(declaration);
        if (value === undefined || found.has(value)) continue;
        const method = methodOf(value, "called", false);
        if (method === undefined) continue;
        const ctx = method.parameters.find(name => /^_?ctx$|^_?context$/.test(name)) ?? null;
        found.set(value, ctx === null ? method : { ...method, ctx });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return [...found.values()];
}

function functionDeclared(declaration: ts.Declaration): ts.SignatureDeclaration | undefined {
  if (ts.isFunctionDeclaration(declaration)) return declaration;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  return value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value : undefined;
}

function importsOf(source: ts.SourceFile): Map<string, string> {
  const imported = new Map<string, string>();
  for (const clause of engineImports(source)) {
    const named = clause.namedBindings;
    if (named === undefined) continue;
    if (ts.isNamespaceImport(named)) imported.set(named.name.text, "*");
    else
      for (const { name, propertyName } of named.elements)
        imported.set(name.text, (propertyName ?? name).text);
  }
  return imported;
}

/** Those that bring values. */
export function engineImports(source: ts.SourceFile): ts.ImportClause[] {
  return source.statements.flatMap(statement => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const clause = statement.importClause;
    if (!isEngine(statement.moduleSpecifier.text) || clause === undefined) return [];
    return clause.phaseModifier === ts.SyntaxKind.TypeKeyword ? [] : [clause];
  });
}
