/** @file What the text of a class says about its `forward` and `backward`: parameters, and expressions returned. */

import ts from "typescript";
import type { Parameter } from "../sandbox/job.ts";
import type { ClassSource } from "./lineage.ts";
import type { Module } from "./module.ts";
import { accessedName, bare, hasModifier, propertyName } from "./names.ts";
import { typeText } from "./type-text.ts";

/** A static method, or a static property that holds a function. */
export interface StaticMethod {
  name: ts.Node;
  /** None where the text does not show the function. */
  body: ts.SignatureDeclaration | undefined;
  /** Type annotation of the property: `static backward: Backward = …`. */
  type: ts.TypeNode | undefined;
}

/** The static method `name` of a class, whether in its body or assigned to it afterwards. */
export function staticMethod({ module, node }: ClassSource, name: string): StaticMethod | undefined {
  const members = node.members.filter(
    member =>
      hasModifier(member, ts.SyntaxKind.StaticKeyword) &&
      (ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member) || ts.isAccessor(member)) &&
      propertyName(member.name) === name,
  );
  // Of overloads, the one with the body.
  const member = members.find(overload => ts.isMethodDeclaration(overload) && overload.body) ?? members[0];
  if (member?.name) {
    if (ts.isPropertyDeclaration(member)) {
      const type = member.type ?? ts.getJSDocType(member);
      return { name: member.name, body: member.initializer && functionOf(member.initializer, module), type };
    }
    return { name: member.name, body: ts.isMethodDeclaration(member) ? member : undefined, type: undefined };
  }
  return assignedMethod(node, name, module);
}

/** `X.backward = …` at the top level of the file. */
function assignedMethod(
  node: ts.ClassLikeDeclaration,
  name: string,
  module: Module,
): StaticMethod | undefined {
  for (const statement of module.source.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) continue;
    const { left, right, operatorToken } = statement.expression;
    if (operatorToken.kind !== ts.SyntaxKind.EqualsToken || accessedName(left) !== name) continue;
    const target = bare((left as ts.AccessExpression).expression);
    if (!ts.isIdentifier(target)) continue;
    const isOwn = module
      .declarationsOf(target)
      .some(
        declaration =>
          declaration === node || (ts.isVariableDeclaration(declaration) && holds(declaration, node)),
      );
    if (isOwn) return { name: nameOfAccess(left), body: functionOf(right, module), type: undefined };
  }
  return undefined;
}

function holds(declaration: ts.VariableDeclaration, node: ts.Node): boolean {
  return declaration.initializer !== undefined && bare(declaration.initializer) === node;
}

function nameOfAccess(access: ts.Node): ts.Node {
  return ts.isPropertyAccessExpression(access) ? access.name : access;
}

function functionOf(expression: ts.Expression, module: Module): ts.SignatureDeclaration | undefined {
  const value = bare(expression);
  if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) return value;
  // `static backward = onceDifferentiable((ctx, g) => …)`
  if (ts.isCallExpression(value))
    return value.arguments.map(argument => functionOf(argument, module)).find(Boolean);
  if (!ts.isIdentifier(value)) return undefined;
  for (const declaration of module.declarationsOf(value)) {
    if (ts.isFunctionDeclaration(declaration) && declaration.body) return declaration;
    if (!ts.isVariableDeclaration(declaration) || !declaration.initializer) continue;
    const initializer = bare(declaration.initializer);
    if (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) return initializer;
  }
  return undefined;
}

/** The parameters of `forward`, null where the text does not show them; `hasContext`: the first, `ctx`, is left out. */
export function parametersOf({ body, type }: StaticMethod, hasContext: boolean): Parameter[] | null {
  const annotated = type && ts.isFunctionTypeNode(type) ? type : undefined;
  const written = (body ?? annotated)?.parameters;
  if (written === undefined) return null;
  const typed = annotated ? withoutThis(annotated.parameters) : [];
  return withoutThis(written)
    .map((parameter, index) => describe(parameter, typed[index]))
    .slice(hasContext ? 1 : 0);
}

/** Names of the parameters after the first, `ctx`; null where one has none of its own, or they are not shown. */
export function namesOfParameters(method: StaticMethod): string[] | null {
  const parameters = parametersOf(method, true);
  const named = parameters?.every(({ name, rest }) => !rest && /^[\p{L}_$][\p{L}\d_$]*$/u.test(name));
  return parameters !== null && named ? parameters.map(({ name }) => name) : null;
}

function withoutThis(parameters: readonly ts.ParameterDeclaration[]): ts.ParameterDeclaration[] {
  return parameters.filter(({ name }) => !ts.isIdentifier(name) || name.text !== "this");
}

function describe(parameter: ts.ParameterDeclaration, typed: ts.ParameterDeclaration | undefined): Parameter {
  const [tag] = ts.getJSDocParameterTags(parameter);
  const fromComment = tag?.typeExpression?.type;
  const isOptionalType = fromComment !== undefined && ts.isJSDocOptionalType(fromComment);
  const type = parameter.type ?? (isOptionalType ? fromComment.type : fromComment) ?? typed?.type;
  const initializer = parameter.initializer?.getText() ?? null;
  return {
    name: parameter.name.getText(),
    type: type === undefined ? null : typeText(type),
    optional:
      initializer !== null ||
      (parameter.questionToken ?? typed?.questionToken) !== undefined ||
      isOptionalType ||
      (tag?.isBracketed ?? false),
    initializer,
    rest: parameter.dotDotDotToken !== undefined,
  };
}

/** Each expression that a function returns itself; those of functions within it are not its own. */
export function returnedExpressions(body: ts.SignatureDeclaration | undefined): ts.Expression[] {
  const block = body && "body" in body ? body.body : undefined;
  if (block === undefined) return [];
  if (!ts.isBlock(block)) return ts.isExpression(block) ? [block] : [];
  const returned: ts.Expression[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isReturnStatement(node) && node.expression) returned.push(node.expression);
    if (!ts.isFunctionLike(node) && !ts.isClassLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(block, visit);
  return returned;
}
