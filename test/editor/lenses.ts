/** @file The code lenses on the screen. */

import type { Locator } from "playwright-core";

export interface Lens {
  /** As shown; an icon reads `$(name)`, as it is written in the extension. */
  text: string;
  /** One-based number of the line that the lens stands over. */
  line: number;
}

/** The lenses in an editor's visible part, from top to bottom. */
export function readLenses(editor: Locator): Promise<Lens[]> {
  return editor.evaluate(root => {
    const top = (element: Element): number => element.getBoundingClientRect().top;
    const lineNumbers = [...root.querySelectorAll(".line-numbers")].sort((a, b) => top(a) - top(b));
    const widgets = [...root.querySelectorAll('.codelens-decoration[monaco-visible-content-widget="true"]')];

    const textOf = (node: ChildNode): string => {
      const icon = /codicon-([\w-]+)/.exec((node as Element).className ?? "");
      if (icon) return `$(${icon[1]})`;
      return node.childNodes.length > 0
        ? [...node.childNodes].map(textOf).join("")
        : (node.textContent ?? "");
    };
    return widgets
      .sort((a, b) => top(a) - top(b))
      .flatMap(widget => {
        const below = lineNumbers.find(number => top(number) > top(widget));
        return [...widget.children]
          .map(lens => ({ text: textOf(lens).replace(/\s+/g, " ").trim(), line: Number(below?.textContent) }))
          .filter(({ text }) => text !== "|");
      });
  });
}
