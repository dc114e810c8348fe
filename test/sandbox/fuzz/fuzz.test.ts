/** @file A short run of `npm run fuzz`, with other inputs than the long one starts with. */

import { expect, test } from "vitest";
import { targets } from "./targets.ts";

const RUNS: Record<string, number> = { reader: 300, plugin: 60, protocol: 600, order: 1_000, finding: 1_000 };

test.each(targets.map(target => [target.name, target] as const))(
  "%s takes mutated inputs",
  async (name, { fuzz }) => {
    let inputs = 0;
    await fuzz(RUNS[name]!, 20_260_101, () => {
      inputs += 1;
    });
    expect(inputs).toBe(RUNS[name]);
  },
);
