/** @file Finds the plain functions of tensors in a text: what a Function can be generated for. */

import ts from "typescript";
import type { TensorFunctionSite } from "../checker.ts";
import { LineIndex } from "./line-index.ts";
import { type Module, moduleOf } from "./module.ts";
import { bare, hasModifier } from "./names.ts";
import { notationOf } from "./notation.ts";
import { engineNames, type ImportedName, isEngine, type Outline, outlineOf } from "./outline.ts";
import { scriptLanguage } from "./script-language.ts";
import { parametersOf, returnedExpressions } from "./signature.ts";

/** A function in the syntax tree, with the statement that declares it. */
export interface TensorFunction {
  readonly name: ts.Identifier;
  readonly node: ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression;
  readonly statement: ts.Statement;
}

/**
 * The functions at the top level of a file that imports the engine, with a parameter of type `Tensor`, which return
 * something that may be a tensor. Never throws.
 */
export async function findTensorFunctions(file: string, text: string): Promise<TensorFunctionSite[]> {
  if (scriptLanguage(file) === undefined || !/\bTensor\b/.test(text)) return [];
  try {
    const module = moduleOf(file, text);
    const outline = await outlineOf(module);
    if (engineNames(outline).length === 0) return [];
    const lines = new LineIndex(text);
    return tensorFunctions(module, outline).map(({ name, node, statement }) => {
      const nameRange = lines.rangeOf(name.getStart(), name.end);
      const parameters = parametersOf({ name, body: node, type: undefined }, false);
      return {
        name: name.text,
        path: [name.text],
        range: lines.rangeOf(statement.getStart(), statement.end),
        nameRange,
        forward: { nameRange, parameters },
        notation: notationOf(node, undefined),
      };
    });
  } catch (error) {
    // The compiler descends recursively: code nested thousands deep exhausts the stack.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** The same, in the syntax tree. */
export function tensorFunctions({ source }: Module, outline: Outline): TensorFunction[] {
  return source.statements
    .flatMap(statement => candidatesIn(statement))
    .filter(({ node }) => isOfTensors(node, outline));
}

function candidatesIn(statement: ts.Statement): TensorFunction[] {
  if (ts.isFunctionDeclaration(statement)) {
    return statement.name?.text && statement.body
      ? [{ name: statement.name, node: statement, statement }]
      : [];
  }
  if (!ts.isVariableStatement(statement) || hasModifier(statement, ts.SyntaxKind.DeclareKeyword)) return [];
  if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
    const node = initializer && bare(initializer);
    if (!node || !ts.isIdentifier(name)) return [];
    return ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? [{ name, node, statement }] : [];
  });
}

function isOfTensors(node: TensorFunction["node"], outline: Outline): boolean {
  if (node.asteriskToken || hasModifier(node, ts.SyntaxKind.AsyncKeyword)) return false;
  const { parameters, type } = node;
  const takesContext = parameters.some(({ type }) => type && isNamed(type, "Context", outline));
  const takesTensor = parameters.some(({ type }) => type && mentionsTensor(type, outline));
  const returnsTensor =
    type === undefined ? returnedExpressions(node).some(mayBeTensor) : mentionsTensor(type, outline);
  return takesTensor && !takesContext && returnsTensor;
}

/** `Tensor`, `Tensor | null`, `[Tensor, Tensor]`, `gl.Tensor`; not a function of tensors, nor a promise of one. */
function mentionsTensor(type: ts.TypeNode, outline: Outline): boolean {
  if (ts.isUnionTypeNode(type)) return type.types.some(part => mentionsTensor(part, outline));
  if (ts.isArrayTypeNode(type)) return mentionsTensor(type.elementType, outline);
  if (ts.isTypeOperatorNode(type) || ts.isParenthesizedTypeNode(type))
    return mentionsTensor(type.type, outline);
  if (ts.isTupleTypeNode(type)) return type.elements.some(part => mentionsTensor(part, outline));
  return isNamed(type, "Tensor", outline);
}

/** Whether a type is one of the engine's, under whatever name it is imported. */
function isNamed(type: ts.TypeNode, name: string, outline: Outline): boolean {
  if (!ts.isTypeReferenceNode(type)) return false;
  const { typeName } = type;
  if (ts.isIdentifier(typeName)) return isOurs(outline.imports.get(typeName.text), name);
  return (
    ts.isIdentifier(typeName.left) &&
    typeName.right.text === name &&
    isOurs(outline.imports.get(typeName.left.text), "*")
  );
}

/** The engine's, or handed on by a module of the workspace. */
function isOurs(imported: ImportedName | undefined, name: string): boolean {
  return imported?.name === name && (isEngine(imported.from) || imported.from.startsWith("."));
}

/** As far as the text tells: literals, functions and what is read out of a tensor are none. */
function mayBeTensor(expression: ts.Expression): boolean {
  const value = bare(expression);
  if (ts.isArrayLiteralExpression(value)) return value.elements.some(mayBeTensor);
  if (ts.isConditionalExpression(value)) return mayBeTensor(value.whenTrue) || mayBeTensor(value.whenFalse);
  if (ts.isIdentifier(value)) return value.text !== "undefined";
  if (!ts.isCallExpression(value))
    return ts.isPropertyAccessExpression(value) && /^(T|mT|grad)$/.test(value.name.text);
  const called = bare(value.expression);
  return (
    !ts.isPropertyAccessExpression(called) ||
    !/^(item|tolist|numel|size|toString|map|join)$/.test(called.name.text)
  );
}
