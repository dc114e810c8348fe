import { isTensor, manualSeed, randn, type Tensor, autograd } from "@gradient-lens/engine";
import { rules } from "./scratch-corpus.ts";
import { traceForward, traceBackward, refusalOf } from "../../engine/symbolic/function-trace.ts";
import { derive } from "../../engine/symbolic/derive.ts";
import { evaluate, costOf } from "../../engine/symbolic/evaluate.ts";
import { reachable } from "../../engine/symbolic/expression.ts";
import { simplify } from "../../engine/symbolic/simplify.ts";
let ok = 0, no = 0, wrong = 0, dear = 0; const times: number[] = []; const ratios: [number, string, number, number][] = [];
const only = process.argv[2];
for (const { rule, inputs } of rules) {
  if (only && rule.name !== only) continue;
  manualSeed(3);
  const res: string[] = [];
  for (const args of inputs()) {
    let r = "?";
    const reasons: any[] = [];
    for (const choice of [{}, { watched: false }, { readable: true }]) try {
      const t0 = performance.now();
      const names = { inputs: args.map((_, i) => `x${i}`) };
      const f = traceForward(rule, args, names, choice);
      const gs = f.outputs.map((y, o) => y && y.dtype.startsWith("float") ? f.trace.graph.leaf(`g${o}`, "gradOutput", randn([...y.shape])) : null);
      const d = derive(f, names, gs);
      times.push(performance.now() - t0);
      const live = args.map(a => isTensor(a) ? (a.isFloatingPoint() ? a.detach().clone().requiresGrad_() : a) : a);
      const out = [rule.apply(...live)].flat();
      const roots: Tensor[] = [], cs: Tensor[] = [];
      out.forEach((y: any, o: number) => { if (isTensor(y) && y.requiresGrad) { roots.push(y); cs.push(gs[o]!.value); } });
      const leaves = live.filter(a => isTensor(a) && a.isFloatingPoint()) as Tensor[];
      const ref = autograd.grad(roots, leaves, { gradOutputs: cs, allowUnused: true });
      const grads = d.grads.filter((_, i) => isTensor(args[i]) && (args[i] as Tensor).isFloatingPoint());
      r = "ok";
      ref.forEach((want, i) => {
        const got = grads[i] ? grads[i]!.value : null;
        const diff = want === null && got === null ? 0 : want === null ? got!.abs().sum().item() : got === null ? want.abs().sum().item() : want.sub(got).abs().max().item() / (1 + want.abs().max().item());
        if (!(diff < 1e-8)) r = `WRONG#${i} ${diff}`;
      });
      try {
        const own = traceBackward(rule, f, gs).filter(x => x !== null);
        const saved = new Map();
        const base = costOf(own) - costOf(reachable(own).filter(e => e.id < f.trace.graph.size && f.outputs.includes(e as any)));
        const mine = costOf(d.grads.filter(x => x !== null) as any);
        // what forward computed is free for the user's backward
        const fw = new Set(reachable(f.outputs.filter(x => x !== null) as any).filter(e => e.kind === "application").map((e: any) => e.call));
        let own2 = 0; const seen = new Set();
        const { costOfCall } = await import("../../engine/symbolic/evaluate.ts");
        for (const e of reachable(own as any)) if (e.kind === "application" && !seen.has(e.call) && !fw.has(e.call)) { seen.add(e.call); own2 += costOfCall(e.call); }
        ratios.push([mine / Math.max(own2, 1), rule.name, mine, own2]);
      } catch (e) { if (process.env.V) console.log("own backward", rule.name, e); }
      if (only) console.log(reachable(d.grads.filter(x => x) as any).map(e => e.kind === "application" ? `${e.id}=${e.call.name}(${e.call.inputs.map(x => x.id)})[${e.shape}]` : `${e.id}=${e.kind === "leaf" ? e.name : "const " + e.uniform}[${e.shape}]`).join("\n"), d.grads.map(g => g?.id));
      break;
    } catch (e) { reasons.push(JSON.stringify(refusalOf(e)).slice(0, 200)); r = reasons.join(" | "); if (process.env.V) console.log(e); }
    res.push(r);
  }
  const good = res.filter(r => r === "ok").length;
  if (good === res.length) ok++; else { if (res.some(r => r.startsWith("WRONG"))) wrong++; else no++; console.log(rule.name, res.join("\n      ")); }
}
console.log({ n: rules.length, ok, no, wrong });
times.sort((a, b) => a - b); console.log("ms median", times[times.length >> 1], "p90", times[Math.floor(times.length * .9)], "max", times.at(-1));
ratios.sort((a, b) => b[0] - a[0]); console.log(ratios.filter(r => r[0] > 1.5).length, "of", ratios.length, "dearer than 1.5"); for (const r of ratios.slice(0, Number(process.env.N ?? 40))) console.log(r[0].toFixed(2), r[1], r[2], r[3]);
