/** @file A folder of attacks: `corpus.json`, and one file of text for each that it lists. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const ending = z.enum(["blocked", "harmless", "terminated"]);

const entry = z.object({
  /** Name of the file beside `corpus.json`. */
  file: z.string().regex(/^[^/\\]+$/, "expected the name of a file in the folder"),
  kind: z.string(),
  /** `blocked`: ends by itself, without effect. `harmless`: must work. `terminated`: must be stopped from outside. */
  expectation: ending,
  /** Another end that will do. */
  alt: ending.optional(),
  /** Pattern that the text of what is handed back must match. */
  result: z.string().optional(),
  /** Whether the Function it defines must be judged correct, or wrong. */
  grad: z.boolean().optional(),
  /** A verdict that it must not get. */
  verdictNot: z.string().optional(),
  /** Whether the finding must be free of what could steer a terminal or reorder a line. */
  plain: z.boolean().optional(),
});

export type Attack = z.infer<typeof entry> & { text: string };

/** What cannot be used as a corpus, in words for the one who named it. */
export class CorpusError extends Error {}

/** Throws a CorpusError. */
export function readCorpus(folder: string): Attack[] {
  try {
    const entries = z.array(entry).parse(JSON.parse(readFileSync(join(folder, "corpus.json"), "utf8")));
    return entries.map(attack => ({ ...attack, text: readFileSync(join(folder, attack.file), "utf8") }));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new CorpusError(
      `expected a folder with corpus.json and the files it lists, got ${folder}: ${reason}`,
    );
  }
}
