/** @file How the rest of a file's code gets hold of a class, or of what a call makes: by which name or path, if at all. */

import ts from "typescript";
import { exportTarget } from "./exports.ts";
import type { Module } from "./module.ts";
import { accessedName, bare, hasModifier, propertyName } from "./names.ts";

export type Reach = { path: string[] } | { unreachable: string };

/** The path from a top-level binding to a class; `["default"]` for an anonymous default export. */
export function reachOf(node: ts.ClassLikeDeclaration | ts.CallExpression, module: Module): Reach {
  if (ts.isExpression(node)) return reachOfValue(node, module);
  if (node.name?.text) return reachOfBinding(node.name.text, node, module);
  const isExport = hasModifier(node, ts.SyntaxKind.ExportKeyword) && ts.isSourceFile(node.parent);
  if (isExport && hasModifier(node, ts.SyntaxKind.DefaultKeyword)) return { path: ["default"] };
  return { unreachable: "The class has no name yet." };
}

/** An expression is reached through what it is given to. */
function reachOfValue(node: ts.Expression, module: Module): Reach {
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
    return reachOfBinding(parent.name.text, parent, module);
  }
  if (ts.isExportAssignment(parent))
    return { path: parent.isExportEquals ? ["module", "exports"] : ["default"] };
  if (ts.isPropertyAssignment(parent))
    return extended(reachOfValue(parent.parent, module), propertyName(parent.name));
  if (ts.isPropertyDeclaration(parent) && hasModifier(parent, ts.SyntaxKind.StaticKeyword)) {
    return extended(reachOf(parent.parent, module), propertyName(parent.name));
  }
  if (ts.isBinaryExpression(parent) && parent.right === node && isStatement(parent)) {
    return reachOfTarget(bare(parent.left), module);
  }
  // `const X = onceDifferentiable(class extends Function { … })`: a call that takes the class alone hands it on.
  if (ts.isCallExpression(parent) && parent.arguments.length === 1 && parent.arguments[0] === node) {
    return reachOfValue(parent, module);
  }
  if (ts.isExpression(parent) && bare(parent) === bare(node)) return reachOfValue(parent, module);
  return {
    unreachable: "It has no name that the rest of the file could use: assign the class to a top-level const.",
  };
}

/** `exports.X`, `ops.X` or `X`, to which a class is assigned. */
function reachOfTarget(target: ts.Expression, module: Module): Reach {
  if (ts.isIdentifier(target)) {
    const [declaration] = module.declarationsOf(target);
    if (declaration) return reachOfBinding(target.text, declaration, module);
    if (exportTarget(target, module) === "*" || target.text === "module") return { path: [target.text] };
    return {
      unreachable: `${target.text} is not declared in this file: assign the class to a top-level const.`,
    };
  }
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target)) {
    const inner = bare(target.expression);
    if (exportTarget(target, module) === "*") return { path: ["module", "exports"] };
    return extended(reachOfTarget(inner, module), accessedName(target));
  }
  return {
    unreachable: "What it is assigned to cannot be read off the text: assign the class to a top-level const.",
  };
}

function extended(reach: Reach, name: string | undefined): Reach {
  if ("unreachable" in reach) return reach;
  if (name !== undefined) return { path: [...reach.path, name] };
  return { unreachable: "It stands under a computed name: assign the class to a top-level const." };
}

/** Whether the binding that `declaration` makes stands at the top level, or is exported by a namespace that does. */
function reachOfBinding(name: string, declaration: ts.Node, module: Module): Reach {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const scope = statement.parent;
  if (ts.isSourceFile(scope)) return { path: [name] };
  if (ts.isModuleBlock(scope) && hasModifier(statement, ts.SyntaxKind.ExportKeyword)) {
    return extended(reachOfNamespace(scope.parent, module), name);
  }
  if (ts.isModuleBlock(scope)) {
    return {
      unreachable: `Namespace ${scope.parent.name.text} does not export it: put export before the class.`,
    };
  }
  const enclosing = ts.findAncestor(statement, ts.isFunctionLike);
  if (enclosing === undefined)
    return { unreachable: "It is declared inside a block: move the class to the top level." };
  const called =
    enclosing.name && ts.isIdentifier(enclosing.name) ? `the function ${enclosing.name.text}` : "a function";
  return {
    unreachable: `It is declared inside ${called} and exists only while that runs: give what it returns to a top-level const, or move the class to the top level.`,
  };
}

function reachOfNamespace(namespace: ts.ModuleDeclaration, module: Module): Reach {
  const { parent } = namespace;
  // `namespace a.b { }`
  if (ts.isModuleDeclaration(parent)) return extended(reachOfNamespace(parent, module), namespace.name.text);
  return reachOfBinding(namespace.name.text, namespace, module);
}

function isStatement(expression: ts.Expression): boolean {
  return ts.isExpressionStatement(expression.parent) && ts.isSourceFile(expression.parent.parent);
}
