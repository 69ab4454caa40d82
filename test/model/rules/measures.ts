/** Measures and what they are compared with: constants, traits, other measures, cut-offs. */
import type { Chance } from '../chance.ts';
import { PERCENTILES, type Draft } from './draft.ts';
import { events, source, sourceWithNumber, type Authored, type NumberField, type Source } from './sources.ts';
import { duration, hours, sliding, boundedWindow, window, WINDOWS_H, ZONES } from './windows.ts';

const HOUR_MS = 3_600_000;
const COMPARATORS = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'] as const;

/** A measure with the sort of number it is and thresholds among its values. */
interface Drawn {
  readonly measure: Authored;
  readonly sort: 'count' | 'number' | 'duration' | 'ratio' | 'change';
  readonly thresholds: readonly (number | string)[];
  readonly table: 'money' | 'unit' | 'days' | 'orders';
}

const COUNTS = [1, 1, 2, 3];
const RATIOS = ['50%', '25%', 0.5, 1, 2];

export function compared(draft: Draft): Authored {
  const { chance } = draft;
  const drawn = measure(draft);
  const test = chance.oneWay<Authored>([
    [14, () => constant(chance, drawn)],
    [1, () => ({ between: ascending(drawn.thresholds) })],
    [1, () => ({ [chance.oneOf(['in', 'notIn'])]: [...new Set(drawn.thresholds)] })],
    // A change is compared with nothing but a number.
    [drawn.sort === 'change' ? 0 : 2, () => ({ [chance.oneOf(COMPARATORS)]: operand(draft, drawn) })],
  ]);
  return { ...drawn.measure, ...test };
}

function constant(chance: Chance, { thresholds, sort }: Drawn): Authored {
  const op = chance.oneOf(COMPARATORS);
  const value = chance.oneOf(thresholds);
  // Fewer than one or at least none is no question.
  if (sort === 'count' && op === 'moreThan') return { moreThan: Number(value) - 1 };
  if (sort === 'count' && op === 'atMost') return { atMost: Number(value) - 1 };
  return { [op]: value };
}

function ascending(values: readonly (number | string)[]): readonly (number | string)[] {
  return [values[0]!, values.at(-1)!];
}

function operand(draft: Draft, { sort, table }: Drawn): Authored {
  const { chance, tables } = draft;
  const times = chance.happens(0.5) ? { times: chance.oneOf([2, 0.5, 1.5]) } : {};
  if (tables.includes(table) && chance.happens(0.4)) return { cut: table, p: chance.oneOf(PERCENTILES) };
  if (sort === 'duration' || chance.happens(0.5)) return { measure: sameSort(draft, sort), ...times };
  return { trait: chance.oneOf(['seats', 'limit']), ...times };
}

/** Another measure that may stand on the other side. */
function sameSort(draft: Draft, sort: Drawn['sort']): Authored {
  for (;;) {
    const drawn = measure(draft);
    if (drawn.sort === sort) return drawn.measure;
  }
}

function measure(draft: Draft): Drawn {
  const { chance } = draft;
  return chance.oneWay<Drawn>([
    [6, () => count(draft)],
    [4, () => distinct(draft)],
    [2, () => counted({ daysActive: { ...events(chance), ...boundedWindow(draft), ...zone(chance) } })],
    [8, () => inWindow(draft)],
    [4, () => ofNewest(draft)],
    [2, () => one(chance)],
    [4, () => recency(draft)],
    [3, () => decayed(chance)],
    [5, () => ratio(draft)],
    [5, () => sequence(chance)],
    [4, () => issues(chance)],
  ]);
}

function counted(authored: Authored, thresholds: readonly number[] = COUNTS): Drawn {
  return { measure: authored, sort: 'count', thresholds, table: 'orders' };
}

function numbered(authored: Authored, { thresholds, table }: NumberField): Drawn {
  return { measure: authored, sort: 'number', thresholds, table };
}

function zone(chance: Chance): Authored {
  return chance.happens(0.5) ? { zone: chance.oneOf(ZONES) } : {};
}

/** The window of a measure, now and then told apart by a key; that needs an end to what is looked at. */
function windowWithKey(draft: Draft, { keys }: Source): Authored {
  const { chance } = draft;
  const own = window(draft);
  return Object.keys(own).length > 0 && chance.happens(0.35) ? { ...own, sameKey: chance.oneOf(keys) } : own;
}

function count(draft: Draft): Drawn {
  const { chance } = draft;
  const drawn = source(chance);
  if (chance.happens(0.4)) return counted({ count: { ...events(chance), ...window(draft) } });
  return counted({ count: { ...drawn.events, ...windowWithKey(draft, drawn) } });
}

function distinct(draft: Draft): Drawn {
  const { chance } = draft;
  const drawn = source(chance);
  const { field } = chance.oneOf(drawn.texts);
  if (chance.happens(0.25))
    return counted({ countDistinct: { ...drawn.events, of: field, lastEvents: chance.whole(2, 4) } }, [1, 2]);
  return counted({ countDistinct: { ...drawn.events, of: field, ...windowWithKey(draft, drawn) } });
}

function inWindow(draft: Draft): Drawn {
  const { chance } = draft;
  const drawn = sourceWithNumber(chance);
  const number = chance.oneOf(drawn.numbers);
  const name = chance.oneOf(['sum', 'average', 'min', 'max'] as const);
  const own = name === 'sum' ? windowWithKey(draft, drawn) : window(draft);
  return numbered({ [name]: { ...drawn.events, of: number.field, ...own } }, number);
}

function ofNewest(draft: Draft): Drawn {
  const { chance } = draft;
  const drawn = sourceWithNumber(chance);
  const number = chance.oneOf(drawn.numbers);
  const of = { ...drawn.events, of: number.field };
  const n = chance.whole(1, 4);
  return chance.oneWay<Drawn>([
    [2, () => numbered({ averageLast: { ...of, n, atLeastValues: chance.whole(1, n) } }, number)],
    [1, () => numbered({ trendLast: { ...of, n: chance.whole(1, 3) } }, { ...number, thresholds: [-0.3, 0, 0.3] })],
    [
      2,
      () => {
        const name = chance.oneOf(['sum', 'average', 'min', 'max'] as const);
        const enough = chance.happens(0.4) ? { atLeastValues: chance.whole(1, n) } : {};
        return numbered({ [name]: { ...of, lastEvents: n, ...enough } }, number);
      },
    ],
  ]);
}

function one(chance: Chance): Drawn {
  const drawn = sourceWithNumber(chance);
  const number = chance.oneOf(drawn.numbers);
  const of = { ...drawn.events, of: number.field };
  const within = chance.happens(0.4) ? sliding(chance) : {};
  return chance.oneWay<Drawn>([
    [2, () => numbered({ last: { ...of, ...within } }, number)],
    [1, () => numbered({ first: of }, number)],
    [1, () => numbered({ nthLast: { ...of, n: chance.whole(1, 3), ...within } }, number)],
  ]);
}

function recency(draft: Draft): Drawn {
  const { chance } = draft;
  const filter = events(chance);
  const authored = chance.oneWay<Authored>([
    [2, () => ({ timeSinceLast: filter })],
    [1, () => ({ timeSinceFirst: filter })],
    [1, () => ({ averageGap: { ...filter, ...window(draft) } })],
  ]);
  const thresholds = WINDOWS_H.map((length) => `${length * HOUR_MS}ms`);
  return { measure: authored, sort: 'duration', thresholds, table: 'days' };
}

function decayed(chance: Chance): Drawn {
  const drawn = sourceWithNumber(chance);
  const number = chance.oneOf(drawn.numbers);
  const halfLife = chance.oneOf(['1h', '1d', '3d', '14d']);
  if (chance.happens(0.2)) {
    const authored = { decayedSum: { ...drawn.events, halfLife } };
    return { measure: authored, sort: 'number', thresholds: [1, 2], table: 'orders' };
  }
  const name = chance.oneOf(['decayedSum', 'decayedAverage'] as const);
  return numbered({ [name]: { ...drawn.events, of: number.field, halfLife } }, number);
}

function ratio(draft: Draft): Drawn {
  const { chance } = draft;
  const as = (authored: Authored, thresholds: readonly (number | string)[] = RATIOS): Drawn => ({
    measure: authored,
    sort: 'ratio',
    thresholds,
    table: 'unit',
  });
  return chance.oneWay<Drawn>([
    [2, () => as({ ratio: { of: part(draft), to: part(draft) } })],
    [3, () => as({ share: share(draft) }, ['20%', '50%', '60%'])],
    [2, () => ({ ...as({ change: slidingPart(chance) }, ['-50%', '0%', '100%']), sort: 'change' as const })],
  ]);
}

/** A count or a sum, as a part of a ratio. */
function part(draft: Draft): Authored {
  const { chance } = draft;
  if (chance.happens(0.6)) return { count: { ...events(chance), ...window(draft) } };
  const drawn = sourceWithNumber(chance);
  return { sum: { ...drawn.events, of: chance.oneOf(drawn.numbers).field, ...window(draft) } };
}

function slidingPart(chance: Chance): Authored {
  if (chance.happens(0.5)) return { count: { ...events(chance), ...sliding(chance) } };
  const drawn = sourceWithNumber(chance);
  const name = chance.oneOf(['sum', 'average'] as const);
  return { [name]: { ...drawn.events, of: chance.oneOf(drawn.numbers).field, ...sliding(chance) } };
}

function share(draft: Draft): Authored {
  const { chance } = draft;
  const drawn = chance.oneOf([sourceWithNumber(chance), source(chance)]);
  const text = chance.oneOf(drawn.texts);
  const of = drawn.numbers.length > 0 && chance.happens(0.3) ? { of: chance.oneOf(drawn.numbers).field } : {};
  const enough = chance.happens(0.5) ? { atLeastEvents: chance.whole(2, 3) } : {};
  const matching = { [text.field]: chance.oneOf(text.values) };
  return { ...drawn.events, ...window(draft), matching, ...of, ...enough };
}

function sequence(chance: Chance): Drawn {
  const within = chance.oneOf(['45min', '1h', '24h']);
  const { first, then, between, key } = pair(chance);
  const sameKey = chance.happens(0.5) ? { sameKey: key } : {};
  if (chance.happens(0.5)) {
    const without = chance.happens(0.3) ? { without: between } : {};
    return counted({ sequence: { first, then, within, ...without, ...sameKey, during: hours(chance) } }, [1, 2]);
  }
  const orLater = chance.happens(0.4) ? { orLater: true } : {};
  return counted(
    { notFollowedBy: { ...first, by: then, within, ...sameKey, during: longer(chance), ...orLater } },
    [1, 2],
  );
}

/** Longer than what has to follow may take. */
function longer(chance: Chance): string {
  return chance.oneOf(['72h', '168h', '30d']);
}

interface Pair {
  readonly first: Authored;
  readonly then: Authored;
  /** What may come in between. */
  readonly between: Authored;
  readonly key: string;
}

/** Filters of events that have a key in common. */
function pair(chance: Chance): Pair {
  const contact = { event: 'interaction', where: { kind: 'contact' } };
  const view = { event: 'interaction', where: { kind: 'page_view' } };
  const resolved = { event: 'interaction', where: { kind: 'ticket_resolved' } };
  const reopened = { event: 'interaction', where: { kind: ['ticket_reopened', 'contact'] } };
  const order = { event: 'purchase', where: { kind: 'order' } };
  const refund = { event: 'purchase', where: { kind: 'refund' } };
  return chance.oneOf<Pair>([
    { first: contact, then: resolved, between: reopened, key: 'issueId' },
    { first: contact, then: contact, between: resolved, key: 'issueId' },
    { first: resolved, then: reopened, between: resolved, key: 'issueId' },
    { first: order, then: refund, between: order, key: 'orderId' },
    { first: view, then: order, between: contact, key: 'channel' },
  ]);
}

function issues(chance: Chance): Drawn {
  return chance.oneWay<Drawn>([
    [2, () => counted({ openIssues: openIssues(chance) }, [1, 2])],
    [1, () => counted({ reopenedIssues: { within: hours(chance) } }, [1, 2])],
    [1, () => counted({ failedFirstContacts: { lastIssues: chance.whole(1, 3), within: duration24(chance) } }, [1, 2])],
  ]);
}

function duration24(chance: Chance): string {
  return chance.oneOf(['24h', '168h', '30d', '180d']);
}

function openIssues(chance: Chance): Authored {
  const where = chance.oneOf<Authored>([
    {},
    {},
    { where: { 'ticket.priority': ['high', 'urgent'] } },
    { where: { 'ticket.priority': { known: false } } },
    { where: { channel: 'phone', category: { contains: 'zur', fold: true } } },
  ]);
  const escalated = chance.happens(0.3) ? { escalated: chance.happens(0.5) } : {};
  const within = chance.happens(0.7) ? { within: hours(chance) } : {};
  return { ...where, ...escalated, ...within };
}

/** The tests a measure of counts may leave out. */
export function withoutComparator(draft: Draft): Authored {
  const { chance } = draft;
  return chance.oneWay<Authored>([
    [2, () => sequence(chance).measure],
    [1, () => ({ openIssues: openIssues(chance) })],
    [1, () => ({ reopenedIssues: { within: duration(chance) } })],
  ]);
}
