/** @file Rulings that name their own cause: what backward returned, changed or kept, whatever its gradients are. */

import type { Ruling } from "@gradient-lens/engine/judge";
import type { Explanation } from "./explanation.ts";

export function explainRuling(ruling: Ruling, names: readonly string[]): Explanation | null {
  const about = (i: number): { argument: string } => ({ argument: names[i] ?? `argument ${i}` });
  const plain = (kind: Explanation["kind"]): Explanation => ({ kind, details: {} });
  switch (ruling.kind) {
    case "grad-count":
      return plain(ruling.got < ruling.expected ? "gradients-too-few" : "gradients-too-many");
    case "no-return":
      return plain("return-missing");
    case "missing-grad":
      return { kind: "gradient-null", details: about(ruling.argument) };
    case "not-a-tensor":
      return { kind: "not-a-tensor", details: about(ruling.argument) };
    case "input-mutated":
      return { kind: "input-modified", details: about(ruling.argument) };
    case "saved-mutated":
      return plain("saved-modified");
    case "grad-output-mutated":
      return plain("grad-output-modified");
    case "state-leak":
      return plain(ruling.how === "shared" ? "state-shared" : "buffer-reused");
    case "nondeterministic":
      return ruling.by === "backward" ? plain("random-in-backward") : null;
    case "needs-ignored":
      return { kind: "needs-input-grad", details: about(ruling.argument) };
    case "jvp-shape":
      return plain("jvp-shape");
    case "wrong-double-backward":
      return plain("cut-off");
    default:
      return null;
  }
}
