/** @file The targets, in the order in which they are fuzzed. */

import { plugin, reader } from "./source.ts";
import type { Target } from "./target.ts";
import { finding, order, protocol } from "./wire.ts";

export const targets: readonly Target[] = [reader, plugin, protocol, order, finding];
