/**
 * @file Hovers over `forward`, a Function's name and functions of tensors: the vector–Jacobian product as maths, with the
 * shapes; over a loss: its gradient.
 */

import * as vscode from "vscode";
import { DOCUMENTS } from "./buffers.ts";
import { COMMANDS } from "./commands.ts";
import type { Derivable, DerivablePlace, Derivables } from "./derivable.ts";
import type { Faults } from "./faults.ts";
import { type HoverText, hoverText } from "./hover-text.ts";

/** A hover that is not there by then is no longer looked for; what was worked out is kept for the next one. */
const MOST_MS = 4_000;

export function registerHovers(derivables: Derivables, faults: Faults): vscode.Disposable {
  const provider: vscode.HoverProvider = {
    async provideHover(document, position, token) {
      let hover: vscode.Hover | undefined;
      await faults.guard(async () => {
        const place = await derivables.at(document, position);
        if (place === undefined || token.isCancellationRequested) return;
        hover = await inTime(hoverOf(derivables, place), token);
      });
      return hover;
    },
  };
  return vscode.languages.registerHoverProvider(DOCUMENTS, provider);
}

async function hoverOf(derivables: Derivables, place: DerivablePlace): Promise<vscode.Hover | undefined> {
  const derived = await derivables.derive(place);
  const text = derived && hoverText(place.site.name, derived, place.loss !== undefined);
  return text && new vscode.Hover(markdown(text, place.derivable), place.range);
}

function inTime<T>(work: Promise<T>, token: vscode.CancellationToken): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    const timer = setTimeout(giveUp, MOST_MS);
    const cancelled = token.onCancellationRequested(giveUp);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      cancelled.dispose();
    });
  });
}

/** Texts stay texts: the one link in it is made here, and leads to the one command that it may. */
function markdown({ title, lines }: HoverText, derivable: Derivable): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [COMMANDS.showDerivation] };
  text.appendText(title);
  text.appendCodeblock(lines.join("\n"), "plaintext");
  text.appendMarkdown(`\n[Show derivation](${linkTo(derivable)})`);
  return text;
}

export function linkTo({ path, key }: Derivable): string {
  const args = encodeURIComponent(JSON.stringify([{ path, key }]));
  // Brackets are left as they are by that, and would end a link.
  return `command:${COMMANDS.showDerivation}?${args.replace(/[()]/g, c => `%${c.charCodeAt(0).toString(16)}`)}`;
}
