/** Random definitions: segments and groups with every sort of stability, lists and consent, and tables of cut-offs. */
import type { Chance } from '../chance.ts';
import { PERCENTILES, type Draft, type GroupSketch } from './draft.ts';
import { absence, bucket, consent, date, reference, score, text, trait, traitInTime } from './leaves.ts';
import { macro } from './macros.ts';
import { compared, withoutComparator } from './measures.ts';
import type { Authored } from './sources.ts';
import { hours, UNITS, ZONES } from './windows.ts';

const HOUR_MS = 3_600_000;

/** A segment that may refer to what the draft knows. */
export function segment(draft: Draft, key: string): Authored {
  const { chance } = draft;
  const stability = {
    ...maybe(chance, 0.2, () => ({ confirm: wait(chance) })),
    ...maybe(chance, 0.25, () => ({ grace: wait(chance) })),
    ...maybe(chance, 0.3, () => stays(chance)),
    ...maybe(chance, 0.3, () => ({ cooldown: wait(chance) })),
  };
  return { key, name: key, ...rule(draft), ...stability };
}

/** The shortest stay is not longer than the longest. */
function stays(chance: Chance): Authored {
  return chance.oneOf<Authored>([
    { minStay: wait(chance) },
    { maxStay: wait(chance) },
    { minStay: chance.oneOf(['1s', '1h', '24h']), maxStay: chance.oneOf(['24h', '72h', '168h']) },
  ]);
}

/** Members best first; each but the default with a rule. */
export function group(draft: Draft, { key, members, default: fallback }: GroupSketch): Authored {
  const { chance } = draft;
  const rules = members.map((member) => [member, member === fallback ? {} : memberRule(draft)] as const);
  return {
    group: key,
    name: key,
    order: members,
    default: fallback,
    ...maybe(chance, 0.3, () => ({
      demoteAt: chance.oneOf(['day', 'day', 'week', ...UNITS]),
      ...maybe(chance, 0.5, () => ({ zone: chance.oneOf(ZONES) })),
    })),
    members: Object.fromEntries(rules),
  };
}

function memberRule(draft: Draft): Authored {
  const { chance } = draft;
  return {
    ...rule(draft),
    ...maybe(chance, 0.4, () => ({ grace: wait(chance) })),
    ...maybe(chance, 0.3, () => ({ minStay: wait(chance) })),
  };
}

function rule(draft: Draft): Authored {
  const { chance } = draft;
  return {
    enter: condition(draft, chance.oneOf([0, 0, 1, 1, 2, 3])),
    ...maybe(chance, 0.25, () => ({ stay: condition(draft, chance.whole(0, 1)) })),
    ...maybe(chance, 0.7, () => ({ unknown: chance.oneOf(['out', 'in', 'hold', 'hold']) })),
    ...maybe(chance, 0.15, () => ({ include: [listed(draft)] })),
    ...maybe(chance, 0.15, () => ({ exclude: [listed(draft)] })),
    ...maybe(chance, 0.12, () => ({ consent: 'health' })),
  };
}

function maybe(chance: Chance, share: number, some: () => Authored): Authored {
  return chance.happens(share) ? some() : {};
}

function wait(chance: Chance): string {
  return chance.happens(0.8) ? hours(chance) : chance.oneOf(['1s', '30min', '90s', '2d']);
}

function listed({ chance, anchorMs, customers }: Draft): Authored {
  const expires = anchorMs + chance.oneOf([7, 24, 30, 100, 800]) * HOUR_MS;
  return {
    customer: chance.oneOf(customers),
    author: 'ann',
    reason: 'asked for it',
    ...maybe(chance, 0.6, () => ({ expires: expiry(chance, expires) })),
  };
}

function expiry(chance: Chance, instant: number): string {
  const text = new Date(instant).toISOString();
  return chance.happens(0.3) ? text.slice(0, 10) : text;
}

/** Some values of a table, ascending. */
export function table(chance: Chance, key: string): Authored {
  const scale: Readonly<Record<string, readonly number[]>> = {
    money: [-500, 0, 1000, 2500, 60_000],
    unit: [0.2, 0.5, 2, 3.5, 6],
    days: [0, 1, 3, 7, 30],
    orders: [1, 2, 3, 4, 5],
  };
  const shift = chance.oneOf([0, 0, 1]);
  const cuts = PERCENTILES.map((percentile, at) => [percentile, scale[key]![at]! + shift] as const);
  return { table: key, name: key, measure: 'what the model looks at', cuts: Object.fromEntries(cuts) };
}

function condition(draft: Draft, depth: number): Authored {
  const { chance } = draft;
  if (depth <= 0 || chance.happens(0.35)) return leaf(draft);
  const parts = (low: number, high: number): readonly Authored[] =>
    Array.from({ length: chance.whole(low, high) }, () => condition(draft, depth - 1));
  return chance.oneWay<Authored>([
    [3, () => ({ all: parts(2, 3) })],
    [3, () => ({ any: parts(2, 3) })],
    [1, () => ({ none: parts(2, 2) })],
    [2, () => ({ not: condition(draft, depth - 1) })],
    [1, () => ({ atLeastOf: { n: 2, of: parts(3, 3) } })],
  ]);
}

function leaf(draft: Draft): Authored {
  const { chance } = draft;
  return chance.oneWay<Authored>([
    [20, () => compared(draft)],
    [2, () => withoutComparator(draft)],
    [3, () => text(draft)],
    [4, () => absence(draft)],
    [3, () => trait(draft)],
    [3, () => traitInTime(draft)],
    [4, () => date(draft)],
    [2, () => score(draft)],
    [1, () => consent(draft)],
    [1, () => bucket(draft)],
    [5, () => macro(draft)],
    [9, () => reference(draft) ?? compared(draft)],
  ]);
}
