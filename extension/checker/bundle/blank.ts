/** @file Blanks the pieces of a module that are not kept: spaces for characters, so that lines and columns stay. */

import ts from "typescript";
import type { Module } from "../source/module.ts";
import type { Piece } from "./pieces.ts";

/** In UTF-16, in which the text is changed in place. */
const [SPACE, SEMICOLON] = [0x20, 0x3b];

export function blankedText(
  { text, source }: Module,
  pieces: Piece[],
  isKept: (piece: Piece) => boolean,
): string {
  const buffer = Buffer.alloc(2 * text.length);
  buffer.write(text, "utf16le");
  const characters = new Uint16Array(buffer.buffer, buffer.byteOffset, text.length);
  const blank = (start: number, end: number) => {
    for (let i = start; i < end; i++) if (!ts.isLineBreak(characters[i]!)) characters[i] = SPACE;
  };
  const blankUnkept = (piece: Piece) => {
    const { node, children } = piece;
    if (!isKept(piece)) {
      const start = node.getStart(source);
      blank(start, node.end);
      // Parts `a` from `(b)` on the line after the next, and is a body for `if (c)`.
      if (ts.isStatement(node) && start < node.end) characters[start] = SEMICOLON;
      return;
    }
    for (const child of children) blankUnkept(child);
    for (const list of new Set(children.map(child => child.list))) {
      if (list)
        blankCommas(
          list as ts.NodeArray<ts.Node>,
          children.filter(child => child.list === list),
        );
    }
    if (ts.isImportDeclaration(node) && node.importClause) blankClause(node.importClause, children);
  };

  /** As many commas as members that are kept, less one. */
  const blankCommas = (list: ts.NodeArray<ts.Node>, members: Piece[]) => {
    const last = members.findLastIndex(isKept);
    for (const [i, member] of members.entries()) {
      const comma = (list[i + 1]?.pos ?? list.end) - 1;
      if (text[comma] === "," && (i >= last || !isKept(member))) blank(comma, comma + 1);
    }
  };

  /** Of `a, { b }` and `a, * as b` one side, if nothing of the other is kept. */
  const blankClause = ({ name, namedBindings }: ts.ImportClause, children: Piece[]) => {
    if (!name || !namedBindings) return;
    const [byDefault, ...bound] = children;
    if (!isKept(byDefault!)) blank(name.getStart(source), namedBindings.pos);
    else if (!bound.some(isKept)) blank(name.end, namedBindings.end);
  };

  let end = 0;
  for (const piece of pieces) {
    blank(end, piece.node.getStart(source));
    blankUnkept(piece);
    end = piece.node.end;
  }
  blank(end, text.length);
  // Comments at the top can be orders to the compiler: `@jsx`.
  for (const comment of ts.getLeadingCommentRanges(text, 0) ?? []) {
    for (let i = comment.pos; i < comment.end; i++) characters[i] = text.charCodeAt(i);
  }
  return buffer.toString("utf16le");
}
