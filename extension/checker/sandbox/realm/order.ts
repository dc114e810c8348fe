/**
 * @file An order as it is taken: the child believes its parent no more than the parent believes it. Read by hand, since a
 * schema library would be a third of what each new process has to evaluate.
 */

import type { Notation } from "../../notation.ts";
import { COMBINATIONS } from "../caps.ts";
import type { Job, Parameter, Trial } from "../job.ts";
import type { Order } from "../protocol.ts";

type Shape<T> = { readonly [K in keyof T]-?: (value: unknown) => value is T[K] };

const isString = (value: unknown): value is string => typeof value === "string";
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isPositive = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;
const orNull =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | null =>
    value === null || is(value);

const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (value: unknown): value is T =>
    (values as readonly unknown[]).includes(value);
const listOf =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T[] =>
    Array.isArray(value) && value.every(is);

const isParameter = object<Parameter>({
  name: isString,
  type: orNull(isString),
  optional: isBoolean,
  initializer: orNull(isString),
  rest: isBoolean,
});

const isNotation = object<Notation>({
  style: oneOf("methods", "functions"),
  outputs: listOf(isString),
});

const job: Shape<Omit<Job, "task">> = {
  script: isString,
  name: isString,
  parameters: orNull(listOf(isParameter)),
  gradOutputs: orNull(listOf(isString)),
  notation: isNotation,
  seed: isInteger,
};
const isJob = object<Job>({
  ...job,
  task: oneOf("check", "check-elsewhere", "derive-backward", "derive-jvp", "derive-gradient", "cross-terms"),
});

const isCombinations = listOf(listOf(isInteger));
const isTrial = object<Trial>({
  ...job,
  task: oneOf("try"),
  combinations: (value): value is number[][] => isCombinations(value) && value.length <= COMBINATIONS,
  budgetMs: isInteger,
});

const isOrder = object<Order>({
  id: isInteger,
  job: (value): value is Job | Trial => isJob(value) || isTrial(value),
  memoryMb: isPositive,
});

/** Its size is capped where it is read (see transport.ts). Throws a TypeError on what is none. */
export function orderOf(text: string): Order {
  const value: unknown = JSON.parse(text);
  if (!isOrder(value)) throw new TypeError("expected an order, got a message of another form");
  return value;
}

/** These properties and no others. */
function object<T extends object>(shape: Shape<T>): (value: unknown) => value is T {
  const keys = Object.keys(shape) as (keyof T & string)[];
  return (value): value is T =>
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === keys.length &&
    keys.every(key => Object.hasOwn(value, key) && shape[key]((value as T)[key]));
}
