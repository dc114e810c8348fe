/** @file The benchmarks, in the order in which they are run and printed. */

import type { Case } from "../bench-case.ts";
import { chain } from "./chain.ts";
import { check, derive } from "./corpus.ts";
import { elementwise } from "./elementwise.ts";
import { gradcheck } from "./gradcheck.ts";
import { isolation } from "./isolation.ts";
import { matmul } from "./matmul.ts";
import { memory } from "./memory.ts";
import { perceptron } from "./perceptron.ts";

export const cases: readonly Case[] = [
  gradcheck,
  check,
  derive,
  isolation,
  chain,
  matmul,
  elementwise,
  perceptron,
  memory,
];
