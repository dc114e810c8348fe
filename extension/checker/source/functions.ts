/** @file Finds the Functions in a text: the classes that descend from the engine's `Function`. */

import ts from "typescript";
import type { FunctionSite, ReadText } from "../checker.ts";
import { LineIndex } from "./line-index.ts";
import { baseOf, type ClassSource, Lineage } from "./lineage.ts";
import { type Module, moduleOf } from "./module.ts";
import { hasModifier, propertyName } from "./names.ts";
import { notationOf } from "./notation.ts";
import { mayDeclareFunctions, outlineOf } from "./outline.ts";
import { reachOf } from "./reach.ts";
import { scriptLanguage } from "./script-language.ts";
import {
  namesOfParameters,
  parametersOf,
  returnedExpressions,
  type StaticMethod,
  staticMethod,
} from "./signature.ts";

/**
 * The Functions of a file, in the order of the text: `class X extends Function` under any alias of the engine's
 * `Function` or of a class that descends from it, here or in a file that is imported; and what a call makes of one, under
 * the name that its result has. A class without `forward` and `backward`, its bases included, is none. Half-typed code
 * does not keep the rest from being found; never throws.
 */
export async function findFunctions(file: string, text: string, readText: ReadText): Promise<FunctionSite[]> {
  if (scriptLanguage(file) === undefined || !/\bextends\b/.test(text)) return [];
  try {
    const module = moduleOf(file, text);
    if (!mayDeclareFunctions(text, await outlineOf(module))) return [];
    const lineage = new Lineage(readText);
    const lines = new LineIndex(text);
    const sites = new Map<Source, FunctionSite>();
    /** What stands within functions, and is checked by way of what they make. */
    const made = new Set<ts.Node>();
    for (const node of sourcesOf(module)) {
      // Of `f(g())` the name is that of what f hands on.
      const isHandedOn = ts.findAncestor(
        node.parent,
        outer => ts.isCallExpression(outer) && sites.has(outer),
      );
      if (isHandedOn) continue;
      const ancestry = await (ts.isClassLike(node) ? lineage.of(module, node) : lineage.ofMade(module, node));
      const site = ancestry && siteOf(node, ancestry, module, lines);
      if (site === undefined) continue;
      sites.set(node, site);
      if (site.unreachable === undefined) for (const { node: one } of ancestry!) made.add(one);
    }
    return [...sites]
      .filter(([node, { path }]) => path.length > 0 || !made.has(node))
      .map(([, site]) => site);
  } catch (error) {
    // The compiler descends recursively: code nested thousands deep exhausts the stack.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** A class, or a call that may make one: `const relu = makeActivation(…)`. */
type Source = ts.ClassLikeDeclaration | ts.CallExpression;

/** Every class with a base, and every call whose result has a name, in the order of the text. */
function sourcesOf(module: Module): Source[] {
  const sources: Source[] = [];
  const visit = (node: ts.Node) => {
    const isDerived =
      ts.isClassLike(node) && baseOf(node) && !hasModifier(node, ts.SyntaxKind.DeclareKeyword);
    const isNamed = ts.isCallExpression(node) && "path" in reachOf(node, module);
    if (isDerived || isNamed) sources.push(node);
    ts.forEachChild(node, visit);
  };
  visit(module.source);
  return sources;
}

/** @param ancestry the class and its bases; of a call, the class that it makes, and its bases */
function siteOf(
  node: Source,
  ancestry: ClassSource[],
  module: Module,
  lines: LineIndex,
): FunctionSite | undefined {
  const rangeOf = (place: ts.Node) => lines.rangeOf(place.getStart(), place.end);
  const name = nameOf(node);
  const nameRange = rangeOf(name.place);

  const find = (method: string): { method: StaticMethod; place: ts.Node | undefined } | undefined => {
    for (const source of ancestry) {
      const declared = staticMethod(source, method);
      if (declared) return { method: declared, place: source.node === node ? declared.name : undefined };
    }
    return undefined;
  };

  const forward = find("forward");
  const declared = find("backward");
  const backward = declared ?? (forward ? find("jvp") : undefined);
  if (!forward && !backward) return undefined;
  return {
    name: name.text,
    ...reachable(node, module),
    range: rangeOf(node),
    nameRange,
    backward: backward
      ? {
          nameRange: backward.place ? rangeOf(backward.place) : nameRange,
          returns: backward.place ? returnedExpressions(backward.method.body).map(rangeOf) : [],
          gradOutputs: find("backward") ? namesOfParameters(backward.method) : null,
        }
      : null,
    forward: forward
      ? {
          nameRange: forward.place ? rangeOf(forward.place) : nameRange,
          parameters: parametersOf(forward.method, find("setupContext") === undefined),
        }
      : null,
    declares: { backward: declared !== undefined, jvp: find("jvp") !== undefined },
    notation: notationOf(forward?.method.body, declared?.method.body),
  };
}

function reachable(node: Source, module: Module): Pick<FunctionSite, "path" | "unreachable"> {
  const reach = reachOf(node, module);
  if ("unreachable" in reach) return { path: [], ...reach };
  if (!hasModifier(node, ts.SyntaxKind.AbstractKeyword)) return reach;
  return { ...reach, unreachable: "It is abstract: the classes that extend it are checked." };
}

/** The name of the class, of what an anonymous one or a call's is assigned to, or `default`; and where it is written. */
function nameOf(node: Source): { text: string; place: ts.Node } {
  if (ts.isClassLike(node) && node.name?.text) return { text: node.name.text, place: node.name };
  if (ts.isClassDeclaration(node)) return { text: "default", place: keyword(node) };
  for (let { parent } = node as ts.Node; !ts.isStatement(parent); { parent } = parent) {
    if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
      return { text: parent.name.text, place: parent.name };
    }
    if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
      const text = propertyName(parent.name);
      if (text) return { text, place: parent.name };
    }
    if (ts.isBinaryExpression(parent)) {
      const target = ts.isPropertyAccessExpression(parent.left) ? parent.left.name : parent.left;
      if (ts.isIdentifier(target) && target.text !== "exports") return { text: target.text, place: target };
    }
  }
  return { text: "default", place: keyword(node) };
}

/** The word `default` before an anonymous class, else its word `class`. */
function keyword(node: Source): ts.Node {
  const statement = ts.findAncestor(node, ts.isStatement) ?? node;
  const words = [...statement.getChildren(), ...node.getChildren()].flatMap(child =>
    child.kind === ts.SyntaxKind.SyntaxList ? child.getChildren() : [child],
  );
  return (
    words.find(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ??
    words.find(({ kind }) => kind === ts.SyntaxKind.ClassKeyword) ??
    node
  );
}
