/** @file What a rule of simplification is: an expression that equals the given one and is simpler; null where it does not apply. */

import type { Algebra } from "./algebra.ts";
import type { Application, Expression } from "./expression.ts";

export type Rule = (e: Application, algebra: Algebra) => Expression | null;
