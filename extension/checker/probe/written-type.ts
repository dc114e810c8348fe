/** @file Reads a type annotation as it is written, as far as it says which arguments to try. */

export type WrittenType =
  | { readonly kind: "tensor" | "number" | "boolean" | "string" | "nothing" | "function" | "unknown" }
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "list"; readonly of: readonly WrittenType[] }
  | { readonly kind: "tuple"; readonly entries: readonly (readonly WrittenType[])[] }
  | { readonly kind: "object"; readonly members: readonly Member[] };

export interface Member {
  readonly name: string;
  readonly optional: boolean;
  readonly type: readonly WrittenType[];
}

const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** The parts of a union: `Tensor | null` is a tensor, or nothing. */
export function readType(text: string): WrittenType[] {
  const bare = unwrapped(text.replace(/\s+/g, " ").trim());
  if (topLevel(bare, "=>").length > 1) return [{ kind: "function" }];
  return topLevel(bare, "|")
    .filter(part => part !== "")
    .flatMap(part => {
      const inner = unwrapped(part);
      return inner === part ? [readPart(part)] : readType(inner);
    });
}

function readPart(part: string): WrittenType {
  const literal = literalOf(part);
  if (literal !== null) return { kind: "literal", value: literal.value };
  if (/(^|\.)Tensor$/.test(part)) return { kind: "tensor" };
  if (part === "number" || part === "boolean" || part === "string") return { kind: part };
  if (part === "undefined" || part === "null" || part === "void") return { kind: "nothing" };
  const list =
    /^(?:readonly )?(.+)\[\]$/.exec(part)?.[1] ?? /^(?:Readonly)?Array<(.+)>$/.exec(part)?.[1] ?? null;
  if (list !== null) return { kind: "list", of: readType(list) };
  const tuple = /^(?:readonly )?\[(.*)\]$/.exec(part)?.[1];
  if (tuple !== undefined) {
    const entries = topLevel(tuple, ",").map(entry => entry.replace(/^\w+\??:/, "").replace(/\?$/, ""));
    return { kind: "tuple", entries: entries.map(readType) };
  }
  const wrapped = /^(?:Partial|Readonly|Required)<(.+)>$/.exec(part)?.[1];
  if (wrapped !== undefined) return readType(wrapped)[0] ?? { kind: "unknown" };
  if (/^\{.*\}$/.test(part)) return { kind: "object", members: readMembers(part.slice(1, -1)) };
  return { kind: "unknown" };
}

function readMembers(text: string): Member[] {
  return topLevel(text, ";,").flatMap(member => {
    const [, name, mark, type] = /^(?:readonly )?["']?(\w+)["']?(\?)? ?: ?(.+)$/.exec(member) ?? [];
    return name === undefined || type === undefined
      ? []
      : [{ name, optional: mark !== undefined, type: readType(type) }];
  });
}

/** A literal: `"mean"`, `1`, `true`. */
export function literalOf(text: string): { readonly value: unknown } | null {
  const quoted = /^(["'`])(.*)\1$/.exec(text)?.[2];
  if (quoted !== undefined) return { value: quoted };
  if (text === "true" || text === "false") return { value: text === "true" };
  return text !== "" && Number.isFinite(Number(text)) ? { value: Number(text) } : null;
}

/** Without parentheses around the whole of it. */
function unwrapped(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  return matching(text, 0) === text.length - 1 ? unwrapped(text.slice(1, -1).trim()) : text;
}

function matching(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i]! in CLOSING) depth++;
    else if (isClosing(text, i) && --depth === 0) return i;
  }
  return -1;
}

/** Of `=>` the arrow's head closes nothing. */
function isClosing(text: string, i: number): boolean {
  return ")]}".includes(text[i]!) || (text[i] === ">" && text[i - 1] !== "=");
}

/** Split at separators that stand in no brackets and no quotes. `separators`: "=>" itself, or single characters. */
export function topLevel(text: string, separators: string): string[] {
  const parts: string[] = [];
  const width = separators === "=>" ? 2 : 1;
  let depth = 0;
  let quote: string | null = null;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== null) {
      if (char === quote) quote = null;
    } else if ("\"'`".includes(char)) quote = char;
    else if (char in CLOSING) depth++;
    else if (isClosing(text, i)) depth--;
    else if (depth === 0 && (width === 2 ? text.startsWith("=>", i) : separators.includes(char))) {
      parts.push(text.slice(start, i).trim());
      start = i + width;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part, i) => part !== "" || i === 0);
}
