/**
 * @file A module cut into pieces: the parts that can be left out, each on its own, with the rest still a module.
 * Statements are pieces, down into loops and branches but not into functions; so are the members of lists: variables,
 * imported and exported names, properties of `module.exports = { … }`.
 */

import ts from "typescript";
import { declaredBy, exportTarget } from "../source/exports.ts";
import { type Module, oncePerModule } from "../source/module.ts";
import { bare, bindings, propertyName } from "../source/names.ts";

export interface Piece {
  node: ts.Node;
  parent: Piece | undefined;
  children: Piece[];
  /** Of a member of a list: the list, whose commas go with its members. */
  list?: readonly ts.Node[];
}

export class Pieces {
  readonly top: Piece[];
  readonly #byNode = new Map<ts.Node, Piece>();

  constructor(module: Module) {
    this.top = module.source.statements.map(statement => this.#cutStatement(statement, undefined, module));
  }

  /** The piece that `node` itself is. */
  at(node: ts.Node): Piece | undefined {
    return this.#byNode.get(node);
  }

  /** The smallest piece that `node` is within. */
  of(node: ts.Node): Piece | undefined {
    for (let at: ts.Node | undefined = node; at; at = at.parent) {
      const piece = this.#byNode.get(at);
      if (piece) return piece;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<Piece> {
    const pending = [...this.top].reverse();
    for (let piece = pending.pop(); piece; piece = pending.pop()) {
      yield piece;
      pending.push(...piece.children.toReversed());
    }
  }

  #add(node: ts.Node, parent: Piece | undefined, list?: readonly ts.Node[]): Piece {
    const piece: Piece = { node, parent, children: [], ...(list && { list }) };
    parent?.children.push(piece);
    this.#byNode.set(node, piece);
    return piece;
  }

  #cutStatement(statement: ts.Statement, parent: Piece | undefined, module: Module): Piece {
    const piece = this.#add(statement, parent);
    const clause = ts.isImportDeclaration(statement) ? statement.importClause : undefined;
    // The default import is declared by the clause and written as its name.
    if (clause?.name) this.#byNode.set(clause, this.#add(clause.name, piece));
    const bindings = clause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) this.#add(bindings, piece);
    for (const nested of nestedStatements(statement)) this.#cutStatement(nested, piece, module);
    for (const list of lists(statement, module)) for (const member of list) this.#add(member, piece, list);
    return piece;
  }
}

/** The statements that a loop, a branch or a block runs. A block is no piece of its own when it belongs to one. */
function nestedStatements(statement: ts.Statement): ts.Statement[] {
  const within = (body: ts.Statement | undefined): ts.Statement[] => {
    if (body === undefined) return [];
    return ts.isBlock(body) ? [...body.statements] : [body];
  };
  if (ts.isBlock(statement)) return [...statement.statements];
  if (ts.isIfStatement(statement))
    return [...within(statement.thenStatement), ...within(statement.elseStatement)];
  if (ts.isIterationStatement(statement, false) || ts.isLabeledStatement(statement))
    return within(statement.statement);
  if (ts.isTryStatement(statement)) {
    return [statement.tryBlock, statement.catchClause?.block, statement.finallyBlock].flatMap(within);
  }
  if (ts.isSwitchStatement(statement))
    return statement.caseBlock.clauses.flatMap(clause => [...clause.statements]);
  return [];
}

function* lists(statement: ts.Statement, module: Module): Generator<readonly ts.Node[]> {
  if (ts.isVariableStatement(statement)) yield statement.declarationList.declarations;
  if (ts.isImportDeclaration(statement)) {
    const bindings = statement.importClause?.namedBindings;
    if (bindings && ts.isNamedImports(bindings)) yield bindings.elements;
  }
  if (
    ts.isExportDeclaration(statement) &&
    statement.exportClause &&
    ts.isNamedExports(statement.exportClause)
  ) {
    yield statement.exportClause.elements;
  }
  if (!ts.isSourceFile(statement.parent) || !ts.isExpressionStatement(statement)) return;
  const { expression } = statement;
  if (!ts.isBinaryExpression(expression) || exportTarget(expression.left, module) !== "*") return;
  const value = bare(expression.right);
  if (!ts.isObjectLiteralExpression(value)) return;
  if (value.properties.every(property => propertyName(property.name) !== undefined)) yield value.properties;
}

export const piecesOf = oncePerModule(module => new Pieces(module));

/** The bindings that a piece makes at the top level of its module, with the node that declares each. */
export function* topLevelBindings({ node, parent }: Piece): Generator<[string, ts.Node]> {
  if (ts.isImportSpecifier(node) || ts.isNamespaceImport(node)) yield [node.name.text, node];
  else if (ts.isIdentifier(node)) yield [node.text, node.parent];
  else if (ts.isVariableDeclaration(node)) {
    // `var` reaches out of the blocks it stands in.
    const isVar = (ts.getCombinedNodeFlags(node) & ts.NodeFlags.BlockScoped) === 0;
    if (isVar || parent?.parent === undefined) yield* bindings(node.name);
  } else if (parent === undefined && ts.isStatement(node) && !ts.isVariableStatement(node))
    yield* declaredBy(node);
}
