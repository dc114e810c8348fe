/** @file How long a key press takes to show: from the press to the character on the page, in milliseconds. */

import type { Locator, Page } from "playwright-core";

export interface TypingLatency {
  median: number;
  worst: number;
}

/**
 * Presses a letter at the cursor and takes it back, `keys` times. Where the letter's press begins and when the editor's
 * text changes are both taken from the page's own clock, so that the driver's time does not count.
 */
export async function measureTyping(page: Page, editor: Locator, keys = 20): Promise<TypingLatency> {
  const times: number[] = [];
  for (let key = 0; key < keys; key++) {
    times.push(await timeKey(page, editor, "x"));
    // Waited for too: the next letter would else be compared with a text that still holds this one.
    await timeKey(page, editor, "Backspace");
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1] ?? Number.NaN, worst: times.at(-1) ?? Number.NaN };
}

async function timeKey(page: Page, editor: Locator, key: string): Promise<number> {
  const watch = await editor.evaluateHandle(root => {
    const lines = root.querySelector(".view-lines");
    if (!lines) throw new Error("the editor shows no text");
    const before = lines.textContent;
    const shown = new Promise<number>((resolve, reject) => {
      let pressed = 0;
      const press = (event: KeyboardEvent): void => {
        pressed = event.timeStamp;
      };
      root.ownerDocument.addEventListener("keydown", press, { capture: true, once: true });
      const observer = new MutationObserver(() => {
        if (pressed === 0 || lines.textContent === before) return;
        observer.disconnect();
        resolve(performance.now() - pressed);
      });
      observer.observe(lines, { childList: true, subtree: true, characterData: true });
      setTimeout(
        () => reject(new Error("a key did not show within 30 s: has the editor the focus?")),
        30_000,
      );
    });
    // In an object, as a bare promise would be awaited here and now.
    return { shown };
  });
  await page.keyboard.press(key);
  try {
    return await watch.evaluate(({ shown }) => shown);
  } finally {
    await watch.dispose();
  }
}
