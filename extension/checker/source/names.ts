/** @file Names as the syntax tree spells them: of properties, of bindings, and those an expression starts from. */

import ts from "typescript";

/** The name of a property where the text shows it: `x`, `"x"`, `0`; none for a computed one. */
export function propertyName(name: ts.PropertyName | ts.ModuleExportName | undefined): string | undefined {
  if (name === undefined) return undefined;
  if (ts.isComputedPropertyName(name)) {
    return ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
  }
  return name.text || undefined;
}

/** The property that `a.x` or `a["x"]` reads. */
export function accessedName(access: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(access)) return access.name.text || undefined;
  if (ts.isElementAccessExpression(access)) {
    const argument = access.argumentExpression;
    return ts.isStringLiteralLike(argument) || ts.isNumericLiteral(argument) ? argument.text : undefined;
  }
  return undefined;
}

/** Every binding in `x`, `{ x, y: [z] }` … with the node that declares it. */
export function* bindings(name: ts.BindingName): Generator<[string, ts.Declaration]> {
  if (ts.isIdentifier(name)) {
    if (name.text) yield [name.text, name.parent as ts.Declaration];
    return;
  }
  for (const element of name.elements) {
    if (ts.isBindingElement(element)) yield* bindings(element.name);
  }
}

/** `x` of `(x as T)!`: the expression without what leaves its value as it is. */
export function bare(expression: ts.Expression): ts.Expression {
  const isWrapper =
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isTypeAssertionExpression(expression);
  return isWrapper ? bare(expression.expression) : expression;
}

/** The identifier that `a.b[i]().c` starts from; none for `this`, literals and calls of other things. */
export function rootOf(expression: ts.Expression): ts.Identifier | undefined {
  const inner = bare(expression);
  if (ts.isIdentifier(inner)) return inner;
  if (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner))
    return rootOf(inner.expression);
  return undefined;
}

/** The module that `require("…")` names. Whether `require` is the real one is for the caller to see. */
export function requiredModule(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const [specifier] = node.arguments;
  if (node.expression.text !== "require" || specifier === undefined) return undefined;
  return ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

export function hasModifier(node: ts.Node, kind: ts.ModifierSyntaxKind): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some(modifier => modifier.kind === kind) ?? false)
  );
}
