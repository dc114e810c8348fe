/**
 * @file A real VS Code, driven as a person drives it: keys, clicks, and what can be seen.
 *
 *     await using editor = await openWorkbench({ files: "examples" });
 *     await editor.openFile("matrix-square.ts");
 *     await editor.waitForLens(/wrong/);
 */

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, errors, type Locator, type Page } from "playwright-core";
import { inCache, root } from "../../scripts/project.ts";
import { launchBrowser } from "./browser.ts";
import { type Lens, readLenses } from "./lenses.ts";
import { type Problem, readProblems } from "./problems.ts";
import { fillWorkspace, type Scratch, scratchFolder, type WorkspaceSource } from "./scratch.ts";
import { installExtension, type Server, startServer } from "./server.ts";
import { measureTyping, type TypingLatency } from "./typing-latency.ts";
import { type Patience, until } from "./until.ts";

export interface WorkbenchOptions {
  /** The workspace's files; they are copied, so a test may change them. */
  files: WorkspaceSource;
  /** Folder of the extension to load, as F5 does. Default: the project's own. */
  extension?: string;
  /** Packaged extension to install instead, as people do. */
  vsix?: string;
  settings?: Record<string, unknown>;
  /** Whether the workspace is trusted. Default: true; if not, VS Code starts in Restricted Mode. */
  trusted?: boolean;
  /** Of the window, in pixels. */
  size?: { width: number; height: number };
}

/** Typing then inserts what is typed and nothing else, and the theme follows {@link Workbench.theme}. */
const testSettings = {
  "editor.autoClosingBrackets": "never",
  "editor.autoClosingQuotes": "never",
  "editor.autoIndent": "none",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "editor.find.seedSearchStringFromSelection": "never",
  "editor.minimap.enabled": false,
  "files.hotExit": "off",
  "window.autoDetectColorScheme": true,
};

export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const scratch = scratchFolder();
  const workspace = join(scratch.folder, "workspace");
  const profile = join(scratch.folder, "profile");
  mkdirSync(workspace);
  fillWorkspace(workspace, options.files);
  if (options.vsix) await installExtension(options.vsix, profile);

  const server = await startServer({
    profile,
    settings: { ...testSettings, ...options.settings },
    trusted: options.trusted ?? true,
  });
  const browser = await launchBrowser().catch(async error => {
    await server.stop();
    throw error;
  });
  const page = await browser.newPage({
    viewport: options.size ?? { width: 1280, height: 900 },
    colorScheme: "light",
  });
  page.setDefaultTimeout(60_000);
  const workbench = new Workbench(page, workspace, { scratch, server, browser });
  try {
    const extension = options.vsix ? undefined : (options.extension ?? root);
    await page.goto(server.address({ workspace, extension }));
    await page.locator(".monaco-workbench .explorer-folders-view").waitFor();
    return workbench;
  } catch (error) {
    await workbench.close();
    throw error;
  }
}

interface Held {
  scratch: Scratch;
  server: Server;
  browser: Browser;
}

export class Workbench {
  /** For what has no method here. */
  readonly page: Page;
  /** Absolute path of the folder that is open. */
  readonly workspace: string;
  readonly #held: Held;

  constructor(page: Page, workspace: string, held: Held) {
    this.page = page;
    this.workspace = workspace;
    this.#held = held;
  }

  /** The text editor that has the focus, or had it last. */
  get editor(): Locator {
    return this.page.locator(".editor-group-container.active .editor-instance .monaco-editor").first();
  }

  /** Opens a file of the workspace by its relative path, through "Go to File". */
  async openFile(path: string): Promise<void> {
    const name = path.split("/").at(-1) ?? path;
    await this.#pick("ControlOrMeta+P", path, name);
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.editor.locator(".view-line").first().waitFor();
  }

  /** Runs a command by its title in the palette: `command("Gradient Lens: Check file")`. */
  async command(title: string): Promise<void> {
    await this.#pick("F1", title, title);
  }

  /** Puts the cursor at a one-based place. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press("Control+G");
    await this.#quickInput().waitFor();
    await this.page.keyboard.insertText(`${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.#quickInput().waitFor({ state: "hidden" });
  }

  /** Finds a text of one line in the editor and replaces its first occurrence after the cursor. */
  async replace(text: string, replacement: string): Promise<void> {
    await this.editor.click();
    await this.page.keyboard.press("ControlOrMeta+F");
    const find = this.editor.locator(".find-widget.visible");
    await find.locator(".find-part textarea").fill(text);
    await until(
      `"${text}" in the editor`,
      () => find.locator(".matchesCount").textContent(),
      count => /^\d+ of \d+/.test(count?.trim() ?? ""),
      { seconds: 20 },
    );
    // Leaves the match selected.
    await this.page.keyboard.press("Escape");
    await find.waitFor({ state: "hidden" });
    await this.page.keyboard.insertText(replacement);
  }

  /** Types at the cursor, key by key. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Saves the changes in the editor; waits for ever so short a mark of unsaved changes, so there must be some. */
  async save(): Promise<void> {
    const unsaved = this.page.locator(".tab.active.dirty");
    await unsaved.waitFor();
    await this.page.keyboard.press("ControlOrMeta+S");
    await unsaved.waitFor({ state: "detached" });
  }

  /** A file's text on disk. */
  savedText(path: string): string {
    return readFileSync(join(this.workspace, path), "utf8");
  }

  /** The lenses on the screen, from top to bottom. */
  lenses(): Promise<Lens[]> {
    return readLenses(this.editor);
  }

  async waitForLens(text: string | RegExp, patience?: Patience): Promise<Lens> {
    const matches = (lens: Lens): boolean =>
      typeof text === "string" ? lens.text === text : text.test(lens.text);
    const lenses = await until(
      `a code lens ${text}`,
      () => this.lenses(),
      seen => seen.some(matches),
      patience,
    );
    return lenses.find(matches) as Lens;
  }

  /**
   * Clicks a lens until what it is to bring is there. A busy editor makes its lenses anew between a press and its release, and
   * a command that came with the older ones is then none: a person clicks again. VS Code asks for lenses only while the editor
   * has the focus; those that it draws without it, out of its cache, have no command.
   */
  async clickLens(text: string | RegExp, shown: Locator): Promise<void> {
    await this.waitForLens(text);
    const button = this.editor
      .locator(".codelens-decoration")
      .getByRole("button")
      .filter({ hasText: text })
      .first();
    await until(
      `a click on the lens ${text} to show something`,
      async () => {
        await this.page.keyboard.press("ControlOrMeta+1");
        await appears(button);
        const missed = await this.#click(button);
        if (await appears(shown)) return "shown";
        return { missed, lenses: await this.lenses(), window: await this.#words() };
      },
      outcome => outcome === "shown",
      REPEATED,
    );
  }

  /** Opens the light bulb's menu at the cursor until it offers something; the action of that title. */
  async quickFix(title: string | RegExp): Promise<Locator> {
    const menu = this.page.locator(".action-widget");
    const action = menu.getByText(title).first();
    await until(
      `${title} in the light bulb's menu`,
      async () => {
        await this.page.keyboard.press("Control+.");
        if (await appears(action)) return "offered";
        const offered = await menu.allInnerTexts();
        await this.page.keyboard.press("Escape");
        return { offered, window: await this.#words() };
      },
      outcome => outcome === "offered",
      REPEATED,
    );
    return action;
  }

  /** Clicks as soon as the mouse would hit it, without waiting for frames: a busy machine draws few. Else says what is hit. */
  async #click(target: Locator): Promise<string | null> {
    const place = await target.evaluateAll(([element]) => {
      if (element === undefined) return { x: 0, y: 0, above: "it is gone" };
      const { x, y, width, height } = element.getBoundingClientRect();
      const middle = { x: x + width / 2, y: y + height / 2 };
      const hit = document.elementFromPoint(middle.x, middle.y);
      return { ...middle, above: element.contains(hit) ? null : (hit?.outerHTML.slice(0, 300) ?? "nothing") };
    });
    if (place.above === null) await this.page.mouse.click(place.x, place.y);
    return place.above;
  }

  /** What can be read in the window: says, when a wait fails, what was there instead. */
  async #words(): Promise<string> {
    return (await this.page.locator(".monaco-workbench").innerText()).replace(/\s+/g, " ").slice(0, 2_000);
  }

  /** The Problems panel's rows, by its own order; opens the panel when it is closed. */
  async problems(): Promise<Problem[]> {
    if (!(await this.page.locator(".markers-panel").isVisible())) {
      await this.page.keyboard.press("ControlOrMeta+Shift+M");
      await this.page.locator(".markers-panel").waitFor();
    }
    return readProblems(this.page);
  }

  /** Waits until the rows are as `accept` wants them; `what` says it in words, for the message of a failure. */
  waitForProblems(
    what: string,
    accept: (problems: Problem[]) => boolean,
    patience?: Patience,
  ): Promise<Problem[]> {
    return until(what, () => this.problems(), accept, patience);
  }

  /** Texts of the notifications, newest first. A VS Code under test shows no toasts, only the list behind the bell. */
  async notifications(): Promise<string[]> {
    await this.command("Notifications: Show Notifications");
    const list = this.page.locator(".notifications-center.visible");
    await list.waitFor();
    const texts = await list.locator(".notification-list-item-message").allTextContents();
    await this.page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    return texts;
  }

  async theme(kind: "light" | "dark"): Promise<void> {
    await this.page.emulateMedia({ colorScheme: kind });
    await this.page.locator(`.monaco-workbench.${kind === "dark" ? "vs-dark" : "vs"}`).waitFor();
  }

  /** Writes the window to `.cache/screenshots/<name>.png` and returns that path. */
  async screenshot(name: string): Promise<string> {
    const path = inCache("screenshots", `${name}.png`);
    await this.page.screenshot({ path, animations: "disabled" });
    return path;
  }

  /** Types and takes back `keys` letters at the cursor, and says how long they took to show. */
  async typingLatency(keys?: number): Promise<TypingLatency> {
    return measureTyping(this.page, this.editor, keys);
  }

  /** Trusts the workspace, once VS Code shows its page about that (a command and a lens lead there). */
  async trust(): Promise<void> {
    await this.page
      .locator(".workspace-trust-editor")
      .getByRole("button", { name: "Trust", exact: true })
      .click();
    await this.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ state: "detached" });
  }

  async close(): Promise<void> {
    await this.#held.browser.close();
    await this.#held.server.stop();
    this.#held.scratch.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Opens a quick input by its key, types, and takes the row of that label once it is first. */
  async #pick(key: string, text: string, label: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.#quickInput().waitFor();
    await this.page.keyboard.insertText(text);
    await until(
      `"${label}" as the first row`,
      () => this.#quickInput().locator(".monaco-list-row .label-name").allTextContents(),
      rows => rows[0]?.trim() === label,
    );
    await this.page.keyboard.press("Enter");
    await this.#quickInput().waitFor({ state: "hidden" });
  }

  #quickInput(): Locator {
    return this.page.locator(".quick-input-widget");
  }
}

/** What a person would do again who sees nothing happen; not so soon that what has begun is begun anew. */
const APPEARS_MS = 10_000;
const REPEATED: Patience = { seconds: 120 };

async function appears(locator: Locator): Promise<boolean> {
  try {
    await locator.waitFor({ timeout: APPEARS_MS });
    return true;
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    return false;
  }
}
