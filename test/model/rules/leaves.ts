/** Conditions that hold no others and compare no measure: texts, absence, traits, dates, scores, memberships, samples. */
import type { Chance } from '../chance.ts';
import { PERCENTILES, type Draft } from './draft.ts';
import { events, source, type Authored, type TextField } from './sources.ts';
import { duration, hours, sliding, ZONES } from './windows.ts';

const COMPARATORS = ['atLeast', 'atMost', 'moreThan', 'lessThan'] as const;

export function text({ chance }: Draft): Authored {
  const drawn = source(chance);
  const field = chance.oneOf(drawn.texts);
  const of = { ...drawn.events, of: field.field };
  const within = chance.happens(0.4) ? sliding(chance) : {};
  const measure = chance.oneWay<Authored>([
    [2, () => ({ last: { ...of, ...within } })],
    [1, () => ({ nthLast: { ...of, n: chance.whole(1, 3), ...within } })],
    [1, () => ({ first: of })],
    [2, () => ({ mostFrequent: { ...of, within: hours(chance) } })],
    [1, () => ({ mostFrequent: { ...of, lastEvents: chance.whole(1, 5) } })],
  ]);
  return { ...measure, ...textTest(chance, field) };
}

function textTest(chance: Chance, { values }: TextField): Authored {
  const value = chance.oneOf(values);
  return chance.oneWay<Authored>([
    [2, () => ({ equals: value })],
    [1, () => ({ notEquals: value })],
    [1, () => ({ in: chance.someOf(values, 1, 2) })],
    [1, () => ({ notIn: values.slice(0, 1) })],
    [1, () => ({ contains: value.slice(-2, -1) || value })],
    [1, () => ({ startsWith: [value.slice(0, 2), 'q'] })],
    [1, () => ({ endsWith: value.slice(-2) })],
    [1, () => ({ equals: value.toUpperCase(), fold: true })],
    [1, () => ({ notIn: [value.toUpperCase()], fold: true })],
    [1, () => ({ contains: value.slice(0, 3).toUpperCase(), fold: true })],
  ]);
}

export function absence({ chance }: Draft): Authored {
  return chance.oneWay<Authored>([
    [4, () => ({ none: { ...events(chance), within: hours(chance) } })],
    [2, () => ({ never: events(chance) })],
    [2, () => ({ noneSince: { ...events(chance), since: events(chance) } })],
  ]);
}

export function trait({ chance }: Draft): Authored {
  return chance.oneOf<Authored>([
    { trait: 'plan', in: ['pro', 'team'] },
    { trait: 'plan', notEquals: 'free' },
    { trait: 'plan', known: chance.happens(0.5) },
    { trait: 'seats', [chance.oneOf(COMPARATORS)]: 3 },
    { trait: 'seats', between: [2, 4] },
    { trait: 'account.employees', lessThan: 100 },
    { trait: 'appVersion', [chance.oneOf(COMPARATORS)]: chance.oneOf(['4.10', '4.9', '5']) },
    { trait: 'address.city', contains: ['zur', 'gen'], fold: true },
    { trait: 'address.city', startsWith: 'Z' },
    { trait: 'address.city', endsWith: 'e' },
    { trait: 'address.city', equals: 'ZURICH', fold: true },
    { trait: 'address.city', notEquals: 'geneve', fold: true },
    { trait: 'interests', hasAny: ['golf', 'chess'] },
    { trait: 'interests', hasAll: ['golf', 'chess'] },
    { trait: 'interests', hasNone: ['golf'] },
    { trait: 'interests', size: { atLeast: 1, atMost: 2 } },
    { trait: 'interests', size: { atLeast: 2 } },
    { trait: 'vulnerable', equals: true },
  ]);
}

export function traitInTime({ chance }: Draft): Authored {
  const within = hours(chance);
  return chance.oneOf<Authored>([
    { trait: chance.oneOf(['plan', 'seats']), changedWithin: within },
    { trait: 'plan', in: ['pro', 'team'], for: within },
    { trait: 'plan', equals: chance.oneOf(['pro', 'free']), for: within },
    { trait: 'seats', in: [2, 3], for: within },
  ]);
}

export function date({ chance }: Draft): Authored {
  const source = chance.oneOf<Authored>([
    { trait: 'birthday' },
    { trait: 'createdAt' },
    { trait: 'careEndsAt' },
    { date: { last: { event: 'purchase', of: 'subscription.currentPeriodEndsAt' } } },
    { date: { last: { event: 'survey', where: { kind: 'nps' }, of: 'offeredAt' } } },
  ]);
  const test = chance.oneWay<Authored>([
    [2, () => ({ withinLast: chance.oneOf(['24h', '30d', '168h']) })],
    [2, () => ({ withinNext: chance.oneOf(['24h', '30d', '168h']) })],
    [3, () => ({ olderThan: chance.oneOf(['18y', '1y', '1mo', '6mo', '2w', '10d', '1d']) })],
    [1, () => ({ anniversary: 'today' })],
    [2, () => ({ anniversary: { withinNextDays: chance.oneOf([1, 7, 30]) } })],
  ]);
  const zone = chance.happens(0.4) ? { zone: chance.oneOf(ZONES) } : {};
  return { ...source, ...test, ...zone };
}

export function score({ chance, tables }: Draft): Authored {
  const model = chance.oneOf(['clv12m', 'churn']);
  const maxAge = chance.happens(0.5) ? { maxAge: hours(chance) } : {};
  const op = chance.oneOf(COMPARATORS);
  const value =
    tables.includes('unit') && chance.happens(0.3)
      ? { cut: 'unit', p: chance.oneOf(PERCENTILES) }
      : chance.oneOf([0.2, 0.5, 0.701, 2]);
  return { score: model, [op]: value, ...maxAge };
}

export function consent({ chance }: Draft): Authored {
  return { consent: chance.oneOf(['health', 'marketing']) };
}

export function bucket({ chance }: Draft): Authored {
  const from = chance.oneOf([0, 0, 12.5, 50]);
  return { bucket: { seed: `seed-${chance.whole(1, 20)}`, from, to: chance.oneOf([60, 75.25, 100]) } };
}

/** Of another segment or a group; undefined where there is none to refer to. */
export function reference({ chance, segments, groups }: Draft): Authored | undefined {
  const ofGroup = groups.length > 0 && (segments.length === 0 || chance.happens(0.4));
  if (!ofGroup) return segments.length === 0 ? undefined : { segment: chance.oneOf(segments), ...stay(chance) };
  const { key, members } = chance.oneOf(groups);
  const member = chance.oneOf(members);
  return chance.oneWay<Authored>([
    [2, () => ({ tier: key, is: member })],
    [1, () => ({ tier: key, is: chance.someOf(members, 1, 2) })],
    [1, () => ({ tier: key, isNot: member })],
    [2, () => ({ tier: key, atLeast: member })],
    [2, () => ({ tier: key, movedUpWithin: hours(chance) })],
    [2, () => ({ tier: key, movedDownWithin: hours(chance) })],
  ]);
}

function stay(chance: Chance): Authored {
  return chance.oneWay<Authored>([
    [4, () => ({})],
    [2, () => ({ for: duration(chance) })],
    [2, () => ({ enteredWithin: hours(chance) })],
    [2, () => ({ leftWithin: hours(chance) })],
  ]);
}
