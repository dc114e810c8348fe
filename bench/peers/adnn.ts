/**
 * @file adnn: eager reverse mode in float64, on numbers (its strong side) and on tensors.
 * @see https://github.com/dritchie/adnn
 */

import { contestant } from "../contestant.ts";
import { loadCommonJs, type Peer, versionOf } from "../peer.ts";

interface Node {
  readonly dx: number | Tensor;
  backprop(): void;
}

interface Tensor {
  readonly data: Float64Array;
  fill(value: number): Tensor;
  fromFlatArray(values: ArrayLike<number>): Tensor;
}

type Value = Node | Tensor | number;

interface Functions {
  mul(x: Value, y: Value): Value;
  add(x: Value, y: Value): Value;
  exp(x: Value): Value;
  sqrt(x: Value): Value;
  sumreduce(x: Value): Node;
}

interface Ad {
  readonly scalar: Functions;
  readonly tensor: Functions;
  lift(x: number | Tensor): Node;
}

export const ADNN = "adnn";
/** Numbers are no tensors: no shape, no dtype, no views, no broadcasting. */
export const ADNN_NUMBERS = "adnn, on plain numbers";

export async function openAdnn(): Promise<Peer> {
  const ad = loadCommonJs<Ad>("adnn/ad");
  const Tensor = loadCommonJs<new (shape: readonly number[]) => Tensor>("adnn/tensor");
  return {
    version: versionOf("adnn"),

    chain({ shape, start, links }) {
      const chain = (onNumbers: boolean) => {
        const { mul, add, exp, sqrt, sumreduce } = onNumbers ? ad.scalar : ad.tensor;
        const constant = (value: number): Value => (onNumbers ? value : new Tensor(shape).fill(value));
        const [factor, offset] = [constant(2), constant(-2)];
        const initial = onNumbers ? start[0]! : new Tensor(shape).fromFlatArray(start);
        const run = (): Node => {
          const leaf = ad.lift(initial);
          let x: Value = leaf;
          for (let i = 0; i < links; i++) x = sqrt(exp(add(mul(x, factor), offset)));
          const end = onNumbers ? (x as Node) : sumreduce(x);
          end.backprop();
          return leaf;
        };
        const name = onNumbers ? ADNN_NUMBERS : ADNN;
        return contestant(name, run, ({ dx }) => (typeof dx === "number" ? dx : dx.data[0]!));
      };
      return start.length === 1 ? [chain(false), chain(true)] : [chain(false)];
    },
  };
}
