/**
 * @file In-place operations: the value is computed as ever, written over the tensor's elements, and the
 * tensor takes over the value's history. Views share elements, so what is written into a view enters the
 * history of its base, and other views of the base learn of it when they are next asked.
 */

import { assignStrided, copyStrided } from "../kernels/strided.ts";
import { conversionTo } from "../tensor/creation.ts";
import { isFloatingPoint } from "../tensor/dtype.ts";
import { formatShape, isContiguous, sameShape } from "../tensor/shape.ts";
import { giveBack } from "../tensor/storage.ts";
import {
  aliasOf,
  baseOf,
  dataOf,
  empty,
  type Geometry,
  isTensor,
  nodeOf,
  offsetOf,
  onRebase,
  outputNrOf,
  setHistory,
  setWrapper,
  shapeOf,
  storageOf,
  stridesOf,
  type Tensor,
  viewOf,
  wrapperOf,
} from "../tensor/tensor.ts";
import { enableGrad, isGradEnabled } from "./mode.ts";
import { hooksAt, type Node } from "./node.ts";
import { call, type Primitive } from "./primitive.ts";

// biome-ignore lint/suspicious/noExplicitAny: any function of a tensor and more.
type TensorFunction = (input: any, ...args: any[]) => Tensor;

/** In-place variants under torch's names: `{ add }` gives `add_`. */
export function inPlace(functions: Readonly<Record<string, TensorFunction>>): Record<string, TensorFunction> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, f]) => [
      `${name}_`,
      (input: Tensor, ...args: unknown[]): Tensor => {
        const value = f(input, ...args);
        refuseLoss(`${name}_`, input, value);
        return assign(`${name}_`, input, value, !holdsElementsOf(value, [input, ...args]));
      },
    ]),
  );
}

function holdsElementsOf(value: Tensor, args: readonly unknown[]): boolean {
  return args.some(arg => isTensor(arg) && storageOf(arg) === storageOf(value));
}

/** Torch's rule for results that are computed: no fraction is cut off, and no number becomes a truth value. */
function refuseLoss(name: string, target: Tensor, { dtype }: Tensor): void {
  if (target.isFloatingPoint() || dtype === target.dtype || dtype === "bool") return;
  if (!isFloatingPoint(dtype) && target.dtype !== "bool") return;
  throw new TypeError(
    `${name}(): the result's dtype ${dtype} cannot be cast to ${target.dtype}, which this tensor holds. ` +
      "Convert the tensor first, or use the variant that is not in place.",
  );
}

/**
 * Overwrites `target` with `value`, in elements and in history.
 * @param fresh whether nobody else has `value`
 * @throws for a leaf that requires gradients, and where shapes differ
 */
export function assign(name: string, target: Tensor, value: Tensor, fresh = false): Tensor {
  if (isGradEnabled()) refuseLeaf(name, target);
  if (!sameShape(shapeOf(target), shapeOf(value))) {
    throw new RangeError(
      `${name}() cannot change a shape in place: expected a result of shape ${formatShape(shapeOf(target))}, ` +
        `got ${formatShape(shapeOf(value))}.`,
    );
  }
  const converted = value.dtype === target.dtype ? value : value.to(target.dtype);
  const base = baseOf(target);
  if (isGradEnabled()) refuseFunctionView(name, target);
  const recorded = isGradEnabled() && (converted.requiresGrad || target.requiresGrad);
  const wrapper = wrapperOf(converted) ?? wrapperOf(target);
  if (wrapper?.kind === "traced" && wrapper.tracer.assign !== undefined) {
    wrapper.tracer.assign(target, converted);
    storageOf(target).version++;
    return target;
  }
  if (wrapper !== null && (base !== null || wrapper.kind === "batched")) {
    throw new Error(
      `${name}() is not possible here: a transform has wrapped this tensor. Use the variant that is not in place.`,
    );
  }
  // Before the elements change: the base's earlier value is what flows around the view.
  const whole =
    recorded && base !== null ? call(viewScatter, [base, converted], geometryOf(target, base)) : null;
  // A wrapped tensor's array belongs to what it stands for, too.
  if (fresh && !recorded && wrapper === null && isWhole(target) && isWhole(converted)) {
    giveBack(dataOf(target));
    storageOf(target).data = dataOf(converted);
  } else {
    write(target, converted);
  }
  storageOf(target).version++;
  // As in torch: of what was and what is now in these elements, `.grad` is that of the latter.
  const owner = base ?? target;
  const retains = recorded && owner.retainsGrad;
  if (retains) hooksAt(nodeOf(owner)!).retain[outputNrOf(owner)] = undefined;
  if (whole !== null && base !== null) setHistory(base, nodeOf(whole), outputNrOf(whole));
  else if (recorded) setHistory(target, nodeOf(converted), outputNrOf(converted));
  if (retains) owner.retainGrad();
  if (wrapper !== null) setWrapper(target, wrapperOf(converted));
  return target;
}

/**
 * What a custom Function changed in place (`markDirty`) becomes an output of its node; through a view, so does that
 * part of its base.
 */
export function makeOutput(target: Tensor, node: Node, outputNr: number): void {
  const base = baseOf(target);
  if (base === null) {
    setHistory(target, node, outputNr);
    return;
  }
  const changed = aliasOf(target);
  setHistory(changed, node, outputNr);
  const whole = enableGrad(() => call(viewScatter, [base, changed], geometryOf(target, base)));
  setHistory(base, nodeOf(whole), outputNrOf(whole));
}

/** Outputs of custom Functions that look into an input, with the name of the Function's node. */
const functionViews = new WeakMap<Tensor, string>();

/** Forbids what would lead gradients around the Function that made this view: changing it, or its base, in place. */
export function guardFunctionView(view: Tensor, by: string): void {
  functionViews.set(view, by);
}

function refuseFunctionView(name: string, view: Tensor): void {
  const by = functionViews.get(view);
  if (by === undefined) return;
  throw new Error(
    `${name}: an output of ${by} is a view and it or its base is being modified in place. The view was created inside a ` +
      "custom Function (or an input was returned as it is), and gradients would go around that Function's backward. " +
      "Return a clone() from its forward.",
  );
}

/** @throws for a leaf that requires gradients, or a view of one */
export function refuseLeaf(name: string, target: Tensor): void {
  const base = baseOf(target);
  const leaf = base ?? target;
  if (leaf.requiresGrad && nodeOf(leaf) === null) {
    throw new Error(
      `${base === null ? "A" : "A view of a"} leaf tensor that requires grad is being used in an in-place operation, ` +
        `${name}(). Do it inside noGrad(() => …), or on a clone().`,
    );
  }
}

/** Whether a tensor's elements are all of an array's, in their order. */
function isWhole(t: Tensor): boolean {
  return t.isContiguous() && offsetOf(t) === 0 && dataOf(t).length === t.numel();
}

function write(target: Tensor, value: Tensor): void {
  const source = { data: dataOf(value), offset: offsetOf(value), strides: stridesOf(value) };
  if (target.dtype === value.dtype && target.isContiguous()) {
    copyStrided(shapeOf(target), dataOf(target), offsetOf(target), source);
    return;
  }
  const to = { data: dataOf(target), offset: offsetOf(target), strides: stridesOf(target) };
  assignStrided(shapeOf(target), to, source, conversionTo(target.dtype));
}

/** Where a view lies in its base, which is row-major unless it was itself cut out of something by `detach`. */
export function geometryOf(view: Tensor, base: Tensor): Geometry {
  if (!isContiguous(shapeOf(base), stridesOf(base))) {
    throw new Error(
      "An in-place operation on a view of a tensor that is not contiguous cannot be differentiated; use a clone().",
    );
  }
  return { shape: shapeOf(view), strides: stridesOf(view), offset: offsetOf(view) - offsetOf(base) };
}

function within(t: Tensor, { shape, strides, offset }: Geometry): Tensor {
  return viewOf(t, offsetOf(t) + offset, shape, strides);
}

/** A row-major tensor's elements at the places that a geometry names. */
export const viewGather: Primitive<[base: Tensor], Geometry> = {
  name: "asStrided",
  forward: ([base], geometry) => within(base, geometry),
  vjp: [(g, [base], _y, geometry) => call(viewScatter, [empty(shapeOf(base), g.dtype), g], geometry)],
  jvp: "linear",
};

/** A copy of `base` with `value` at the places that a geometry names. */
export const viewScatter: Primitive<[base: Tensor, value: Tensor], Geometry> = {
  name: "copySlices",
  forward([base, value], geometry) {
    const result = empty(shapeOf(base), base.dtype);
    write(result, base);
    write(within(result, geometry), value);
    return result;
  },
  vjp: [
    (g, [, value], _y, geometry) => call(viewScatter, [g, empty(shapeOf(value), g.dtype)], geometry),
    (g, _inputs, _y, geometry) => call(viewGather, [g.contiguous()], geometry),
  ],
  jvp: "linear",
};

onRebase((base, geometry, view) => {
  refuseFunctionView("gradFn", view);
  return enableGrad(() => call(viewGather, [base], geometry));
});
