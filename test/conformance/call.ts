/**
 * @file From torch's name of an op to the engine's. This is the naming rule for every op of the engine:
 *
 * | torch                                   | engine                                                    |
 * |-----------------------------------------|-----------------------------------------------------------|
 * | `torch.cumsum`                          | `cumsum`: a free function, torch's order of arguments     |
 * | `torch.index_select`                    | `indexSelect`: underscores become camel humps             |
 * | `torch.logsumexp`, `torch.addmm`        | as they are: no humps where torch has no underscore       |
 * | `torch.nn.functional.adaptive_avg_pool1d` | `nn.functional.adaptiveAvgPool1d`: namespaces as in torch |
 * | `torch.linalg.lu_factor`                | `linalg.luFactor`                                         |
 * | `torch.special.xlog1py`                 | `special.xlog1py`                                         |
 * | `torch.var`                             | `var`: a reserved word may name an export                 |
 * | `torch.ops.aten.slice`                  | `slice`                                                   |
 * | `Tensor.sum_to_size`                    | the method `x.sumToSize(…)` of the first argument         |
 * | `Tensor.T`, `Tensor.mT`                 | the properties `x.T`, `x.mT`                              |
 * | `Tensor.__getitem__`                    | `x.index(…)`, one argument for each component             |
 * | keywords `full_matrices=False, UPLO="L"` | a last plain object `{ fullMatrices: false, UPLO: "L" }`  |
 * | `None`                                  | `null`, positional or by name                             |
 * | `torch.float64`                         | `"float64"`                                               |
 * | a tuple, named or not                   | a plain object in torch's order, `{ values, indices }`; or an array |
 */

import * as engine from "@gradient-lens/engine";
import type { Inputs } from "./inputs.ts";

/** An op, ready to be called with torch's arguments; returns what the engine returns. */
export type Callee = (inputs: Inputs) => unknown;

/** The op that torch calls by this name; null where the engine has none. */
export function resolve(call: string): Callee | null {
  if (call === "Tensor.__getitem__") return getItem;
  const path = engineName(call).split(".");
  if (path[0] === "Tensor") return resolveMember(path[1]!);
  let found: unknown = engine;
  for (const name of path) found = memberOf(found, name);
  if (typeof found !== "function") return null;
  return ({ args, kwargs }) => found(...args, ...keywordArguments(kwargs));
}

/** "torch.linalg.lu_factor" ─► "linalg.luFactor"; for a method, "Tensor.sumToSize". */
export function engineName(call: string): string {
  if (call === "Tensor.__getitem__") return "Tensor.index";
  return call
    .replace(/^torch\.(ops\.aten\.)?/, "")
    .split(".")
    .map(camelCase)
    .join(".");
}

/** "full_matrices" ─► "fullMatrices"; "UPLO" stays. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function getItem({ args }: Inputs): unknown {
  const [x, components] = args as [engine.Tensor, Parameters<engine.Tensor["index"]>];
  return x.index(...components);
}

/** A method or property of tensors. */
function resolveMember(name: string): Callee | null {
  const descriptor = Object.getOwnPropertyDescriptor(engine.Tensor.prototype, name);
  if (descriptor?.get !== undefined) return ({ args }) => descriptor.get!.call(args[0]);
  const method: unknown = descriptor?.value;
  if (typeof method !== "function") return null;
  return ({ args: [self, ...rest], kwargs }) => method.call(self, ...rest, ...keywordArguments(kwargs));
}

function memberOf(namespace: unknown, name: string): unknown {
  const isNamespace = typeof namespace === "object" && namespace !== null && Object.hasOwn(namespace, name);
  return isNamespace ? (namespace as Record<string, unknown>)[name] : undefined;
}

function keywordArguments(kwargs: Inputs["kwargs"]): [] | [Record<string, unknown>] {
  const named = Object.entries(kwargs).map(([name, value]) => [camelCase(name), value]);
  return named.length === 0 ? [] : [Object.fromEntries(named)];
}
