/**
 * @file Code actions that write code: a Function for a plain function, a missing backward, a missing jvp. To offer one costs a look at
 * the text; only when it is chosen something runs.
 */

import * as vscode from "vscode";
import type { DerivableSite } from "../checker/checker.ts";
import type { Range } from "../checker/finding.ts";
import type { Wanted } from "../checker/generate.ts";
import { DOCUMENTS, documentAt, pathOf } from "./buffers.ts";
import type { CheckerClient } from "./checker-client.ts";
import { type Checks, outdated } from "./checks.ts";
import type { Derivables } from "./derivable.ts";
import { SOURCE } from "./diagnostics.ts";
import type { Faults } from "./faults.ts";
import type { FindingStore } from "./finding-store.ts";
import type { Outlines } from "./outlines.ts";
import { rangeOf } from "./places.ts";
import { settings } from "./settings.ts";
import { requireTrust } from "./trust.ts";

/** From a code action only. */
export const GENERATE = "gradientLens.generate";

const TITLES: Record<Wanted, string> = {
  function: "Generate a custom Function with a verified backward",
  backward: "Derive backward",
  jvp: "Derive jvp",
};

/** What the command is given: the text may have changed since the action was offered. */
interface Chosen {
  path: string;
  version: number;
  wanted: Wanted;
  site: DerivableSite;
}

interface Rooms {
  client: CheckerClient;
  derivables: Derivables;
  store: FindingStore;
  outlines: Outlines;
  checks: Checks;
  faults: Faults;
  extensionUri: vscode.Uri;
}

export function registerGenerate(rooms: Rooms): vscode.Disposable {
  const { derivables, store, outlines, faults } = rooms;
  const provider: vscode.CodeActionProvider = {
    async provideCodeActions(document, range, { diagnostics }, token) {
      await outlines.read(document);
      const plain = await derivables.plainFunctions(document);
      if (token.isCancellationRequested) return [];
      const actions: vscode.CodeAction[] = [];
      const offer = (wanted: Wanted, site: DerivableSite, kind: vscode.CodeActionKind): void => {
        const action = new vscode.CodeAction(TITLES[wanted], kind);
        const chosen: Chosen = { path: pathOf(document), version: document.version, wanted, site };
        action.command = { command: GENERATE, title: TITLES[wanted], arguments: [chosen] };
        const own = diagnostics.filter(
          ({ source, range }) => source === SOURCE && rangeOf(site.range).contains(range),
        );
        if (wanted === "backward") action.diagnostics = own;
        actions.push(action);
      };
      for (const { site } of store.functions(pathOf(document))) {
        if (
          site.unreachable !== undefined ||
          !rangeOf(site.range).intersection(range) ||
          site.forward === null
        )
          continue;
        if (!site.declares.backward) {
          offer("backward", site, vscode.CodeActionKind.QuickFix);
        }
        if (!site.declares.jvp) offer("jvp", site, vscode.CodeActionKind.RefactorRewrite);
      }
      for (const site of plain) {
        if (rangeOf(site.range).intersection(range))
          offer("function", site, vscode.CodeActionKind.RefactorRewrite);
      }
      return actions;
    },
  };

  return vscode.Disposable.from(
    vscode.languages.registerCodeActionsProvider(DOCUMENTS, provider, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite],
    }),
    vscode.commands.registerCommand(GENERATE, (chosen: Chosen) => faults.guard(() => run(rooms, chosen))),
  );
}

async function run(rooms: Rooms, chosen: Chosen): Promise<void> {
  if (!(await requireTrust())) return;
  const { path, version, wanted, site } = chosen;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `${TITLES[wanted]}: ${site.name}`,
    cancellable: true,
  };
  const generated = await vscode.window.withProgress(options, async (_, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    try {
      return await rooms.client.generate(path, { wanted, site }, settings().check, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return null;
      throw error;
    }
  });
  if (generated === null) return;
  if (generated.kind === "refused") return explain(rooms, generated);
  const document = documentAt(path);
  if (document === undefined || document.version !== version) {
    say("The text has changed meanwhile, so nothing was inserted: choose the action again.");
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  for (const { range, newText } of generated.edits) edit.replace(document.uri, rangeOf(range), newText);
  if (!(await vscode.workspace.applyEdit(edit))) {
    say("The file cannot be edited, so nothing was inserted.");
    return;
  }
  reveal(document, generated.inserted);
  if (generated.note !== null) say(generated.note);
  await rooms.checks.document(document, state => state.site.name === generated.name && outdated(state));
}

/** An equation that is solved step by step has a derivative of its own, which the steps do not show. */
function explain(
  { extensionUri }: Rooms,
  { message, equation }: { message: string; equation: boolean },
): void {
  const read = "Implicit functions";
  const advice = equation
    ? " If forward solves an equation F(y, x) = 0 in steps, implicit.root(F, solve) differentiates the equation instead of the steps; for y = f(y, x) there is implicit.fixedPoint(f, solve)."
    : "";
  // Not waited for: a message stays until somebody closes it.
  void vscode.window.showWarningMessage(message + advice, ...(equation ? [read] : [])).then(answer => {
    if (answer !== read) return;
    const page = vscode.Uri.joinPath(extensionUri, "docs", "engine", "implicit-functions.md");
    void vscode.commands.executeCommand("markdown.showPreview", page);
  });
}

/** Shows the new code where it is out of sight; the cursor stays. */
function reveal(document: vscode.TextDocument, range: Range): void {
  for (const editor of vscode.window.visibleTextEditors) {
    if (editor.document === document)
      editor.revealRange(rangeOf(range), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

function say(message: string): void {
  void vscode.window.showInformationMessage(message);
}
