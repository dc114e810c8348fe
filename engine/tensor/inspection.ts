/**
 * @file What a tensor looks like to people who look at it: `String(x)`, `console.log` in Node, the debugger of VS
 * Code, the developer tools of Chromium.
 */

import { formatTensor } from "./printing.ts";
import { isTensor, Tensor } from "./tensor.ts";

/** What is behind a tensor, for a debugger to unfold. */
function facts(t: Tensor): Record<string, unknown> {
  return {
    value: formatTensor(t.detach()),
    shape: t.shape,
    dtype: t.dtype,
    requiresGrad: t.requiresGrad,
    gradFn: t.gradFn?.name ?? null,
    grad: t.grad,
  };
}

function define(key: string | symbol, f: (t: Tensor) => unknown): void {
  Object.defineProperty(Tensor.prototype, key, {
    value(this: Tensor) {
      return f(this);
    },
    writable: true,
    configurable: true,
  });
}

// The symbols are global, so nothing of Node or of a debugger is imported.
define("toString", formatTensor);
define(Symbol.for("nodejs.util.inspect.custom"), formatTensor);
define(Symbol.for("debug.description"), formatTensor);
define(Symbol.for("debug.properties"), facts);

type Markup = [tag: string, attributes: Record<string, unknown>, ...children: (string | Markup)[]];

/**
 * Shows tensors in Chromium's console and scopes as they print, to be unfolded to shape, dtype, gradFn and grad:
 * `globalThis.devtoolsFormatters = [devtoolsFormatter]`, with "Custom formatters" on in the settings of the tools.
 */
export const devtoolsFormatter = {
  header(value: unknown): Markup | null {
    return isTensor(value)
      ? ["span", { style: "white-space: pre; font-family: monospace" }, formatTensor(value)]
      : null;
  },
  hasBody: isTensor,
  body(value: unknown): Markup | null {
    if (!isTensor(value)) return null;
    const { value: _, ...rest } = facts(value);
    const items = Object.entries(rest).map(
      ([name, fact]): Markup => ["li", {}, `${name}: `, ["object", { object: fact }]],
    );
    return ["ol", { style: "list-style: none; padding-left: 12px; margin: 0" }, ...items];
  },
};
