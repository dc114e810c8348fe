/** @file A jvp written from its derivation, beside a backward that stays as it is. */

import ts from "typescript";
import type { FunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import type { TextEdit } from "../finding.ts";
import { bodyOf } from "./body.ts";
import { asTextEdits, type Unwritable, written } from "./changes.ts";
import { plainTypeOf } from "./context-parameter.ts";
import { namesIn } from "./identifiers.ts";
import { type MethodHead, methodAfter } from "./method.ts";
import { keepFor } from "./saving.ts";
import { type Target, targetOf } from "./target.ts";

/** A static jvp after backward, and in forward what it needs beside what is saved already. */
export function addJvp(
  file: string,
  text: string,
  site: Pick<FunctionSite, "name" | "range">,
  derivation: Derivation,
): TextEdit[] | Unwritable {
  return written(() => {
    const target = targetOf(file, text, site);
    const by = /\bsaveForForward\b/.test(target.node.getText()) ? "saveForForward" : "saveForBackward";
    const keeping = keepFor(target, derivation, { extend: true, by });
    const head: MethodHead = { name: "jvp", parameters: tangentsOf(target, derivation) };
    const after = target.backward ?? target.setupContext ?? target.forward;
    const member = methodAfter(target, after, head, keeping, ({ ctx, indent }) =>
      bodyOf(target, derivation, keeping, { ctx, indent, parameters: new Map(), honoursNeeds: false }),
    );
    return asTextEdits(text, [...keeping.changes, member, ...target.engine.changes()]);
  });
}

/** One for each parameter of forward. */
function tangentsOf(
  { forward, setupContext }: Target,
  { gradients, parts }: Derivation,
): MethodHead["parameters"] {
  const texts = [...gradients, ...parts].map(formula => formula?.typescript ?? "");
  const names = new Set(texts.flatMap(text => [...namesIn(text)]));
  const parameters = setupContext === null ? forward.node.parameters.slice(1) : forward.node.parameters;
  return parameters.map((parameter, i) => {
    const own = ts.isIdentifier(parameter.name) ? parameter.name.text : `argument${i}`;
    const name = tangentName(own);
    return { name, moves: names.has(name) || plainTypeOf(parameter) === null };
  });
}

/** `dx`, `dInput`: as formulas call how a parameter moves. */
export function tangentName(parameter: string): string {
  const first = parameter.slice(0, 1);
  return `d${parameter.length > 1 ? first.toUpperCase() : first}${parameter.slice(1)}`;
}
