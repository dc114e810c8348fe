/** @file Faults of our own: what should not happen is logged in full and told once at a time, never swallowed. */

import * as vscode from "vscode";

export class Faults {
  readonly #log: vscode.LogOutputChannel;
  #telling = false;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Runs what nobody waits for, or what must go on when a part of it fails. */
  async guard(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    if (this.#telling) return;
    this.#telling = true;
    const show = "Show output";
    const message = error instanceof Error ? error.message : String(error);
    // Not waited for: a message stays until somebody closes it.
    void vscode.window
      .showErrorMessage(`Gradient Lens could not finish a check: ${message}`, show)
      .then(answer => {
        this.#telling = false;
        if (answer === show) this.#log.show();
      });
  }
}
