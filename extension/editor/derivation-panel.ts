/** @file The panel that shows a derivation: one, used again, which follows the text. */

import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import * as vscode from "vscode";
import { documentAt, isSource, uriAt } from "./buffers.ts";
import type { Derivable, Derivables } from "./derivable.ts";
import type { Page, PageResources, Shown } from "./derivation-page.ts";
import type { Faults } from "./faults.ts";

const VIEW = "gradientLens.derivation";

/** Wait for a pause in the typing before the page is made anew. */
const PAUSE_MS = 400;

export class DerivationPanel implements vscode.Disposable {
  readonly #derivables: Derivables;
  readonly #faults: Faults;
  readonly #extensionUri: vscode.Uri;
  readonly #changes: vscode.Disposable;
  #panel: vscode.WebviewPanel | undefined;
  #shown: { derivable: Derivable; name: string } | undefined;
  #formulas: readonly string[] = [];
  /** Counts what was asked for: what is worked out for an earlier wish is dropped. */
  #wishes = 0;

  constructor(rooms: { derivables: Derivables; faults: Faults; extensionUri: vscode.Uri }) {
    this.#derivables = rooms.derivables;
    this.#faults = rooms.faults;
    this.#extensionUri = rooms.extensionUri;
    this.#changes = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && isSource(document)) void this.#faults.guard(() => this.#follow());
    });
  }

  dispose(): void {
    this.#changes.dispose();
    this.#panel?.dispose();
  }

  /** Opens the panel, or brings it to the front, with what is derived for a Function or a plain function. */
  async show(derivable: Derivable, name: string): Promise<void> {
    const isNew =
      this.#shown?.derivable.key !== derivable.key || this.#shown.derivable.path !== derivable.path;
    this.#shown = { derivable, name };
    this.#panel ??= this.#open();
    this.#panel.reveal(undefined, true);
    if (isNew) await this.#fill({ name, derived: null });
    await this.#work();
  }

  #open(): vscode.WebviewPanel {
    const options = { enableScripts: true, localResourceRoots: this.#roots() };
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(VIEW, "Derivation", column, options);
    panel.webview.onDidReceiveMessage(message => this.#copy(message));
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#shown = undefined;
      this.#wishes++;
    });
    return panel;
  }

  async #follow(): Promise<void> {
    const wish = ++this.#wishes;
    if (this.#shown === undefined) return;
    await setTimeout(PAUSE_MS);
    if (wish === this.#wishes) await this.#work();
  }

  async #work(): Promise<void> {
    const wish = ++this.#wishes;
    if (this.#shown === undefined) return;
    const { derivable } = this.#shown;
    const document =
      documentAt(derivable.path) ?? (await vscode.workspace.openTextDocument(uriAt(derivable.path)));
    const place = await this.#derivables.find(document, derivable);
    // Half-typed code may be no function for a while: the last page stays.
    if (place === undefined) return;
    const derived = await this.#derivables.derive(place);
    if (derived === undefined || wish !== this.#wishes) return;
    await this.#fill({ name: place.site.name, derived });
  }

  async #fill(shown: Shown): Promise<void> {
    const { derivationPage, titleOf } = await import("./derivation-page.ts");
    if (this.#panel === undefined) return;
    const page: Page = derivationPage(shown, this.#resources(this.#panel.webview));
    this.#formulas = page.formulas;
    this.#panel.title = titleOf(shown.name);
    this.#panel.webview.html = page.html;
  }

  #roots(): vscode.Uri[] {
    return [
      vscode.Uri.joinPath(this.#extensionUri, "media"),
      vscode.Uri.joinPath(this.#extensionUri, "dist", "katex"),
    ];
  }

  #resources(webview: vscode.Webview): PageResources {
    const [media, katex] = this.#roots() as [vscode.Uri, vscode.Uri];
    const address = (folder: vscode.Uri, name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
    return {
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString("hex"),
      styles: [address(katex, "katex.css"), address(media, "derivation.css")],
      script: address(media, "derivation.js"),
    };
  }

  /** The page says which formula; the text is ours. */
  async #copy(message: unknown): Promise<void> {
    const number = (message as { copy?: unknown } | null)?.copy;
    const latex = typeof number === "number" ? this.#formulas[number] : undefined;
    if (latex !== undefined) await vscode.env.clipboard.writeText(latex);
  }
}
