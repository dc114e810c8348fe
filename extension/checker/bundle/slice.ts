/**
 * @file A module reduced to what some of its names need. What is not needed is blanked with spaces, so that every
 * other character keeps its line and column; top-level statements that only do something (train, log, `main()`) go.
 */

import ts from "typescript";
import { type Exports, exportsOf, exportTarget, isCommonJs, isGlobal } from "../source/exports.ts";
import { type Module, oncePerModule } from "../source/module.ts";
import { accessedName, propertyName, requiredModule } from "../source/names.ts";
import { isEngine } from "../source/outline.ts";
import { blankedText } from "./blank.ts";
import { changedBy } from "./effects.ts";
import { type Piece, type Pieces, piecesOf, topLevelBindings } from "./pieces.ts";
import {
  importOf,
  isConfigured,
  isErased,
  isReference,
  isTarget,
  memberRead,
  moduleHeldBy,
} from "./references.ts";

/** A name that the kept part of a module needs from another one; `*` for all it exports. */
export interface Request {
  specifier: string;
  name: string;
  /** Where it is asked for. */
  node: ts.Node;
  /** The request stands only if the module of this `export * from` exports the name; it is then to be kept. */
  star?: ts.ExportDeclaration;
}

export class Slice {
  readonly module: Module;
  readonly exports: Exports;
  readonly stars: ts.ExportDeclaration[];
  readonly isCommonJs: boolean;
  /** Grows with what is wanted. */
  readonly requests: Request[] = [];
  /** `import(…)` in what is kept. */
  readonly dynamicImports: ts.CallExpression[] = [];
  /** Whether what is kept means the same in any folder: the engine is all it imports, tsconfig.json no part of it. */
  standsAlone = true;

  readonly #pieces: Pieces;
  readonly #kept = new Set<Piece>();
  readonly #needed = new Set<ts.Node>();
  readonly #wanted = new Set<string>();

  constructor(module: Module) {
    this.module = module;
    this.exports = exportsOf(module);
    this.isCommonJs = isCommonJs(module);
    this.stars = module.source.statements.filter(
      (statement): statement is ts.ExportDeclaration =>
        ts.isExportDeclaration(statement) && statement.exportClause === undefined && !statement.isTypeOnly,
    );
    this.#pieces = piecesOf(module);
  }

  /** Keeps what the export `name` needs; `*` stands for every export. */
  want(name: string): void {
    if (this.#wanted.has(name)) return;
    this.#wanted.add(name);
    for (const node of this.exports.get("*") ?? []) this.#keepWhole(this.#pieces.of(node)!);
    if (name === "*" || (name === "default" && this.isCommonJs)) {
      for (const exported of this.exports.keys()) if (exported !== "*") this.#wantOwn(exported);
    } else if (this.#wantOwn(name) || name === "default") return;
    for (const star of this.stars) this.#request(star.moduleSpecifier, name, star, star);
  }

  /** Keeps what a top-level binding needs; false if there is none of that name. */
  wantBinding(name: string): boolean {
    let found = false;
    for (const piece of this.#pieces) {
      for (const [binding, declaration] of topLevelBindings(piece)) {
        if (binding !== name) continue;
        found = true;
        this.#need(declaration);
      }
    }
    return found;
  }

  keep(statement: ts.Statement): void {
    this.#keep(this.#pieces.of(statement)!);
  }

  text(): string {
    return blankedText(this.module, this.#pieces.top, piece => this.#kept.has(piece));
  }

  #wantOwn(name: string): boolean {
    const nodes = this.exports.get(name) ?? [];
    for (const node of nodes) {
      this.#need(node);
      const specifier = moduleHeldBy(node, this.module);
      if (specifier) this.#request(specifier, "*", node);
    }
    return nodes.length > 0;
  }

  #need(declaration: ts.Node): void {
    if (this.#needed.has(declaration)) return;
    this.#needed.add(declaration);
    const piece = this.#pieces.of(declaration);
    if (piece) this.#keep(piece);
    for (const completing of completionsOf(this.module).get(declaration) ?? []) this.#keep(completing);
  }

  #keepWhole(piece: Piece): void {
    this.#keep(piece);
    for (const child of piece.children) this.#keepWhole(child);
  }

  #keep(piece: Piece): void {
    if (this.#kept.has(piece)) return;
    this.#kept.add(piece);
    if (piece.parent) this.#keep(piece.parent);
    const { node } = piece;
    if (ts.isImportSpecifier(node))
      this.#request(importOf(node), propertyName(node.propertyName ?? node.name)!, node);
    else if (ts.isImportClause(node.parent)) {
      if (node === node.parent.name) this.#request(importOf(node), "default", node);
    } else this.#scan(piece, node);
    // What runs must end where it ended, and a catch that matters needs what is thrown.
    const isLeftByJump = ts.isIterationStatement(node, false) || ts.isSwitchStatement(node);
    if (isLeftByJump || ts.isLabeledStatement(node)) this.#keepJumps(piece, isLeftByJump);
    if (piece.parent && ts.isCatchClause(node.parent.parent)) this.#keepTried(piece.parent);
  }

  /** Within a loop or switch, unlabelled `break` and `continue` are its own; labelled ones may be from everywhere. */
  #keepJumps(piece: Piece, isOwn: boolean): void {
    for (const child of piece.children) {
      const { node } = child;
      if (!ts.isBreakOrContinueStatement(node))
        this.#keepJumps(child, isOwn && !ts.isIterationStatement(node, false));
      else if (isOwn || node.label) this.#keep(child);
    }
  }

  #keepTried({ node, children }: Piece): void {
    for (const child of children) {
      if (ts.isTryStatement(node) && child.node.parent === node.tryBlock) this.#keepWhole(child);
    }
  }

  /** Keeps what the names in a piece, its children left out, refer to. */
  #scan(piece: Piece, node: ts.Node): void {
    if ((node !== piece.node && this.#pieces.at(node)) || isErased(node)) return;
    if (ts.isIdentifier(node)) {
      if (isReference(node)) this.#refer(node);
      return;
    }
    if (ts.isExportSpecifier(node)) {
      this.#scanExport(node);
      return;
    }
    if (ts.isNamespaceExport(node)) this.#request(node.parent.moduleSpecifier, "*", node);
    if (ts.isCallExpression(node)) this.#scanCall(node);
    if (isConfigured(node)) this.standsAlone = false;
    if (ts.isJsxOpeningLikeElement(node) || ts.isJsxOpeningFragment(node)) {
      for (const factory of JSX_FACTORIES) this.wantBinding(factory);
    }
    const exported = exportTarget(node, this.module);
    if (exported !== undefined && exported !== "*" && !isTarget(node)) this.want(exported);
    ts.forEachChild(node, child => this.#scan(piece, child));
  }

  #scanExport(node: ts.ExportSpecifier): void {
    const { moduleSpecifier } = node.parent.parent;
    const name = node.propertyName ?? node.name;
    if (moduleSpecifier) this.#request(moduleSpecifier, propertyName(name) ?? "*", node);
    else if (ts.isIdentifier(name)) this.#refer(name);
  }

  #scanCall(call: ts.CallExpression): void {
    if (call.expression.kind === ts.SyntaxKind.ImportKeyword) this.dynamicImports.push(call);
    const specifier = requiredModule(call);
    const isRequire = ts.isIdentifier(call.expression) && call.expression.text === "require";
    if (isRequire && !isEngine(specifier ?? "")) this.standsAlone = false;
    if (specifier === undefined || !isGlobal(call.expression, "require", this.module)) return;
    const { parent } = call;
    if (ts.isVariableDeclaration(parent)) {
      // `const m = require(…)`: what is used of it shows where `m` is. `const { a, b: c } = require(…)`: here.
      if (ts.isIdentifier(parent.name)) return;
      for (const element of parent.name.elements) {
        const name =
          ts.isBindingElement(element) && !element.dotDotDotToken && (element.propertyName ?? element.name);
        const read = name && ts.isIdentifier(name) ? name.text : "*";
        this.#request(call.arguments[0], read, call);
      }
    } else this.#request(call.arguments[0], accessedName(parent) ?? "*", call);
  }

  #refer(identifier: ts.Identifier): void {
    for (const declaration of this.module.declarationsOf(identifier)) {
      this.#need(declaration);
      const specifier = moduleHeldBy(declaration, this.module);
      if (specifier) this.#request(specifier, memberRead(identifier) ?? "*", identifier);
    }
  }

  #request(
    specifier: ts.Expression | undefined,
    name: string,
    node: ts.Node,
    star?: ts.ExportDeclaration,
  ): void {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    if (!isEngine(specifier.text)) this.standsAlone = false;
    this.requests.push({ specifier: specifier.text, name, node, ...(star && { star }) });
  }
}

/** Declaration → the pieces that complete what it declares. */
const completionsOf = oncePerModule(module => {
  const index = new Map<ts.Node, Set<Piece>>();
  const pieces = piecesOf(module);
  for (const piece of pieces) {
    for (const name of changedBy(piece.node, module, node => pieces.at(node) !== undefined)) {
      for (const declaration of module.declarationsOf(name)) {
        const completing = index.get(declaration) ?? new Set();
        index.set(declaration, completing.add(piece));
      }
    }
  }
  return index;
});

/** What JSX is compiled to calls of. */
const JSX_FACTORIES = ["React", "h", "jsx", "createElement", "Fragment"];
