import { Function, manualSeed } from "@gradient-lens/engine";
import * as a from "./scratch-a.ts";
import * as b from "./scratch-b.ts";
const ruleOk = (v: any) => typeof v === "function" && v.prototype instanceof Function;
export const rules: { rule: any; inputs: () => readonly (readonly unknown[])[] }[] = [];
for (const family of Object.values(a.FILES)) for (const v of Object.values(family as object)) if (ruleOk(v) && (a.INPUTS as any)[v.name]) rules.push({ rule: v, inputs: (a.INPUTS as any)[v.name] });
for (const v of b.EXPORTED as any[]) if ((b.INPUTS as any)[v.name]) rules.push({ rule: v, inputs: (b.INPUTS as any)[v.name] });
manualSeed(7);
