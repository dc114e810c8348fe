/** @file The text of a type annotation, with the aliases, interfaces and enums of its own file written out. */

import ts from "typescript";

/** Aliases of aliases are followed so far; what refers to itself has no end. */
const DEEPEST = 4;

/** "{ eps?: number }" for `Options`, "0 | 1" for an enum; names of other files stay as they are. */
export function typeText(type: ts.TypeNode, depth = 0): string {
  const start = type.getStart();
  let text = type.getText();
  const references: { readonly node: ts.Node; readonly meaning: string }[] = [];
  const visit = (node: ts.Node): void => {
    const meaning = depth < DEEPEST ? meaningOf(node, depth + 1) : undefined;
    if (meaning === undefined) ts.forEachChild(node, visit);
    else references.push({ node, meaning });
  };
  visit(type);
  for (const { node, meaning } of references.reverse())
    text = text.slice(0, node.getStart() - start) + meaning + text.slice(node.end - start);
  return text;
}

function meaningOf(node: ts.Node, depth: number): string | undefined {
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName) || node.typeArguments)
    return undefined;
  const { text: name } = node.typeName;
  for (const statement of node.getSourceFile().statements) {
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name && !statement.typeParameters)
      return `(${typeText(statement.type, depth)})`;
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === name && !statement.typeParameters)
      return `{ ${membersText(statement, depth)} }`;
    if (ts.isEnumDeclaration(statement) && statement.name.text === name) return enumText(statement);
  }
  return undefined;
}

function membersText({ members }: ts.InterfaceDeclaration, depth: number): string {
  const properties = members.filter(ts.isPropertySignature).filter(({ type }) => type !== undefined);
  return properties
    .map(({ name, questionToken, type }) => {
      const mark = questionToken === undefined ? "" : "?";
      return `${name.getText()}${mark}: ${typeText(type!, depth)}`;
    })
    .join("; ");
}

/** The values of an enum, where all are written as literals or count from one that is. */
function enumText({ members }: ts.EnumDeclaration): string | undefined {
  let next: number | null = 0;
  const values: string[] = [];
  for (const { initializer } of members) {
    const written: string = initializer?.getText() ?? `${next}`;
    if (!/^(-?\d+|"[^"]*"|'[^']*')$/.test(written)) return undefined;
    next = /\d$/.test(written) ? Number(written) + 1 : null;
    values.push(written);
  }
  return `(${values.join(" | ")})`;
}
