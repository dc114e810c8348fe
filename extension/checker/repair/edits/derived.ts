/**
 * @file What was derived from forward, in the place of one gradient or of all: where backward has, under whatever names, every tensor that the
 * formula needs.
 */

import ts from "typescript";
import type { Derivation } from "../../derivation.ts";
import type { Candidate, TextChange } from "../candidate.ts";
import type { Ground } from "../ground.ts";
import { leftUnused } from "./left-unused.ts";
import { namings } from "./saved-names.ts";
import type { Spot } from "./spot.ts";
import { difference, unpackedFurther } from "./unpacked-further.ts";

/** Of changes of one length, what is known to be right. */
const KNOWN_TO_BE_RIGHT = -1;
/** In another style than the file's. */
const FOREIGN = 12;

export function derivedGradients(spot: Spot, derivation: Derivation): Candidate[] {
  const own = asMatrices(derivation, spot.ground);
  return namings(spot, derivation).flatMap(names => [
    ...(own === null ? [] : gradientsUnder(names, spot, own, KNOWN_TO_BE_RIGHT)),
    ...gradientsUnder(names, spot, derivation, KNOWN_TO_BE_RIGHT + (own === null ? 0 : FOREIGN)),
  ]);
}

/** With transposes of matrices, where the class, or else the file, has such and none of batches; null where it has not. */
function asMatrices({ gradients, statements, ...rest }: Derivation, ground: Ground): Derivation | null {
  const nearest = [ground.node.getText(), ground.text].find(text => /\.(?:t\(\)|mT\b)/.test(text));
  if (nearest === undefined || /\.mT\b/.test(nearest)) return null;
  const other = (code: string): string => code.replace(/\.mT\b/g, ".t()");
  return {
    ...rest,
    gradients: gradients.map(
      gradient => gradient && { ...gradient, typescript: gradient.typescript && other(gradient.typescript) },
    ),
    statements: statements?.map(other) ?? null,
  };
}

function gradientsUnder(
  names: ReadonlyMap<string, string>,
  { ground, method }: Spot,
  derivation: Derivation,
  surcharge: number,
): Candidate[] {
  const written = derivation.gradients.map(gradient =>
    gradient === null ? "null" : gradient.typescript === null ? null : renamed(gradient.typescript, names),
  );
  const statements = (derivation.statements ?? []).map(statement => renamed(statement, names));
  if (derivation.statements === null || statements.includes(null)) return [];
  const imports = derivation.imports.filter(name => !ground.imported.has(name));
  const found: Candidate[] = [];
  const last = method.returns.at(-1);
  if (last === undefined) return [];
  const put = (title: string, at: ts.Expression, text: string): void => {
    const needed = neededBy(text, statements as string[]);
    const unpacked = unpackedFurther([text, ...needed], { ground, method });
    const edits: TextChange[] = [difference(ground.text, at.getStart(), at.end, unpacked.named(text))];
    if (needed.length > 0) {
      const place = insertionBefore(at, ground, needed.map(unpacked.named));
      if (place === null) return;
      edits.unshift(place);
    }
    const body = needed.length === 0 ? text : `(() => { ${needed.join(" ")} return ${text}; })()`;
    found.push({
      title,
      changes: [{ node: at, alternative: body, edits }],
      beside: [
        ...unpacked.edits,
        ...leftUnused(at, [...needed, text].map(unpacked.named).join("\n"), ground, method).filter(
          ({ start, end }) => !unpacked.edits.some(edit => edit.start < end && start < edit.end),
        ),
      ],
      imports,
      surcharge,
    });
  };
  const elements = ts.isArrayLiteralExpression(last) ? last.elements : null;
  const parameters = ground.inherited.forward?.parameters ?? [];
  written.forEach((text, i) => {
    const at = elements === null ? (written.length === 1 ? last : undefined) : elements[i];
    if (text === null || at === undefined || ts.isSpreadElement(at)) return;
    const maths = inMaths(derivation.gradients[i]?.maths ?? "null", derivation, names);
    const whose = method.role === "jvp" ? "" : ` for ${parameters[i] ?? `argument ${i}`}`;
    put(`Return ${maths}${whose}`, at, text);
  });
  if (written.length > 1 && !written.includes(null))
    put("Return the gradients derived from forward", last, `[${written.join(", ")}]`);
  return found;
}

/** A formula for people, in backward's names where those are not the formula's own. */
function inMaths(maths: string, { saved }: Derivation, names: ReadonlyMap<string, string>): string {
  const others = saved.filter(({ role }) => role === "saved").map(({ name }) => name);
  return maths.replace(/[\p{L}_][\p{L}\d_]*/gu, name =>
    others.includes(name) ? (names.get(name) ?? name) : name,
  );
}

/** A formula in backward's own names; null where it needs a tensor that backward has not got. */
function renamed(code: string, names: ReadonlyMap<string, string>): string | null {
  let complete = true;
  const text = code.replace(/(?<![\w$.'"])[A-Za-z_$][\w$]*(?![\w$(])/g, (name, at: number) => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const isPart =
      /^t\d*$/.test(name) || /^(true|false|null|const|dim|keepdim|Math|linalg|special|nn)$/.test(name);
    const isKey = /^\s*:/.test(code.slice(at + name.length));
    if (!isPart && !isKey) complete = false;
    return name;
  });
  return complete ? text : null;
}

/** The statements of the parts that a formula names, those included that they need themselves. */
function neededBy(text: string, statements: readonly string[]): string[] {
  const mentions = (code: string, name: string): boolean =>
    new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(code);
  const needed = new Set<string>();
  let codes = [text];
  while (codes.length > 0) {
    const found = statements.filter(statement => {
      const name = /^const (\w+) =/.exec(statement)?.[1];
      return name !== undefined && !needed.has(statement) && codes.some(code => mentions(code, name));
    });
    for (const statement of found) needed.add(statement);
    codes = found;
  }
  return statements.filter(statement => needed.has(statement));
}

/** Statements before the one that an expression is in; null where there is no room for any. */
function insertionBefore(at: ts.Node, { text }: Ground, statements: readonly string[]): TextChange | null {
  const statement = ts.findAncestor(at, ts.isStatement);
  if (statement === undefined || !ts.isBlock(statement.parent)) return null;
  const start = statement.getStart();
  const indent = /[ \t]*$/.exec(text.slice(0, start))![0];
  return { start, end: start, newText: statements.map(line => `${line}\n${indent}`).join("") };
}
