/** @file Every peer, and what it takes part in. */

import type { PeerEntry } from "../peer.ts";
import { openAdnn } from "./adnn.ts";
import { openDeepbox } from "./deepbox.ts";
import { openJax } from "./jax-js.ts";
import { openJsPytorch } from "./js-pytorch.ts";
import { openMlMatrix } from "./ml-matrix.ts";
import { openNumpyTs } from "./numpy-ts.ts";
import { plain } from "./plain.ts";
import { openTfjs } from "./tfjs.ts";
import { openTorch } from "./torch.ts";

export const peers: readonly PeerEntry[] = [
  {
    name: "torch",
    tasks: ["gradcheck", "chain", "matmul", "elementwise", "perceptron"],
    open: openTorch,
  },
  { name: "plain loops", tasks: ["gradcheck", "matmul", "elementwise"], open: async () => plain },
  { name: "adnn", tasks: ["chain"], open: openAdnn },
  { name: "tfjs (cpu)", tasks: ["chain", "perceptron"], open: () => openTfjs("cpu") },
  { name: "tfjs (wasm)", tasks: ["chain", "perceptron"], open: () => openTfjs("wasm") },
  { name: "js-pytorch", tasks: ["chain", "perceptron"], open: openJsPytorch },
  { name: "deepbox", tasks: ["chain", "perceptron"], open: openDeepbox },
  { name: "jax-js", tasks: ["chain", "matmul", "perceptron"], open: openJax },
  { name: "numpy-ts", tasks: ["matmul", "elementwise"], open: openNumpyTs },
  { name: "ml-matrix", tasks: ["matmul"], open: openMlMatrix },
];
