/** @file Options objects to try: the keys that their type, their destructuring and their use in forward name. */

import { type Choice, combined, delayed, fromTypes } from "./candidates.ts";
import type { Recipe } from "./recipe.ts";
import { boundNames, type Option, optionsReadFrom } from "./source-hints.ts";
import { literalOf, type Member, type WrittenType } from "./written-type.ts";

/** @param name The parameter's name, or its binding pattern: "{ eps, dim = -1 }". */
export function optionChoices(name: string, types: readonly WrittenType[], text: string): Choice[] {
  const members = types.flatMap(type => (type.kind === "object" ? type.members : []));
  const used = name.startsWith("{") ? boundNames(name.replace(/^\{|\}$/g, "")) : optionsReadFrom(name, text);
  const all = [...members, ...used.filter(isNew(members)).map(memberOf)];
  const required = all.filter(member => !member.optional);
  const optional = all.filter(member => member.optional);
  const choices = (member: Member): Choice[] => fromTypes(member.name, member.type, text);
  const objects = (given: readonly Member[]): Choice[] =>
    combined(given.map(choices)).map(({ cost, entries }) => ({
      cost,
      recipe: { kind: "object", entries: entries.map((entry, i) => [given[i]!.name, entry] as const) },
    }));
  if (optional.length === 0) return objects(required);
  // As little as may be given; all of it; each option that may be left out, by itself at whatever differs from its default.
  const [whole, ...changed] = objects(all);
  const single = optional.flatMap(member => {
    const settings = choices(member);
    const isNumber = settings.some(
      ({ recipe }) => recipe.kind === "value" && typeof recipe.value === "number",
    );
    const base = objects(required)[0];
    const written = used.find(option => option.name === member.name)?.initializer ?? "false";
    // `stride = kernelSize`
    const known = valueOf(written, base?.recipe) ?? written;
    const telling = settings.filter(
      ({ recipe }) => recipe.kind !== "value" || String(recipe.value) !== known.replace(/["']/g, ""),
    );
    return (isNumber ? telling.slice(0, 1) : telling).flatMap(({ cost, recipe }) =>
      base?.recipe.kind === "object" && cost < 2
        ? [
            {
              cost: base.cost + 0.6 + cost / 4,
              recipe: { ...base.recipe, entries: [...base.recipe.entries, [member.name, recipe] as const] },
            },
          ]
        : [],
    );
  });
  return [
    ...objects(required),
    ...delayed(whole === undefined ? [] : [whole], 0.4),
    ...single,
    ...delayed(changed, 1.5),
  ];
}

/** The value of another option, as text. */
function valueOf(name: string, recipe: Recipe | undefined): string | undefined {
  const entry = recipe?.kind === "object" ? recipe.entries.find(([key]) => key === name)?.[1] : undefined;
  return entry?.kind === "value" ? String(entry.value) : undefined;
}

function isNew(members: readonly Member[]): (option: Option) => boolean {
  return option => !members.some(member => member.name === option.name);
}

/** An option whose type nobody wrote: its default shows it, or else its name. */
function memberOf({ name, initializer }: Option): Member {
  const literal = initializer === null ? null : literalOf(initializer);
  const kind = literal === null ? "unknown" : (typeof literal.value as "number" | "boolean" | "string");
  return { name, optional: initializer !== null, type: [{ kind }] };
}
