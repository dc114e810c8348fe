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
 * `Function` or of a class that descends from it, here or in a file that is imported. A class without `forward` and
 * `backward`, its bases included, is none. Half-typed code does not keep the rest from being found; never throws.
 */
export async function findFunctions(file: string, text: string, readText: ReadText): Promise<FunctionSite[]> {
  if (scriptLanguage(file) === undefined || !/\bextends\b/.test(text)) return [];
  try {
    const module = moduleOf(file, text);
    if (!mayDeclareFunctions(text, await outlineOf(module))) return [];
    const lineage = new Lineage(readText);
    const lines = new LineIndex(text);
    const sites: FunctionSite[] = [];
    for (const node of derivedClasses(module.source)) {
      const ancestry = await lineage.of(module, node);
      const site = ancestry && siteOf(ancestry, lines);
      if (site) sites.push(site);
    }
    return sites;
  } catch (error) {
    // The compiler descends recursively: code nested thousands deep exhausts the stack.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Every class with a base, in the order of the text. */
function derivedClasses(source: ts.SourceFile): ts.ClassLikeDeclaration[] {
  const classes: ts.ClassLikeDeclaration[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isClassLike(node) && baseOf(node) && !hasModifier(node, ts.SyntaxKind.DeclareKeyword))
      classes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return classes;
}

function siteOf(ancestry: ClassSource[], lines: LineIndex): FunctionSite | undefined {
  const [own, ...bases] = ancestry;
  const { module, node } = own!;
  const rangeOf = (place: ts.Node) => lines.rangeOf(place.getStart(), place.end);
  const name = nameOf(node);
  const nameRange = rangeOf(name.place);

  const find = (method: string): { method: StaticMethod; place: ts.Node | undefined } | undefined => {
    const declared = staticMethod(own!, method);
    if (declared) return { method: declared, place: declared.name };
    for (const base of bases) {
      const inherited = staticMethod(base, method);
      if (inherited) return { method: inherited, place: undefined };
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

function reachable(
  node: ts.ClassLikeDeclaration,
  module: Module,
): Pick<FunctionSite, "path" | "unreachable"> {
  const reach = reachOf(node, module);
  if ("unreachable" in reach) return { path: [], ...reach };
  if (!hasModifier(node, ts.SyntaxKind.AbstractKeyword)) return reach;
  return { ...reach, unreachable: "It is abstract: the classes that extend it are checked." };
}

/** The name of the class, of what an anonymous one is assigned to, or `default`; and where it is written. */
function nameOf(node: ts.ClassLikeDeclaration): { text: string; place: ts.Node } {
  if (node.name?.text) return { text: node.name.text, place: node.name };
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
function keyword(node: ts.ClassLikeDeclaration): ts.Node {
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
