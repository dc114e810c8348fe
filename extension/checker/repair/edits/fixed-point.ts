/**
 * @file A backward by the implicit function theorem: where forward repeats z = f(z, …) until it stands still, the result is a fixed
 * point of f, and its derivative needs one step of the loop only, however many were made and whatever ended them.
 */

import ts from "typescript";
import { layoutOf } from "../../write/layout.ts";
import type { Candidate } from "../candidate.ts";
import type { Ground, Method } from "../ground.ts";
import { leftUnused } from "./left-unused.ts";
import { namesInScope } from "./saved-names.ts";
import { candidate, changed } from "./spot.ts";
import { unpackedFurther } from "./unpacked-further.ts";

/** Not before a formula. */
const AFTER_FORMULAS = 40;
const NAMES = ["step", "advance", "oneStep"];

export function fixedPoint(ground: Ground): Candidate[] {
  const { backward } = ground.methods;
  const { forward } = ground.inherited;
  const result = backward?.returns.at(-1);
  const [gradOutput, ...others] = backward?.parameters ?? [];
  if (backward === undefined || forward === undefined || result === undefined) return [];
  const statement = ts.findAncestor(result, ts.isReturnStatement);
  const step = stepOf(forward);
  if (gradOutput === undefined || others.length > 0 || statement === undefined || step === null) return [];

  const names = namesInScope(ground, backward);
  const { state, parameters } = step;
  const known = [state, ...parameters].map(name => names.get(name));
  if (known.includes(undefined) || parameters.length === 0) return [];
  const [solution, ...primals] = known;
  const rest = forward.parameters.slice(parameters.length);
  if (parameters.some((name, i) => name !== forward.parameters[i])) return [];

  const name = NAMES.find(name => !new RegExp(`\\b${name}\\b`).test(backward.body.getText()));
  if (name === undefined) return [];
  const { unit, semicolon, newline } = layoutOf(ground.module);
  const start = statement.getStart();
  const indent = /[ \t]*$/.exec(ground.text.slice(0, start))![0];
  const typed = /:\s*(?:[\w$]+\.)?Tensor\b/.test(forward.body.parent.getText()) ? ": Tensor" : "";
  const head = `(${[state, ...parameters].map(parameter => parameter + typed).join(", ")})`;
  const lines = step.statements.map(line => `${indent}${unit}${line}${newline}`).join("");
  const body =
    lines === ""
      ? step.value
      : `{${newline}${lines}${indent}${unit}return ${step.value}${semicolon}${newline}${indent}}`;
  const declared = `const ${name} = ${head} => ${body}${semicolon}`;
  const pulled = (engine: string): string => {
    const root = `${engine}implicit.fixedPoint(${name}, () => ${solution})`;
    const gradients = `${engine}func.vjp(${[root, ...primals].join(", ")}).vjp(${gradOutput})`;
    return rest.length === 0 ? gradients : `[...${gradients}, ${rest.map(() => "null").join(", ")}]`;
  };
  const spot = { ground, method: backward };
  const unpacked = unpackedFurther([pulled("")], spot);
  const change = changed(spot, result, [
    { start, end: start, newText: `${declared}${newline}${indent}` },
    { start: result.getStart(), end: result.end, newText: unpacked.named(pulled("")) },
  ]);
  const alternative = `(() => { ${declared.replace(/;?$/, ";")} return ${pulled("engine.")}; })()`;
  return [
    candidate(
      `Differentiate the fixed point ${state} of the loop`,
      { ...change, alternative },
      {
        imports: ["func", "implicit"],
        beside: [
          ...unpacked.edits,
          ...leftUnused(result, declared + unpacked.named(pulled("")), ground, backward),
        ],
        surcharge: AFTER_FORMULAS,
      },
    ),
  ];
}

/** One step of a loop: what it makes of its state. */
interface Step {
  /** Name of the variable that the loop changes. */
  readonly state: string;
  /** Forward's parameters that the step needs. */
  readonly parameters: readonly string[];
  /** Constants that the value needs. */
  readonly statements: readonly string[];
  readonly value: string;
}

/** Null where forward is no single loop over one variable. */
function stepOf({ body, parameters, ctx }: Method): Step | null {
  if (!ts.isBlock(body)) return null;
  const isLoop = (node: ts.Node) =>
    ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node);
  const at = body.statements.findIndex(isLoop);
  if (at < 0 || body.statements.filter(isLoop).length > 1) return null;
  const { statement } = body.statements[at] as ts.IterationStatement;
  if (!ts.isBlock(statement)) return null;
  const before = body.statements.slice(0, at);
  const variables = new Set(before.flatMap(line => declarationsIn(line, false).map(([name]) => name)));
  const assigned = statement.statements.flatMap(line => {
    const value = ts.isExpressionStatement(line) ? line.expression : undefined;
    if (value === undefined || !ts.isBinaryExpression(value) || !ts.isIdentifier(value.left)) return [];
    const isPlain = value.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    return isPlain && variables.has(value.left.text) ? [{ state: value.left.text, value: value.right }] : [];
  });
  const [only] = assigned;
  if (only === undefined || assigned.length > 1) return null;
  const constants = new Map([...before, ...statement.statements].flatMap(line => declarationsIn(line, true)));
  const named = ts.isIdentifier(only.value) ? constants.get(only.value.text) : undefined;
  const value = named ?? only.value;
  const needed = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      used.add(node.text);
      const initializer = constants.get(node.text);
      if (initializer !== undefined && !needed.has(node.text)) {
        needed.add(node.text);
        visit(initializer);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(value);
  if (ctx !== null && used.has(ctx)) return null;
  return {
    state: only.state,
    parameters: parameters.filter(name => used.has(name)),
    statements: [...constants]
      .filter(([name]) => needed.has(name))
      .map(([name, initializer]) => `const ${name} = ${initializer.getText()};`),
    value: value.getText(),
  };
}

function declarationsIn(line: ts.Statement, constant: boolean): [string, ts.Expression][] {
  if (!ts.isVariableStatement(line)) return [];
  const { declarations, flags } = line.declarationList;
  if (((flags & ts.NodeFlags.Const) !== 0) !== constant) return [];
  return declarations.flatMap(({ name, initializer }): [string, ts.Expression][] =>
    ts.isIdentifier(name) && initializer ? [[name.text, initializer]] : [],
  );
}
