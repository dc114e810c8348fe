/** @file Forward's text, made to tell the sandbox what it computes on its way, so that what is written can use it. */

import type { DerivableSite } from "../checker.ts";
import { tellingIntermediates } from "../source/intermediates.ts";
import { LineIndex } from "../source/line-index.ts";
import { moduleOf } from "../source/module.ts";
import { functionAt } from "./plain-function.ts";
import { classAt, methodOf } from "./target.ts";

/** For the bundler. A text in which forward is not found stays as it is. */
export function tellingForward(file: string, { name, range }: DerivableSite): (text: string) => string {
  return text => {
    const { source } = moduleOf(file, text);
    const lines = new LineIndex(text);
    const start = lines.offsetAt(range.start);
    const node = classAt(source, start, lines.offsetAt(range.end));
    if (node === undefined) {
      const plain = functionAt(source, start, name)?.node.body;
      return plain === undefined ? text : tellingIntermediates(text, plain, true);
    }
    const forward = methodOf(node, "forward");
    // setupContext is handed inputs and outputs, and nothing else.
    const all = methodOf(node, "setupContext") === null;
    return forward === null ? text : tellingIntermediates(text, forward.body, all);
  };
}
