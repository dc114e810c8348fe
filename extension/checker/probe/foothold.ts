/**
 * @file The first arguments that forward accepts, of whatever kind: a best-first search over ranks, values of the other
 * arguments, value domains and sizes.
 *
 * All sizes are the same at first, as sizes that must agree then do. Every way to make an argument has a cost, and the
 * cheapest list of arguments comes first. Where forward complains as it has not before, one of the arguments took it a
 * step further: what differs from them in one respect is tried sooner. That is how the ranks of seven tensors are found
 * without going through 5⁷ of them. What the complaint says decides nothing.
 */

import type { Choice } from "./candidates.ts";
import { DOMAINS, type Domain } from "./domains.ts";
import { discrete } from "./index-tensors.ts";
import type { Recipe, Shapes, Slot, TensorRecipe } from "./recipe.ts";
import { slotsOf } from "./recipe.ts";
import { sizesIn, textOf } from "./source-hints.ts";
import type { Trials } from "./trials.ts";

/** Arguments of which forward accepts every draw. */
export interface Foothold {
  readonly recipes: readonly Recipe[];
  readonly shapes: Shapes;
  readonly domains: readonly Domain[];
}

/** 4 first: it is even, has a root, and is what a quaternion has. Others where a size is a matter of kind. */
const SIZES = [4, 3, 6, 8, 2];
/** 2 is the last resort: half of it is 1, which goes with any size. */
const SIZE_COSTS = [0, 1.5, 2.5, 3, 4.5];
/** What one more step down the list of domains costs. */
const DOMAIN_STEP = 0.35;
/** Sizes of dimensions that must differ from the rest: twice as large, half, one more, one less. */
const ODD_SIZES = [8, 2, 5, 3, 6, 1];
/** Three and four times as large: gates side by side. */
const MULTIPLES = [12, 16];
/** What something that only few functions need costs: one odd size, one odd domain. */
const ODD = 3;
const ODD_STEP = 0.03;
/** What a new complaint takes off the cost of its neighbours, and the most that several can. */
const NEWS = 1.5;
const MOST_NEWS = 4.5;
/** Draws that must all be accepted: logarithms of both signs are finite by chance now and then. */
const DRAWS = 12;
/** After so many inputs with one and the same complaint, it has nothing to do with what differs between them. */
const HOPELESS = 400;
/** Tries of the first search, and of the second, where there is hope and where not; and as many points at which that looks at odd sizes. */
const MOST_OF_FIRST = 4000;
const MOST_OF_SECOND = 4000;
const MOST_OF_HOPELESS = 1600;
const MOST_PROMISING = 12;

/** Positions in the lists to choose from: one for each parameter, then domain, size, odd size, odd domain. */
type Point = readonly number[];

/**
 * @param most Tries after which it gives up, without a second search: where nothing was found so far, odd sizes are gone through at the
 * likeliest ranks and wherever forward complained as it had not before.
 */
export function findFoothold(
  choices: readonly (readonly Choice[])[],
  trials: Trials,
  most?: number,
): Foothold | null {
  const start = trials.tries;
  const space = new Space(choices, sizesIn(textOf(trials.definition.forward)));
  const queue = new Queue();
  const seen = new Set<string>();
  const complaints = new Set<string>();
  const first = new Array<number>(choices.length + 4).fill(0);
  const alike = [first, space.ofRank(2, first), space.ofRank(1, first)];
  const promising = [...alike, ...alike.map(point => space.ofNextSize(point))];
  let isSecond = most !== undefined;
  let last = start + (most ?? MOST_OF_FIRST);
  queue.push({ point: first, news: 0 }, 0);
  while (!trials.spent) {
    const isHopeless = !isSecond && complaints.size === 1 && trials.tries > start + HOPELESS;
    const next = isHopeless || trials.tries >= last ? null : queue.pop();
    if (next === null) {
      if (isSecond) return null;
      isSecond = true;
      last = trials.tries + (isHopeless ? MOST_OF_HOPELESS : MOST_OF_SECOND);
      for (const point of promising.slice(0, MOST_PROMISING))
        for (const odd of space.oddAt(point)) queue.push({ point: odd, news: 0 }, -MOST_NEWS);
      continue;
    }
    const { point, news } = next;
    const key = point.join();
    if (seen.has(key)) continue;
    seen.add(key);
    const candidate = space.at(point);
    let complaint: string | null = null;
    if (candidate !== null) {
      complaint = repeated(candidate, trials, DRAWS);
      if (complaint === null) return simplest(point, candidate, space, trials);
    }

    const kind = complaint?.replace(/[\d.,\s()[\]-]+/g, "#") ?? null;
    const isNews = kind !== null && !complaints.has(kind);
    if (kind !== null) complaints.add(kind);
    if (isNews) promising.push(point);
    const gained = isNews ? Math.min(MOST_NEWS, news + NEWS) : news;
    for (const neighbour of isNews ? space.around(point) : space.after(point)) {
      if (!seen.has(neighbour.join()))
        queue.push({ point: neighbour, news: gained }, space.cost(neighbour) - gained);
    }
  }
  return null;
}

/** What costs less and differs in one respect only, as long as there is such: news led past it. */
function simplest(point: Point, foothold: Foothold, space: Space, trials: Trials): Foothold {
  const cost = space.cost(point);
  const cheaper = [...space.around(point)]
    .filter(other => space.cost(other) < cost)
    .sort((a, b) => space.cost(a) - space.cost(b));
  for (const other of cheaper) {
    const candidate = space.at(other);
    if (candidate !== null && repeated(candidate, trials, DRAWS) === null)
      return simplest(other, candidate, space, trials);
  }
  return foothold;
}

/** The first complaint about `draws` draws. */
export function repeated(
  { recipes, shapes, domains }: Foothold,
  trials: Trials,
  draws: number,
): string | null {
  for (let i = 0; i < draws; i++) {
    const complaint = trials.complaintAtDraw(recipes, shapes, domains, i);
    if (complaint !== null) return complaint;
  }
  return null;
}

class Space {
  readonly choices: readonly (readonly Choice[])[];
  readonly #written: readonly number[];
  /** For each list of ranks. */
  readonly #odd = new Map<string, readonly OddSize[]>();

  /** @param written sizes that stand in forward's text */
  constructor(choices: readonly (readonly Choice[])[], written: readonly number[]) {
    this.choices = choices;
    this.#written = written;
  }

  #oddSizes(slots: readonly Slot[]): readonly OddSize[] {
    const ranks = slots.map(({ recipe }) => recipe.rank);
    const key = ranks.join();
    const known = this.#odd.get(key) ?? oddSizes(ranks, this.#written);
    this.#odd.set(key, known);
    return known;
  }

  private parts(point: Point) {
    const n = this.choices.length;
    return { domain: point[n]!, size: point[n + 1]!, oddSize: point[n + 2]!, oddDomain: point[n + 3]! };
  }

  private recipes(point: Point): Recipe[] {
    return this.choices.map((list, i) => list[point[i]!]!.recipe);
  }

  cost(point: Point): number {
    const { domain, size, oddSize, oddDomain } = this.parts(point);
    const own = this.choices.reduce((sum, list, i) => sum + list[point[i]!]!.cost, 0);
    const odd = (position: number): number => (position === 0 ? 0 : ODD + position * ODD_STEP);
    const special = domain === 0 ? 0 : 0.8 + domain * DOMAIN_STEP;
    return own + special + SIZE_COSTS[size]! + odd(oddSize) + odd(oddDomain);
  }

  /** Null where there is nothing to try: no tensor, or a domain that none of the shapes has. */
  at(point: Point): Foothold | null {
    const { domain, size, oddSize, oddDomain } = this.parts(point);
    const recipes = this.recipes(point);
    const slots = slotsOf(recipes);
    if (!slots.some(({ recipe }) => recipe.discrete === null)) return null;
    const base = SIZES[size]!;
    const shapes = slots.map(({ recipe }) => new Array<number>(recipe.rank).fill(base));
    if (oddSize > 0) {
      const odd = this.#oddSizes(slots)[oddSize - 1];
      if (odd === undefined || odd.size === base) return null;
      for (const [t, d] of odd.dimensions) shapes[t]![d] = odd.size;
    }
    const domains = slots.map(() => DOMAINS[domain]!);
    if (oddDomain > 0) {
      const t = Math.floor((oddDomain - 1) / DOMAINS.length);
      if (slots.length < 2 || slots[t] === undefined) return null;
      domains[t] = DOMAINS[(oddDomain - 1) % DOMAINS.length]!;
    }
    const isPossible = slots.every(
      ({ recipe }, t) => recipe.discrete !== null || domains[t]!.sample(shapes[t]!, () => 0.5) !== null,
    );
    const isMixed =
      slots.length > 1 && slots.some((_, t) => domains[t]!.sample(shapes[t]!, () => 0.5) !== null);
    return isPossible || isMixed ? { recipes, shapes, domains: withDiscrete(slots, shapes, domains) } : null;
  }

  private lengths(point: Point): number[] {
    const slots = slotsOf(this.recipes(point));
    const odd = slots.length < 2 ? 0 : slots.length * DOMAINS.length;
    return [
      ...this.choices.map(list => list.length),
      DOMAINS.length,
      SIZES.length,
      1 + this.#oddSizes(slots).length,
      1 + odd,
    ];
  }

  /** The same with all tensors of a rank. */
  ofRank(rank: number, point: Point): Point {
    return point.map((position, i) => {
      const discrete = this.#discreteAt(i, position);
      const other = this.choices[i]?.findIndex(
        ({ recipe }) => recipe.kind === "tensor" && recipe.rank === rank && recipe.discrete === discrete,
      );
      return other === undefined || other === -1 ? position : other;
    });
  }

  /** What the elements of a tensor stand for; undefined for what is no tensor. */
  #discreteAt(parameter: number, position: number): TensorRecipe["discrete"] | undefined {
    const recipe = this.choices[parameter]?.[position]?.recipe;
    return recipe?.kind === "tensor" ? recipe.discrete : undefined;
  }

  ofNextSize(point: Point): Point {
    const axis = this.choices.length + 1;
    return point.with(axis, point[axis]! + 1);
  }

  /** With each odd size there is. */
  *oddAt(point: Point): Generator<Point> {
    const axis = this.choices.length + 2;
    const count = this.lengths(point)[axis]!;
    for (let position = 1; position < count; position++) yield point.with(axis, position);
  }

  /** Each position one further. */
  *after(point: Point): Generator<Point> {
    const lengths = this.lengths(point);
    for (let i = 0; i < point.length; i++)
      if (point[i]! + 1 < lengths[i]!) yield point.with(i, point[i]! + 1);
  }

  /** Whatever differs at one position. */
  *around(point: Point): Generator<Point> {
    const lengths = this.lengths(point);
    for (let i = 0; i < point.length; i++) {
      for (let position = 0; position < lengths[i]!; position++)
        if (position !== point[i]) yield point.with(i, position);
    }
  }
}

interface OddSize {
  /** Tensor and dimension. */
  readonly dimensions: readonly (readonly [number, number])[];
  readonly size: number;
}

/**
 * One dimension that differs from all others, or two of the same tensor; then one of several tensors, their first or their last: the
 * weights of an LSTM have four rows for each of its state.
 * @param written sizes that stand in forward's text
 */
function oddSizes(ranks: readonly number[], written: readonly number[]): OddSize[] {
  const single = ranks.flatMap((rank, t) => Array.from({ length: rank }, (_, d) => [[t, d] as const]));
  const pairs = ranks.flatMap((rank, t) =>
    Array.from({ length: Math.max(0, rank - 1) }, (_, d) => [[t, d] as const, [t, d + 1] as const]),
  );
  const own = [...single.reverse(), ...pairs];
  const alike = tensorsTogether(ranks.length).flatMap(members => {
    if (members.some(t => ranks[t] === 0)) return [];
    const firsts = members.map(t => [t, 0] as const);
    const lasts = members.map(t => [t, ranks[t]! - 1] as const);
    return members.every(t => ranks[t] === 1) ? [firsts] : [lasts, firsts];
  });
  const further = [...MULTIPLES, ...written].filter(size => !ODD_SIZES.includes(size));
  return [
    ...own.flatMap(dimensions => ODD_SIZES.map(size => ({ dimensions, size }))),
    ...own.flatMap(dimensions => further.map(size => ({ dimensions, size }))),
    ...[...ODD_SIZES, ...further].flatMap(size => alike.map(dimensions => ({ dimensions, size }))),
  ];
}

/** Any two, and several in a row. */
function tensorsTogether(count: number): number[][] {
  const groups: number[][] = [];
  for (let first = 0; first < count; first++) {
    for (let end = first + 2; end <= count; end++)
      groups.push(Array.from({ length: end - first }, (_, i) => first + i));
    for (let other = first + 2; other < count; other++) groups.push([first, other]);
  }
  return groups;
}

/** Indices are kept below every size there is: which of the sizes bounds them is found out later. */
export function withDiscrete(slots: readonly Slot[], shapes: Shapes, domains: readonly Domain[]): Domain[] {
  const sizes = slots.flatMap(({ recipe }, t) => (recipe.discrete === null ? shapes[t]! : []));
  const bound = Math.max(1, Math.min(...(sizes.length > 0 ? sizes : [2])));
  return slots.map(({ recipe }, t) =>
    recipe.discrete === null ? domains[t]! : discrete(recipe.discrete, bound),
  );
}

interface Entry {
  readonly point: Point;
  readonly news: number;
}

/** Cheapest first; of the same cost, first come. */
class Queue {
  private readonly buckets: Entry[][] = [];
  private first = 0;

  push(entry: Entry, cost: number): void {
    const bucket = Math.max(0, Math.round((cost + MOST_NEWS) * 20));
    this.buckets[bucket] ??= [];
    this.buckets[bucket].push(entry);
    this.first = Math.min(this.first, bucket);
  }

  pop(): Entry | null {
    while (this.first < this.buckets.length) {
      const entry = this.buckets[this.first]?.shift();
      if (entry !== undefined) return entry;
      this.first++;
    }
    return null;
  }
}
