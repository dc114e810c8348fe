/** @file The class that is written into: its methods, and what their parameters are. */

import ts from "typescript";
import type { FunctionSite } from "../checker.ts";
import { LineIndex } from "../source/line-index.ts";
import { type Module, moduleOf } from "../source/module.ts";
import { hasModifier, propertyName } from "../source/names.ts";
import { NotWritten } from "./changes.ts";
import { EngineNames } from "./imports.ts";
import { type Layout, layoutOf } from "./layout.ts";

/** A static method of the class's own with a block for its body. */
export interface Method {
  readonly member: ts.ClassElement;
  /** The function itself: the method, or what a property holds. */
  readonly node: ts.MethodDeclaration | ts.ArrowFunction | ts.FunctionExpression;
  readonly body: ts.Block;
}

export interface Target {
  readonly module: Module;
  readonly layout: Layout;
  readonly engine: EngineNames;
  readonly node: ts.ClassLikeDeclaration;
  readonly name: string;
  readonly forward: Method;
  readonly setupContext: Method | null;
  readonly backward: Method | null;
  readonly jvp: Method | null;
}

/** @throws NotWritten where the class is not in the text, or has no forward of its own */
export function targetOf(file: string, text: string, site: Pick<FunctionSite, "name" | "range">): Target {
  const module = moduleOf(file, text);
  const lines = new LineIndex(text);
  const [start, end] = [lines.offsetAt(site.range.start), lines.offsetAt(site.range.end)];
  const node = classAt(module.source, start, end);
  if (node === undefined) throw new NotWritten(`${site.name} is not a class that is written out here.`);
  const layout = layoutOf(module);
  const forward = methodOf(node, "forward");
  if (forward === null)
    throw new NotWritten(`${site.name} has no static forward of its own with a body in braces.`);
  return {
    module,
    layout,
    engine: new EngineNames(module, layout),
    node,
    name: site.name,
    forward,
    setupContext: methodOf(node, "setupContext"),
    backward: methodOf(node, "backward"),
    jvp: methodOf(node, "jvp"),
  };
}

export function classAt(
  source: ts.SourceFile,
  start: number,
  end: number,
): ts.ClassLikeDeclaration | undefined {
  const visit = (node: ts.Node): ts.ClassLikeDeclaration | undefined => {
    if (ts.isClassLike(node) && node.getStart() === start && node.end === end) return node;
    if (node.end < end || node.pos > start) return undefined;
    return ts.forEachChild(node, visit);
  };
  return visit(source);
}

export function methodOf(node: ts.ClassLikeDeclaration, name: string): Method | null {
  for (const member of node.members) {
    if (
      !hasModifier(member, ts.SyntaxKind.StaticKeyword) ||
      propertyName(member.name as ts.PropertyName) !== name
    )
      continue;
    const held = heldBy(member);
    if (held?.body && ts.isBlock(held.body)) return { member, node: held, body: held.body };
  }
  return null;
}

/** Also `static backward = onceDifferentiable((ctx, g) => …)`. */
function heldBy(member: ts.ClassElement): Method["node"] | undefined {
  if (ts.isMethodDeclaration(member)) return member;
  if (!ts.isPropertyDeclaration(member) || member.initializer === undefined) return undefined;
  const functions: Method["node"][] = [];
  const { initializer } = member;
  for (const held of ts.isCallExpression(initializer) ? initializer.arguments : [initializer]) {
    if (ts.isArrowFunction(held) || ts.isFunctionExpression(held)) functions.push(held);
  }
  return functions[0];
}
