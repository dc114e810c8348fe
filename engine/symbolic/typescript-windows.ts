/** @file Convolutions, windows and padding as TypeScript, by the functions of `nn.functional`. */

import type { Windows } from "../kernels/windows.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Application, Expression } from "./expression.ts";
import { Unwritable, type Write } from "./typescript.ts";

/** A list, or the one number that all are. */
function extents(list: readonly number[]): string {
  return list.every(n => n === list[0]) ? String(list[0]) : `[${list.join(", ")}]`;
}

/** `{ stride: 2 }`: what differs from the default. */
function options(entries: Readonly<Record<string, readonly number[] | number>>, usual: number[]): string[] {
  const told = Object.entries(entries).flatMap(([name, value], i) => {
    const list = typeof value === "number" ? [value] : value;
    return list.every(n => n === usual[i]) ? [] : [`${name}: ${extents(list)}`];
  });
  return told.length === 0 ? [] : [`{ ${told.join(", ")} }`];
}

interface Convolution {
  readonly windows: Windows;
  readonly groups: number;
}

const paramsOf = (e: Application): Convolution => e.call.params as Convolution;

function rankOf({ windows }: Convolution): number {
  const rank = windows.input.length;
  if (rank > 3) throw new Unwritable(`There is no public convolution over ${rank} dimensions.`);
  return rank;
}

/** What a convolution's windows see of an image: its size without the entries at the end that none sees. */
function seen({ output, stride, padding, dilation, kernel }: Windows): number[] {
  return output.map((n, i) => (n - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (kernel[i]! - 1) + 1);
}

export const WINDOW_WRITERS: Readonly<Record<string, Write>> = {
  convolution(e, w) {
    const params = paramsOf(e);
    const [x, kernels] = e.call.inputs as [Expression, Expression];
    const { stride, padding, dilation } = params.windows;
    return w.free(
      `nn.functional.conv${rankOf(params)}d`,
      w.write(x),
      w.write(kernels),
      ...options({ stride, padding, dilation, groups: params.groups }, [1, 0, 1, 1]),
    );
  },
  convolutionTransposed(e, w) {
    const params = paramsOf(e);
    const [y, kernels] = e.call.inputs as [Expression, Expression];
    const { stride, padding, dilation, input } = params.windows;
    const least = seen(params.windows);
    const outputPadding = input.map((n, i) => n - least[i]!);
    return w.free(
      `nn.functional.convTranspose${rankOf(params)}d`,
      w.write(y),
      w.write(kernels),
      ...options({ stride, padding, outputPadding, groups: params.groups, dilation }, [1, 0, 0, 1, 1]),
    );
  },
  /** A convolution of the images with the results as kernels, batches and channels swapped, strides and dilations, too. */
  convolutionWeight(e, w) {
    const params = paramsOf(e);
    if (params.groups !== 1) throw new Unwritable("There is no public function for the kernels of groups.");
    const [x, y] = e.call.inputs as [Expression, Expression];
    const { stride, padding, dilation, input, output } = params.windows;
    const found = input.map(
      (n, i) => Math.floor((n + 2 * padding[i]! - stride[i]! * (output[i]! - 1) - 1) / dilation[i]!) + 1,
    );
    const swapped = (t: Expression): string => w.apply("transpose", t, "0", "1");
    let text = w.free(
      `nn.functional.conv${rankOf(params)}d`,
      swapped(x),
      swapped(y),
      ...options({ stride: dilation, padding, dilation: stride }, [1, 0, 1]),
    );
    text = w.chains ? `${text}.transpose(0, 1)` : w.free("transpose", text, "0", "1");
    e.shape.slice(2).forEach((n, i) => {
      if (n === found[i]) return;
      const place = [String(i + 2), "0", String(n)];
      text = w.chains ? `${text}.narrow(${place.join(", ")})` : w.free("narrow", text, ...place);
    });
    return text;
  },
  im2col(e, w) {
    const { kernel, dilation, padding, stride } = imageWindows(e);
    const [x] = e.call.inputs as [Expression];
    const how = options({ dilation, padding, stride }, [1, 0, 1]);
    return w.free("nn.functional.unfold", w.write(x), extents(kernel), ...how);
  },
  col2im(e, w) {
    const { kernel, dilation, padding, stride, input } = imageWindows(e);
    const [x] = e.call.inputs as [Expression];
    const how = options({ dilation, padding, stride }, [1, 0, 1]);
    const like = w.like(e.shape);
    const size =
      like === undefined ? `[${input.map(n => w.size(n)).join(", ")}]` : `${like.name}.shape.slice(2)`;
    return w.free("nn.functional.fold", w.write(x), size, extents(kernel), ...how);
  },
  constantPad(e, w) {
    const { ends, value } = e.call.params as { ends: readonly (readonly [number, number])[]; value: number };
    const list = [...ends].reverse().flat();
    const more = value === 0 ? [] : ['"constant"', String(value)];
    return w.free("nn.functional.pad", w.write(e.call.inputs[0]!), `[${list.join(", ")}]`, ...more);
  },
  unfold(e, w) {
    const { dimension, size, step } = e.call.params as { dimension: number; size: number; step: number };
    return w.apply("unfold", e.call.inputs[0]!, String(dimension), String(size), String(step));
  },
};

function imageWindows(e: Application): Windows {
  const windows = e.call.params as Windows;
  const images = e.call.name === "im2col" ? e.call.inputs[0]!.shape : e.shape;
  const plain = images.length === 4 && sameShape(images.slice(2), windows.input);
  if (!plain) throw new Unwritable("There is no public function for windows over these dimensions.");
  return windows;
}
