/** @file One folder for everything that a run of the tests puts among the temporary files; it goes when the run ends. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Before the workers start, which find it as the system's own. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "gradient-lens-tests-"));
  for (const variable of ["TMPDIR", "TEMP", "TMP"]) process.env[variable] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
