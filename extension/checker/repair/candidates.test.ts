/** @file Text in, texts out: what each kind of change makes of a Function. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it, test } from "vitest";
import { inProject } from "../../../scripts/project.ts";
import type { FunctionSite } from "../checker.ts";
import type { Derivation } from "../derivation.ts";
import { findFunctions } from "../source/functions.ts";
import { applied, type Candidate, editsOf } from "./candidate.ts";
import { candidatesFor } from "./candidates.ts";
import { type Ground, groundOf } from "./ground.ts";
import type { Wrong } from "./repair.ts";
import { withSwitches } from "./switches.ts";

const FILE = "/code/rules.ts";

const nothingKnown = { rule: "wrong-vjp", cause: null, derivation: null } as const;

async function sitesIn(file: string, text: string): Promise<FunctionSite[]> {
  return findFunctions(file, text, async () => undefined);
}

async function groundIn(text: string): Promise<Ground> {
  const [site] = await sitesIn(FILE, text);
  return groundOf(FILE, text, site!)!;
}

interface Written {
  forward?: string;
  backward: string;
  imports?: string;
  before?: string;
}

const functionOf = ({
  forward = "ctx.saveForBackward(x, w);\n    return x.matmul(w);",
  backward,
  imports = "Function, type Context, type Tensor",
  before = "",
}: Written): string => `import { ${imports} } from "@gradient-lens/engine";
${before}
class Rule extends Function {
  static forward(ctx: Context, x: Tensor, w: Tensor) {
    ${forward}
  }
  static backward(ctx: Context, g: Tensor) {
    ${backward}
  }
}
`;

/** The texts that the candidates make. */
async function changedTexts(
  text: string,
  wrong: Pick<Wrong, "rule" | "cause" | "derivation"> = nothingKnown,
): Promise<string[]> {
  const ground = await groundIn(text);
  return candidatesFor(ground, wrong).map(candidate => applied(text, editsOf(candidate))!);
}

const WHOLE = "const [x, w] = ctx.savedTensors;\n    ";

describe("a candidate", () => {
  test.each<[what: string, from: string, to: string]>([
    ["transposes an operand", "return x.matmul(g);", "return x.t().matmul(g);"],
    ["transposes batches, too", "return x.matmul(g);", "return x.mT.matmul(g);"],
    ["takes a transpose away", "return x.t().matmul(g);", "return x.matmul(g);"],
    ["takes a transpose away that is a property", "return x.mT.matmul(g);", "return x.matmul(g);"],
    ["swaps the operands of a product", "return g.matmul(w);", "return w.matmul(g);"],
    ["swaps two gradients", "return [g.mul(x), g.mul(w)];", "return [g.mul(w), g.mul(x)];"],
    ["swaps unpacked names", "const [a, b] = ctx.savedTensors;", "const [b, a] = ctx.savedTensors;"],
    ["unpacks from the next place", "const [a] = ctx.savedTensors;", "const [, a] = ctx.savedTensors;"],
    ["unpacks from the place before", "const [, a] = ctx.savedTensors;", "const [a] = ctx.savedTensors;"],
    ["negates", "return g.mul(x);", "return g.mul(x).neg();"],
    ["negates no more", "return g.mul(x).neg();", "return g.mul(x);"],
    ["negates a sum in brackets no more", "return (g).neg();", "return (g);"],
    ["takes matmul for mul", "return g.mul(x);", "return g.matmul(x);"],
    ["takes sub for add", "return g.add(x);", "return g.sub(x);"],
    ["takes div for mul", "return g.mul(x);", "return g.div(x);"],
    ["multiplies by gradOutput", "return x.mul(2);", "return x.mul(2).mul(g);"],
    ["takes another name", "return g.mul(x);", "return g.mul(w);"],
    ["drops a factor", "return g.mul(x).mul(2);", "return g.mul(x);"],
    ["takes another number", "return g.mul(2);", "return g.mul(4);"],
    ["doubles", "return g.mul(x);", "return g.mul(x).mul(2);"],
    ["divides by a size", "return g.mul(x.size(0));", "return g.mul(x.size(-1));"],
    ["sums over the batch", "return g;", "return g.sum(0);"],
    ["sums to a shape", "return g;", "return g.sumToSize(w.shape);"],
    ["takes the sum for the mean", "return g.mean(0);", "return g.sum(0);"],
    ["takes another axis", "return g.sum(0);", "return g.sum(1);"],
    ["keeps the dimension", "return g.sum(1);", "return g.sum(1, true);"],
    ["keeps the dimension no more", "return g.sum(1, true);", "return g.sum(1);"],
    ["drops what bends gradOutput", "return g.clamp(-1, 1).mul(x);", "return g.mul(x);"],
    ["takes nothing in place", "return g.mul_(x);", "return g.mul(x);"],
    ["gives a copy", "return g.mul_(x);", "return g.mul_(x).clone();"],
    ["adds where indices meet", "return g.scatter(1, x, w);", "return g.scatterAdd(1, x, w);"],
    ["turns a running sum", "return g.cumsum(0);", "return g.flip(0).cumsum(0).flip(0);"],
    ["rolls the other way", "return g.roll(1, 0);", "return g.roll(-1, 0);"],
    ["drops a detach", "return g.mul(x.detach());", "return g.mul(x);"],
    ["returns", "g.mul(x);", "return g.mul(x);"],
    ["returns null, too", "return g.mul(x);", "return [g.mul(x), null];"],
    ["returns one gradient less", "return [g, x, w];", "return [g, x];"],
    ["squares", "return g.div(x);", "return g.div(x.square());"],
    [
      "has both terms of a product rule",
      "return x.matmul(w).mul(2);",
      "return x.matmul(w).add(x.matmul(w.t()));",
    ],
    ["always takes a branch", "return x ? g : w;", "return g;"],
  ])("%s", async (_, from, to) => {
    const backward = from.includes("savedTensors") ? `${from}\n    return g.mul(b ?? a);` : WHOLE + from;
    const expected = backward.replace(from, () => to);
    expect(await changedTexts(functionOf({ backward }))).toContain(functionOf({ backward: expected }));
  });

  it("saves another tensor", async () => {
    const forward = (saved: string) =>
      `const y = x.exp();\n    ctx.saveForBackward(${saved});\n    return y;`;
    const backward = "return g.mul(ctx.savedTensors[0]);";
    const texts = await changedTexts(functionOf({ forward: forward("x"), backward }));
    expect(texts).toContain(functionOf({ forward: forward("y"), backward }));
  });

  it("imports a free function", async () => {
    const written = (name: string): Written => ({
      backward: `return ${name}(g, 0, x, w);`,
      imports: `Function, ${name}, type Context, type Tensor`,
    });
    const ground = await groundIn(functionOf(written("indexCopy")));
    const added = candidatesFor(ground, nothingKnown).filter(({ imports }) => imports?.includes("indexAdd"));
    expect(added).toHaveLength(1);
  });

  it("moves what is kept in the module to ctx, and takes the declaration away", async () => {
    const text = functionOf({
      before: "// Kept.\nlet kept: Tensor;\n",
      forward: "kept = x;\n    return x.mul(x);",
      backward: "return g.mul(kept).mul(2);",
    });
    const moved = functionOf({
      before: "// Kept.\n",
      forward: "ctx.kept = x;\n    return x.mul(x);",
      backward: "return g.mul(ctx.kept).mul(2);",
    });
    expect(await changedTexts(text, { ...nothingKnown, rule: "state-leak" })).toContain(moved);
  });

  it("returns what was derived, in backward's own names", async () => {
    const gradient = (typescript: string) => ({ maths: "", latex: "", typescript });
    const derivation = {
      gradients: [gradient("g.matmul(w.t())"), gradient("x.t().matmul(g)")],
      statements: [],
      imports: [],
      saved: [],
    } as Partial<Derivation> as Derivation;
    const backward = (w: string) => `const [input, weight] = ctx.savedTensors;\n    return [${w}, g];`;
    const texts = await changedTexts(functionOf({ backward: backward("g") }), {
      ...nothingKnown,
      derivation,
    });
    expect(texts).toContain(functionOf({ backward: backward("g.matmul(weight.t())") }));
    const both = "g.matmul(weight.t()), input.t().matmul(g)";
    expect(texts).toContain(functionOf({ backward: backward("g").replace("[g, g]", `[${both}]`) }));
  });
});

const FOLDERS = ["planted", "mistakes"].map(name => inProject("test", "verdict", name));
const files = FOLDERS.flatMap(folder => readdirSync(folder).map(name => join(folder, name)));

/** What a candidate's edits leave of a text. */
function kept(text: string, candidate: Candidate): string[] {
  let at = 0;
  const pieces = editsOf(candidate).map(({ start, end }) => {
    const piece = text.slice(at, start);
    at = end;
    return piece;
  });
  return [...pieces, text.slice(at)];
}

describe.each(files)("%s", file => {
  const text = readFileSync(file, "utf8");

  it("stays as it is, byte for byte, outside of each candidate's edits, which never overlap", async () => {
    for (const site of (await sitesIn(file, text)).filter((_, i) => i % 4 === 0)) {
      const ground = groundOf(file, text, site)!;
      for (const candidate of candidatesFor(ground, nothingKnown)) {
        const edits = editsOf(candidate);
        const changed = applied(text, edits);
        expect(changed).not.toBeNull();
        let at = 0;
        kept(text, candidate).forEach((piece, i) => {
          if (changed!.slice(at, at + piece.length) !== piece)
            throw new Error(`${candidate.title}: ${piece}`);
          at += piece.length + (edits[i]?.newText.length ?? 0);
        });
        expect(at).toBe(changed!.length);
      }
    }
  });

  it("can be written with a switch at each place", async () => {
    for (const site of (await sitesIn(file, text)).filter((_, i) => i % 4 === 0)) {
      const ground = groundOf(file, text, site)!;
      const switched = withSwitches(text, candidatesFor(ground, nothingKnown));
      const { diagnostics = [] } = ts.transpileModule(switched, { reportDiagnostics: true });
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
    }
  });
});
