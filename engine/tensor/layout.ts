/** @file How elements lie, from a tensor's first one on. What is computed elementwise shares the layout of what it is computed from. */

import { contiguousStrides, isContiguous, numelOf, type Shape } from "./shape.ts";

export class Layout {
  readonly shape: Shape;
  /** Steps, in elements, between neighbours along each dimension. */
  readonly strides: Shape;
  /** Number of elements. */
  readonly numel: number;
  /** Whether the elements lie row-major without gaps. */
  readonly contiguous: boolean;

  constructor(shape: Shape, strides: Shape, contiguous = isContiguous(shape, strides)) {
    this.shape = shape;
    this.strides = strides;
    this.numel = numelOf(shape);
    this.contiguous = contiguous;
  }
}

export function rowMajor(shape: Shape): Layout {
  return new Layout(shape, contiguousStrides(shape), true);
}
