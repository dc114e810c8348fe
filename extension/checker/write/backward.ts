/** @file A backward written from its derivation: where there is none, or in the place of one that is wrong. */

import ts from "typescript";
import type { FunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import type { TextEdit } from "../finding.ts";
import { bare } from "../source/names.ts";
import { bodyOf } from "./body.ts";
import { asTextEdits, type Change, type Unwritable, written } from "./changes.ts";
import { contextOf, used, withField } from "./context-parameter.ts";
import { namesIn } from "./identifiers.ts";
import { lineEnd } from "./layout.ts";
import { type MethodHead, methodAfter } from "./method.ts";
import { keepFor } from "./saving.ts";
import { type Method, type Target, targetOf } from "./target.ts";

type Site = Pick<FunctionSite, "name" | "range">;

/** A static backward after forward, and in forward what it needs. The Function must have none. */
export function addBackward(
  file: string,
  text: string,
  site: Site,
  derivation: Derivation,
): TextEdit[] | Unwritable {
  return written(() => {
    const target = targetOf(file, text, site);
    return asTextEdits(text, backwardChanges(target, derivation));
  });
}

/** As {@link addBackward}, as changes of a class that was read already. */
export function backwardChanges(target: Target, derivation: Derivation): Change[] {
  const keeping = keepFor(target, derivation, { extend: target.jvp !== null, by: "saveForBackward" });
  const gradOutputs = gradOutputsOf(derivation, outputCount(target));
  const head: MethodHead = { name: "backward", parameters: gradOutputs.map(name => ({ name, moves: true })) };
  const member = methodAfter(
    target,
    target.setupContext ?? target.forward,
    head,
    keeping,
    ({ ctx, indent }) =>
      bodyOf(target, derivation, keeping, {
        ctx,
        indent,
        parameters: new Map(),
        honoursNeeds: honoursNeeds(target),
      }),
  );
  return [...keeping.changes, member, ...target.engine.changes()];
}

/** The body of a backward anew, and what forward saves for it. Comments in the old one are kept above the new statements. */
export function rewriteBackward(
  file: string,
  text: string,
  site: Site,
  derivation: Derivation,
): TextEdit[] | Unwritable {
  return written(() => {
    const target = targetOf(file, text, site);
    const { backward, layout } = target;
    if (backward === null) return asTextEdits(text, backwardChanges(target, derivation));
    const keeping = keepFor(target, derivation, { extend: target.jvp !== null, by: "saveForBackward" });
    const { node, body } = backward;
    const context = contextOf(node, body);
    const formulaNames = usedNames(derivation);
    const parameters = new Map<string, string>();
    const changes: Change[] = [...context.changes];
    for (const { name } of node.parameters.slice(1)) {
      if (!ts.isIdentifier(name) || !formulaNames.has(name.text)) continue;
      const now = used(name, name.text, body);
      if (now.name === name.text) continue;
      parameters.set(name.text, now.name);
      changes.push(...now.changes);
    }
    for (const field of keeping.newFields) changes.push(...withField(node, field));
    const memberIndent = indentOfMember(target, backward);
    const lines = [
      ...commentsIn(body, memberIndent + layout.unit),
      ...bodyOf(target, derivation, keeping, {
        ctx: context.name,
        indent: memberIndent + layout.unit,
        parameters,
        honoursNeeds: /\bneedsInputGrad\b/.test(body.getText()),
      }),
    ];
    const newText = `{${layout.newline}${lines.join(layout.newline)}${layout.newline}${memberIndent}}`;
    changes.push({ start: body.getStart(), end: body.end, newText });
    return asTextEdits(text, [...keeping.changes, ...changes, ...target.engine.changes()]);
  });
}

function indentOfMember({ module: { text } }: Target, { member }: Method): string {
  const start = text.lastIndexOf("\n", member.getStart() - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))![0];
}

/** One for each output: those that the formulas use, and the others under names of the same kind. */
function gradOutputsOf(derivation: Derivation, outputs: number): string[] {
  const names = usedNames(derivation);
  if (outputs === 1 && !names.has("gradOutput0")) return ["gradOutput"];
  return Array.from({ length: outputs }, (_, o) => `gradOutput${o}`);
}

function usedNames({ gradients, parts }: Derivation): Set<string> {
  const texts = [...gradients, ...parts].map(formula => formula?.typescript ?? "");
  return new Set(texts.flatMap(text => [...namesIn(text)]));
}

/** How many tensors forward returns, as far as its text tells. */
function outputCount({ forward }: Target): number {
  let count = 1;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    const value = ts.isReturnStatement(node) && node.expression ? bare(node.expression) : undefined;
    if (value !== undefined && ts.isArrayLiteralExpression(value)) count = value.elements.length;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(forward.body, visit);
  return count;
}

/** Whether a backward of the file looks at what is asked of it. */
function honoursNeeds({ module }: Target): boolean {
  return /\bneedsInputGrad\b/.test(module.text);
}

/** The comments that stand on lines of their own in a body. */
function commentsIn(body: ts.Block, indent: string): string[] {
  const text = body.getSourceFile().text;
  const found: string[] = [];
  for (const node of [...body.statements, undefined]) {
    const [start, end] = node ? [node.pos, node.getStart()] : [body.statements.end, body.end - 1];
    for (const { pos, end: stop } of ts.getLeadingCommentRanges(text.slice(0, end), start) ?? []) {
      const line = text.slice(text.lastIndexOf("\n", pos) + 1, pos);
      if (line.trim() === "" && lineEnd(text, pos) > pos) found.push(indent + text.slice(pos, stop));
    }
  }
  return found;
}
