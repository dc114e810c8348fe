/** @file What the engine is compared with: a library, and the tasks that it can do. The engine itself is one of them. */

import { createRequire } from "node:module";
import type { Contestant } from "./contestant.ts";
import manifest from "./package.json" with { type: "json" };

/** A n × n matrix whose square, by a Function with a backward of its own, has its gradient checked in full. */
export interface Gradcheck {
  readonly n: number;
  readonly x: Float64Array;
}

/**
 * A chain of small operations from a leaf, x ← √exp(x·2 − 2), and the gradient of its sum at the leaf. It has a fixed
 * point at 1 with slope 1: neither values nor gradients run away, however long it is.
 */
export interface Chain {
  readonly shape: readonly number[];
  readonly start: Float64Array;
  /** Times four operations. */
  readonly links: number;
}

/** The product of two n × n matrices. */
export interface Product {
  readonly n: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** One operation on long vectors; exp and sum take x only. */
export interface Elementwise {
  readonly op: "exp" | "add" | "mul" | "sum";
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Rows times columns, row-major. */
export interface Matrix {
  readonly shape: readonly [number, number];
  readonly values: Float64Array;
}

/** One step of gradient descent: linear, ReLU, linear, mean cross entropy; all four parameters move by −rate·gradient. */
export interface Perceptron {
  readonly images: Matrix;
  /** A class for each image. */
  readonly labels: readonly number[];
  /** Inputs × outputs. */
  readonly weights: readonly [Matrix, Matrix];
  readonly biases: readonly [Float64Array, Float64Array];
  readonly rate: number;
}

export interface Peer {
  readonly version: string;
  gradcheck?(task: Gradcheck): Contestant[];
  chain?(task: Chain): Contestant[];
  matmul?(task: Product): Contestant[];
  elementwise?(task: Elementwise): Contestant[];
  perceptron?(task: Perceptron): Contestant[];
  /** Ends what it started. */
  close?(): void;
}

export type Task = "gradcheck" | "chain" | "matmul" | "elementwise" | "perceptron";

export interface PeerEntry {
  readonly name: string;
  readonly tasks: readonly Task[];
  /** @throws where it is not installed, or does not run here */
  open(): Promise<Peer>;
}

const require = createRequire(import.meta.url);

/**
 * A package of bench/node_modules. They are not in the project's own, so no types can be counted on: each peer's file
 * states the little that it uses.
 */
export async function load<T>(specifier: string): Promise<T> {
  return (await import(specifier)) as T;
}

/** {@link load} for packages that only `require` can find, or whose ES modules do not run in Node. */
export const loadCommonJs = <T>(specifier: string): T => require(specifier) as T;

/** The folder of an installed file, as the packages want it. */
export const resolved = (specifier: string): string => require.resolve(specifier);

/** What bench/package.json pins, which is what is installed. */
export function versionOf(name: string): string {
  return manifest.optionalDependencies[name as keyof typeof manifest.optionalDependencies] ?? "unknown";
}

/** As the libraries that are made from nested arrays want it. */
export function nested({ shape: [rows, columns], values }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
}

/** A row of zeros and a one for each label. */
export function oneHot(labels: readonly number[], classes: number): Matrix {
  const values = new Float64Array(labels.length * classes);
  for (const [i, label] of labels.entries()) values[i * classes + label] = 1;
  return { shape: [labels.length, classes], values };
}
