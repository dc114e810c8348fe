/**
 * @file Which versions of a wrong Function are right. The versions are alternatives within one script; each is looked at where the
 * Function is wrong and at the other inputs that it takes, and what seems right there is judged. Runs inside the sandbox.
 */

import { judge, Screen, type Sifted } from "@gradient-lens/engine/judge";
import type { Trial as TrialJob, Tried } from "../sandbox/job.ts";
import { type TriedOut, tryOut } from "./examine.ts";
import type { Examined } from "./inputs.ts";
import { nearby, resample } from "./sample.ts";
import { isGiven } from "./sample-trial.ts";

/** Points beside the one at which the Function is wrong. */
const MOST_POINTS = 6;
/** As many versions are judged: those that come first are the likeliest. */
const MOST_JUDGED = 40;
/** With so many that are right the rest, less likely ones, need not be looked at. */
const ENOUGH = 6;

/** One list of arguments, and how the Function as it is fares there. */
interface Post {
  readonly args: readonly unknown[];
  readonly screen: Screen;
  readonly before: Sifted;
}

/** What came of some combinations. */
export interface Attempts {
  readonly tried: Tried[];
  /** False where the time was over before the last of them. */
  readonly complete: boolean;
}

/**
 * @param choose makes the alternatives of these numbers the ones that are used
 * @param spent whether there is no time left
 */
export function tryCombinations(
  value: unknown,
  job: TrialJob,
  choose: (combination: readonly number[]) => void,
  spent: () => boolean,
): Attempts {
  choose([]);
  const tried = tryOut(value, job);
  if ("verdict" in tried) return { tried: [], complete: true };
  const { fn, names } = tried;
  const constant = new Set(names.flatMap((name, i) => (isGiven(name) ? [i] : [])));
  const posts = postsOf(tried, job.seed, constant);
  const before = rightOf(posts.map(post => post.before));
  const found: Tried[] = [];
  let judged = 0;
  let passed = 0;
  for (const [combination, numbers] of job.combinations.entries()) {
    if (posts.length === 0 || passed === ENOUGH) break;
    if (spent()) return { tried: found, complete: false };
    choose(numbers);
    const sifted = sift(fn, posts, before);
    const right = rightOf(sifted);
    if (sifted.length < posts.length || right.length === 0) continue;
    const complete = sifted.every((answer, p) => allRight(answer) || (p > 0 && answer === "throws"));
    const ruled = complete && judged++ < MOST_JUDGED ? judgedAt(fn, posts, sifted, job.seed, constant) : null;
    if (ruled !== null) {
      const throws = sifted.some((answer, p) => answer === "throws" && posts[p]!.before !== "throws");
      const answer = throws ? "somewhere" : ruled === "hinted" ? "hinted" : "everywhere";
      found.push({ combination, right: answer, arguments: right });
      if (answer === "everywhere") passed++;
    } else if (!complete) found.push({ combination, right: "no", arguments: right });
  }
  return { tried: found, complete: true };
}

/** At one point after the other, as long as some gradient is right that was wrong before, or all are. */
function sift(fn: Examined, posts: readonly Post[], before: readonly number[]): Sifted[] {
  const sifted: Sifted[] = [];
  for (const { screen } of posts) {
    const answer = screen.sift(fn);
    sifted.push(answer);
    if (answer === "wrong" || (answer === "throws" && sifted.length === 1)) break;
    const right = rightOf(sifted);
    if (!sifted.every(one => one === "throws" || allRight(one)) && right.every(i => before.includes(i)))
      break;
  }
  return sifted;
}

/** The point of the objection first. */
function postsOf({ fn, uniform, trials }: TriedOut, seed: number, constant: ReadonlySet<number>): Post[] {
  const objected = trials.find(trial => trial.objection !== null);
  if (objected === undefined) return [];
  const { sample, objection } = objected;
  const given = sample.pattern === null;
  const again = given ? nearby(sample.args, uniform) : resample(sample, uniform);
  const others = trials.filter(trial => trial !== objected).map(trial => trial.sample.args);
  const points = [given ? nearby(objection!.args, uniform) : objection!.args, again, ...others];
  return points.slice(0, 1 + MOST_POINTS).flatMap((args, p): Post[] => {
    const screen = Screen.at(fn, args, seed + p, constant);
    return screen === null ? [] : [{ args, screen, before: screen.sift(fn) }];
  });
}

/** The arguments whose gradients are right at every point at which it ran. */
function rightOf(sifted: readonly Sifted[]): number[] {
  const ran = sifted.filter(answer => typeof answer === "object");
  if (ran.length === 0 || sifted[0] === "throws" || sifted.includes("wrong")) return [];
  return ran[0]!.right.flatMap((_, i) => (ran.every(({ right }) => right[i]) ? [i] : []));
}

const allRight = (answer: Sifted): boolean => typeof answer === "object" && answer.right.every(Boolean);

/** Whether the judge agrees, with or without something to say all the same; null where it does not. */
function judgedAt(
  fn: Examined,
  posts: readonly Post[],
  sifted: readonly Sifted[],
  seed: number,
  constant: ReadonlySet<number>,
): "clean" | "hinted" | null {
  let hinted = false;
  for (const [p, { args }] of posts
    .filter((_, p) => sifted[p] !== "throws")
    .slice(0, 2)
    .entries()) {
    const ruling = judge(fn, args, seed, { thorough: p === 0, constant });
    if (ruling.kind === "agrees") hinted ||= ruling.hints.length > 0;
    else if (p === 0 || ruling.kind !== "not-differentiable") return null;
  }
  return hinted ? "hinted" : "clean";
}
