/** @file The check's one road: text ─► Functions ─► script ─► sandbox ─► finding. */

import type { Finding, Range } from "./finding.ts";
import type { Notation } from "./notation.ts";
import type { Limits, Parameter } from "./sandbox/job.ts";

/** A `class X extends Function` found in a text, or what a call makes of one there: `const Cube = makePower(3)`. */
export interface FunctionSite {
  /** Name of the class; of the variable for an anonymous class expression, and for a call. */
  name: string;
  /**
   * How the file's own code reaches the class: a top-level binding, then properties (`["ops", "Relu"]`);
   * `["default"]` for an anonymous default export.
   */
  path: string[];
  /** Why nothing outside can reach the class (it is declared inside a function, say), and what to do; it is then skipped. */
  unreachable?: string;
  /** Whole class, and its name; the whole call. What a call makes has inherited all its methods. */
  range: Range;
  nameRange: Range;
  /**
   * Name of the static `backward`, and each expression it returns; those of `jvp` where there is no `backward`, which the
   * engine then transposes; null where there is neither (yet). An inherited one has the name of the class for its place,
   * and no returns.
   */
  backward: {
    nameRange: Range;
    returns: Range[];
    /** Names of the parameters of `backward` after `ctx`; null where the text does not show them. */
    gradOutputs: string[] | null;
  } | null;
  /**
   * Name of the static `forward` and its parameters after `ctx`, null if the text does not show them; null where there
   * is none (yet). Inherited: as above.
   */
  forward: { nameRange: Range; parameters: Parameter[] | null } | null;
  notation: Notation;
  /** Which rules the class has, inherited ones too. */
  declares: { backward: boolean; jvp: boolean };
}

/** A plain function of tensors at the top level of a file: it is its own forward. */
export type TensorFunctionSite = Omit<FunctionSite, "backward" | "declares">;

/** What a derivative can be derived of. */
export type DerivableSite = FunctionSite | TensorFunctionSite;

/** An expression that reduces a product to one number: it may mix the samples of a batch. */
export interface ReductionSite {
  kind: "reduction";
  /** Its text. */
  name: string;
  range: Range;
}

/** What can be checked. */
export type Site = FunctionSite | ReductionSite;

export function isReduction(site: Site): site is ReductionSite {
  return "kind" in site;
}

/** Texts as they stand: unsaved buffers first, files behind them. Paths are absolute. */
export type ReadText = (path: string) => Promise<string | undefined>;

export interface CheckOptions {
  seed: number;
  limits: Limits;
}

export interface Checker {
  /** The Functions of a file, in the order of the text; never throws on half-typed code. */
  functions(file: string, text: string): Promise<FunctionSite[]>;
  /** The reductions of a file that may mix the samples of a batch; never throws on half-typed code. */
  reductions(file: string, text: string): Promise<ReductionSite[]>;
  /** Checks a Function or a reduction. Rejects only when `signal` is aborted. */
  check(file: string, site: Site, options: CheckOptions, signal?: AbortSignal): Promise<Finding>;
  /** Ends every process. */
  dispose(): Promise<void>;
}
