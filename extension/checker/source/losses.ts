/**
 * @file Finds the loss that a place of a text lies in: an expression of tensors that ends in a scalar. What it is made of becomes the
 * parameters of a function of its own, which is derived like any other.
 */

import ts from "typescript";
import { isReference } from "../bundle/references.ts";
import type { TensorFunctionSite } from "../checker.ts";
import type { Position, Range } from "../finding.ts";
import type { Parameter } from "../sandbox/job.ts";
import { LineIndex } from "./line-index.ts";
import { type Module, moduleOf } from "./module.ts";
import { accessedName, bare } from "./names.ts";
import { notationOf } from "./notation.ts";
import { engineNames, outlineOf } from "./outline.ts";
import { scriptLanguage } from "./script-language.ts";

export interface LossSite {
  site: TensorFunctionSite;
  /** Of the expression. */
  range: Range;
  /** The file with the function that the site names at its end. */
  text: string;
}

/** What the function is bound to: no name that people give. */
const BINDING = "gradientLensLoss";

/** Methods that make one number of a tensor where they are told nothing, and functions that do where they get one tensor. */
const REDUCTIONS =
  /^(sum|mean|prod|norm|var|std|amax|amin|max|min|nansum|nanmean|trace|det|logdet|frobeniusNorm)$/;
/** Functions and methods that make one number of two tensors, or of what is predicted and what is so. */
const LOSSES = /^(dot|vdot|inner|crossEntropy|nllLoss|klDiv|binaryCrossEntropy\w*|\w+Loss)$/;
/** Methods by which a number stays one. */
const OF_NUMBERS =
  /^(add|sub|mul|div|neg|abs|square|sqrt|rsqrt|pow|exp|log|log1p|reciprocal|clamp|item|rsub|sigmoid|tanh)$/;
/** Properties of a tensor that tell of it, or turn it. */
const PROPERTIES = /^(shape|dtype|ndim|T|mT|H|mH)$/;

/** Undefined where there is none, or where it is made of more than tensors, numbers and what the file's top level has. Never throws. */
export async function findLoss(
  file: string,
  text: string,
  position: Position,
): Promise<LossSite | undefined> {
  if (scriptLanguage(file) === undefined) return undefined;
  try {
    const module = moduleOf(file, text);
    if (engineNames(await outlineOf(module)).length === 0) return undefined;
    const lines = new LineIndex(text);
    const loss = lossAt(module, lines.offsetAt(position));
    const parameters = loss && freeTensors(loss, module);
    // A call that is still being typed has no end.
    if (!loss?.getText().endsWith(")") || !parameters) return undefined;
    const range = lines.rangeOf(loss.getStart(), loss.end);
    const names = parameters.map(({ name }) => name).join(", ");
    const site = {
      name: "loss",
      path: [BINDING],
      range,
      nameRange: range,
      forward: { nameRange: range, parameters },
      notation: { ...notationOf(undefined, undefined), outputs: names.includes("loss") ? [] : ["loss"] },
    };
    return { site, range, text: `${text}\n;const ${BINDING} = (${names}) => (${loss.getText()});\n` };
  } catch (error) {
    // The compiler descends recursively: code nested thousands deep exhausts the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The largest loss around a place, or the one that the name there stands for. */
function lossAt(module: Module, offset: number): ts.Expression | undefined {
  const token = tokenAt(module.source, offset);
  if (token === undefined) return undefined;
  let found: ts.Expression | undefined;
  for (let node = token; !ts.isStatement(node) && !ts.isFunctionLike(node); node = node.parent) {
    if (ts.isExpression(node) && isScalar(node)) found = node;
    const receiver = differentiated(node);
    if (receiver !== undefined) return found ?? lossNamed(receiver, module);
  }
  return found ?? (ts.isIdentifier(token) ? lossNamed(token, module) : undefined);
}

/** The deepest node at a place, within what it is made of, not within the blanks before it. */
function tokenAt(source: ts.SourceFile, offset: number): ts.Node | undefined {
  let found: ts.Node = source;
  for (let child: ts.Node | undefined = source; child !== undefined; ) {
    found = child;
    child = ts.forEachChild(found, node =>
      node.getStart() <= offset && offset <= node.end ? node : undefined,
    );
  }
  return found === source ? undefined : found;
}

/** `loss` of `loss.backward()`. */
function differentiated(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const called = bare(node.expression);
  return ts.isPropertyAccessExpression(called) && called.name.text === "backward"
    ? called.expression
    : undefined;
}

/** What a constant that is a loss was set to. */
function lossNamed(expression: ts.Expression, module: Module): ts.Expression | undefined {
  const value = bare(expression);
  if (isScalar(value)) return value;
  if (!ts.isIdentifier(value)) return undefined;
  const own = ts.isVariableDeclaration(value.parent) && value.parent.name === value ? [value.parent] : [];
  const [declaration, ...others] = own.length > 0 ? own : module.declarationsOf(value);
  if (declaration === undefined || others.length > 0 || !ts.isVariableDeclaration(declaration))
    return undefined;
  const isConstant = (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  const { initializer } = declaration;
  return isConstant && initializer && isScalar(bare(initializer)) ? bare(initializer) : undefined;
}

/** Whether an expression is one number made of tensors, as far as its text tells. */
function isScalar(expression: ts.Expression): boolean {
  const value = bare(expression);
  if (!ts.isCallExpression(value)) return false;
  const called = bare(value.expression);
  const name = ts.isIdentifier(called) ? called.text : accessedName(called);
  if (name === undefined) return false;
  if (LOSSES.test(name)) return value.arguments.length > 0;
  if (REDUCTIONS.test(name)) return value.arguments.length === (isMethod(called) ? 0 : 1);
  return OF_NUMBERS.test(name) && name !== "item" && isMethod(called) && isScalar(called.expression);
}

/** A method of a tensor; `torch.sum(x)` and `linalg.det(x)` are functions, by the capital or the lack of a call before them. */
function isMethod(called: ts.Expression): called is ts.PropertyAccessExpression {
  return ts.isPropertyAccessExpression(called) && !isNamespace(called.expression);
}

function isNamespace(expression: ts.Expression): boolean {
  let root = bare(expression);
  while (ts.isPropertyAccessExpression(root)) root = bare(root.expression);
  if (!ts.isIdentifier(root)) return false;
  const { text } = root;
  return root.getSourceFile().statements.some(statement => {
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    const named = bindings?.namedBindings;
    if (bindings?.name?.text === text) return true;
    if (named === undefined) return false;
    return ts.isNamespaceImport(named)
      ? named.name.text === text
      : named.elements.some(({ name }) => name.text === text);
  });
}

/** The variables of an expression as parameters; undefined where some of what it needs can be had from nowhere. */
function freeTensors(expression: ts.Expression, module: Module): Parameter[] | undefined {
  const parameters = new Map<string, Parameter>();
  let possible = true;
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.ThisKeyword || ts.isAwaitExpression(node) || ts.isYieldExpression(node)) {
      possible = false;
    } else if (ts.isTypeNode(node)) return;
    else if (ts.isIdentifier(node) && isReference(node)) {
      const use = useOf(node, expression, module);
      if (use === "impossible") possible = false;
      else if (use !== "there") parameters.set(node.text, use);
    }
    if (possible) ts.forEachChild(node, visit);
  };
  visit(expression);
  const all = [...parameters.values()];
  return possible && all.some(({ type }) => type === null || /\bTensor\b/.test(type)) ? all : undefined;
}

/** A variable is a parameter; what the module's top level or the language has is there already. */
function useOf(
  identifier: ts.Identifier,
  within: ts.Expression,
  module: Module,
): Parameter | "there" | "impossible" {
  const [declaration] = module.declarationsOf(identifier);
  if (declaration === undefined) return "there";
  const isInside = declaration.getStart() >= within.getStart() && declaration.end <= within.end;
  const isVariable =
    ts.isVariableDeclaration(declaration) || ts.isParameter(declaration) || ts.isBindingElement(declaration);
  const isTopLevel =
    ts.findAncestor(declaration, node => ts.isFunctionLike(node) || ts.isBlock(node)) === undefined;
  if (isInside) return "there";
  if (!isVariable) return isTopLevel ? "there" : "impossible";
  const { parent } = identifier;
  const isCalled = ts.isCallExpression(parent) && parent.expression === identifier;
  const initializer = ts.isBindingElement(declaration) ? undefined : declaration.initializer;
  const value = initializer && bare(initializer);
  if (isTopLevel && (isCalled || (value !== undefined && isPlain(value)))) return "there";
  if (isCalled || (value !== undefined && ts.isFunctionLike(value))) return "impossible";
  const type = (ts.isBindingElement(declaration) ? undefined : declaration.type)?.getText() ?? null;
  if (type !== null && !/^(Tensor|number|boolean)\b/.test(type)) return "impossible";
  const read = ts.isPropertyAccessExpression(parent) && parent.expression === identifier ? parent : undefined;
  const isMethodCall =
    read !== undefined && ts.isCallExpression(read.parent) && read.parent.expression === read;
  if (read !== undefined && !isMethodCall && !PROPERTIES.test(read.name.text)) return "impossible";
  const isNumber = type === null && value !== undefined && ts.isNumericLiteral(value);
  return {
    name: identifier.text,
    type: isNumber ? "number" : type,
    optional: false,
    initializer: isNumber ? value.getText() : null,
    rest: false,
  };
}

/** What is no tensor whatever it holds: literals, functions, classes. */
function isPlain(value: ts.Expression): boolean {
  return (
    ts.isLiteralExpression(value) ||
    ts.isObjectLiteralExpression(value) ||
    ts.isArrayLiteralExpression(value) ||
    ts.isFunctionLike(value) ||
    ts.isClassExpression(value) ||
    ts.isPrefixUnaryExpression(value) ||
    value.kind === ts.SyntaxKind.TrueKeyword ||
    value.kind === ts.SyntaxKind.FalseKeyword
  );
}
