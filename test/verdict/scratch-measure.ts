import { autograd, isTensor, manualSeed, randn, type Tensor } from "@gradient-lens/engine";
import { rules } from "./scratch-corpus.ts";
import { traceForward, traceBackward, namesOf, refusalOf } from "../../engine/symbolic/function-trace.ts";
import { pullback } from "../../engine/symbolic/pullback.ts";
import { evaluate, costOf } from "../../engine/symbolic/evaluate.ts";
let ok = 0, no = 0, wrong = 0; 
for (const { rule, inputs } of rules) {
  manualSeed(3);
  const lists = inputs();
  const res: string[] = [];
  for (const args of lists) {
    let r = "?";
    for (const watched of [true, false]) try {
      const f = traceForward(rule, args, { inputs: args.map((_, i) => `x${i}`) }, { watched });
      const gs = f.outputs.map((y, o) => y && y.dtype.startsWith("float") ? f.trace.graph.leaf(`g${o}`, "gradOutput", randn([...y.shape])) : null);
      const wrt = f.inputs.filter(x => x !== null && x.dtype.startsWith("float")) as any[];
      const grads = pullback(f.trace, f.outputs, gs, wrt);
      // reference: own backward
      const live = args.map(a => isTensor(a) ? (a.isFloatingPoint() ? a.detach().clone().requiresGrad_() : a) : a);
      const out = [rule.apply(...live)].flat();
      const roots: Tensor[] = [], cs: Tensor[] = [];
      out.forEach((y: any, o: number) => { if (isTensor(y) && y.requiresGrad) { roots.push(y); cs.push(gs[o]!.value); } });
      const leaves = live.filter(a => isTensor(a) && a.isFloatingPoint()) as Tensor[];
      const ref = autograd.grad(roots, leaves, { gradOutputs: cs, allowUnused: true });
      r = "ok";
      ref.forEach((want, i) => {
        const got = grads[i] ? grads[i]!.value : null;
        const diff = want === null && got === null ? 0 : want === null ? got!.abs().sum().item() : got === null ? want.abs().sum().item() : want.sub(got).abs().max().item() / (1 + want.abs().max().item());
        if (!(diff < 1e-8)) r = `WRONG#${i} ${diff}`;
      });
      break;
    } catch (e) { r = (watched ? "" : "unwatched: ") + JSON.stringify(refusalOf(e)).slice(0, 300); if (process.env.V) console.log(e); }
    res.push(r);
  }
  const good = res.filter(r => r === "ok").length;
  if (good === res.length) ok++; else { if (res.some(r => r.startsWith("WRONG"))) wrong++; else no++; console.log(rule.name, res.join("\n      ")); }
}
console.log({ n: rules.length, ok, no, wrong });
