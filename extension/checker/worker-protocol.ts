/**
 * @file What the editor and its checker in a worker say to each other. Both sides import this and nothing else of each
 * other. Each request bears an id, and has exactly one reply that bears the same; a cancel has none of its own, the
 * request it names is then answered as cancelled.
 */

import type { CheckOptions, DerivableSite, FunctionSite, Site, TensorFunctionSite } from "./checker.ts";
import type { Position } from "./finding.ts";
import type { Generated, GenerateRequest } from "./generate.ts";
import type { CheckRecord, DeriveOptions, DeriveRecord } from "./local-checker.ts";
import type { LossSite } from "./source/losses.ts";
import type { Buffers } from "./texts.ts";

/** What the worker is started with. */
export interface WorkerData {
  /** Path of the script that runs inside the sandbox's process. */
  realm: string;
  /** Absolute path of the folder where outcomes are kept from one start to the next. */
  cache: string | null;
}

export interface Methods {
  /** The Functions of a file; without its text, of the file on disk, which is then read in the worker. */
  functions: { params: { file: string; text?: string; buffers: Buffers }; result: FunctionSite[] };
  /** All that can be checked in a file: its Functions, then its reductions. */
  sites: { params: { file: string; text?: string; buffers: Buffers }; result: Site[] };
  check: {
    params: { file: string; site: Site; options: CheckOptions; buffers: Buffers };
    result: CheckRecord;
  };
  /** The plain functions of tensors of a file. */
  tensorFunctions: { params: { file: string; text: string }; result: TensorFunctionSite[] };
  /** The loss that a place of a file lies in; null where there is none. */
  loss: { params: { file: string; text: string; position: Position }; result: LossSite | null };
  /** The derivative of a Function or of a plain function. */
  derive: {
    params: { file: string; site: DerivableSite; options: DeriveOptions; buffers: Buffers };
    result: DeriveRecord;
  };
  /** Code written and verified: a backward, a jvp, a whole Function. */
  generate: {
    params: { file: string; request: GenerateRequest; options: CheckOptions; buffers: Buffers };
    result: Generated;
  };
  /** Ends every process of the sandbox; the worker can be stopped after the reply. */
  dispose: { params: null; result: null };
}

export type Method = keyof Methods;

export type Request = { [M in Method]: { kind: M; id: number; params: Methods[M]["params"] } }[Method];

export interface Cancel {
  kind: "cancel";
  /** The request that is no longer wanted. */
  id: number;
}

export type ToWorker = Request | Cancel;

export type FromWorker =
  | { kind: "result"; id: number; result: Methods[Method]["result"] }
  | { kind: "cancelled"; id: number }
  /** A fault of ours, never one of the code that was checked: that is a finding. */
  | { kind: "fault"; id: number; message: string; stack: string | null };
