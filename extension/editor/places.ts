/** @file Places of the checker as places of the editor. Both count lines and UTF-16 units from zero. */

import * as vscode from "vscode";
import type { FunctionSite } from "../checker/checker.ts";
import type { Range } from "../checker/finding.ts";

export function rangeOf({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Where a Function's lens stands: over its `backward`, else over its name. */
export function placeOf({ backward, nameRange }: FunctionSite): vscode.Range {
  return rangeOf(backward?.nameRange ?? nameRange);
}
