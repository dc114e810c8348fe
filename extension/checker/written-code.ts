/**
 * @file Which code may come out of the sandbox, to be written into people's files: expressions of tensors, in the few forms that
 * derivations are written in (engine/symbolic/typescript.ts), and `const` statements of them. Nothing else is code to us.
 */

import type { Derivation } from "./derivation.ts";

const TOKEN =
  /\s*(?:([A-Za-z_$][\w$]*)|((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|("\w{0,24}")|(\*\*|[-+*/%.,:()[\]{}]))/y;
const STATEMENT = /^const ([A-Za-z_$][\w$]*) = ([^;]+);$/;

/** Names that lead out of what tensors can do. */
const REFUSED_NAMES = new Set(
  `arguments await async break case catch class continue debugger default delete do else enum export extends finally for function if
  import in instanceof let new of return static super switch this throw try typeof var void while with yield require module exports
  constructor prototype __proto__ __dirname __filename caller callee call apply bind`.split(/\s+/),
);

/** Of the language's and the system's globals, those that hold numbers only. */
const HARMLESS_GLOBALS = new Set(["Infinity", "NaN", "undefined", "Math", "Number"]);

/** Whether a text is one expression: names, numbers, short words, lists, options, calls of methods and of what is imported. */
export function isFormula(code: string, imports: readonly string[]): boolean {
  const tokens = tokensOf(code);
  return tokens !== null && new Parser(tokens, imports).whole();
}

/** Whether a text is `const name = …;` of such an expression. */
export function isPart(code: string, imports: readonly string[]): boolean {
  const [, name, value] = STATEMENT.exec(code) ?? [];
  return name !== undefined && isName(name) && isFormula(value!, imports);
}

/** Without code in any other form: then it can be read, and not be written into a file. */
export function withoutForeignCode(derivation: Derivation): Derivation {
  const { gradients, parts, statements, saved } = derivation;
  const imports = derivation.imports.every(isName) ? derivation.imports : [];
  // They are written as the names of variables.
  const areNames = [...parts, ...saved].every(({ name }) => isName(name));
  const clean = <F extends { typescript: string | null }>(formula: F): F =>
    formula.typescript === null || (areNames && isFormula(formula.typescript, imports))
      ? formula
      : { ...formula, typescript: null };
  return {
    ...derivation,
    imports,
    gradients: gradients.map(formula => formula && clean(formula)),
    parts: parts.map(clean),
    statements: areNames && statements?.every(statement => isPart(statement, imports)) ? statements : null,
    saved: saved.map(one => ({
      ...one,
      formula: one.formula && clean(one.formula),
      parts: one.parts.map(clean),
    })),
  };
}

function isName(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text) && !REFUSED_NAMES.has(text) && !isPowerful(text);
}

function isPowerful(name: string): boolean {
  return name in globalThis && !HARMLESS_GLOBALS.has(name);
}

interface Token {
  kind: "name" | "number" | "word" | "sign";
  text: string;
}

const KINDS = ["name", "number", "word", "sign"] as const;

function tokensOf(code: string): Token[] | null {
  const tokens: Token[] = [];
  const text = code.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) return null;
    const kind = KINDS.findIndex((_, i) => found[i + 1] !== undefined);
    tokens.push({ kind: KINDS[kind]!, text: found[kind + 1]! });
  }
  return tokens;
}

/** Deeper ones are nobody's formula. */
const DEPTH = 200;

class Parser {
  readonly #tokens: readonly Token[];
  readonly #imports: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], imports: readonly string[]) {
    this.#tokens = tokens;
    this.#imports = imports;
  }

  whole(): boolean {
    return this.#sum() && this.#at === this.#tokens.length;
  }

  #sum(): boolean {
    if (++this.#depth > DEPTH) return false;
    do {
      while (this.#take("-"));
      if (!this.#chain()) return false;
    } while (["+", "-", "*", "/", "%", "**"].some(sign => this.#take(sign)));
    this.#depth--;
    return true;
  }

  #chain(): boolean {
    const root = this.#tokens[this.#at];
    if (!this.#primary()) return false;
    // `f(…)`, `linalg.f(…)`: what is called there must be the engine's; a method's receiver is a value.
    let free = root?.kind === "name";
    for (;;) {
      if (this.#take(".")) {
        const member = this.#next("name");
        if (member === undefined || REFUSED_NAMES.has(member)) return false;
      } else if (this.#take("(")) {
        const direct = free && this.#tokens[this.#at - 2] === root;
        if (direct && !this.#imports.includes(root!.text)) return false;
        if (!this.#list(")")) return false;
        free = false;
      } else if (this.#take("[")) {
        if (this.#next("number") === undefined || !this.#take("]")) return false;
      } else return true;
    }
  }

  #primary(): boolean {
    if (this.#take("(")) return this.#sum() && this.#take(")");
    if (this.#take("[")) return this.#list("]");
    if (this.#take("{")) return this.#options();
    const name = this.#next("name");
    if (name !== undefined) return isName(name);
    return this.#next("number") !== undefined || this.#next("word") !== undefined;
  }

  #list(end: string): boolean {
    if (this.#take(end)) return true;
    do {
      if (!this.#sum()) return false;
    } while (this.#take(","));
    return this.#take(end);
  }

  #options(): boolean {
    do {
      const name = this.#next("name");
      if (name === undefined || REFUSED_NAMES.has(name) || !this.#take(":") || !this.#sum()) return false;
    } while (this.#take(","));
    return this.#take("}");
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #next(kind: Token["kind"]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) return undefined;
    this.#at++;
    return token.text;
  }
}
