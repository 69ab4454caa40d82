import { describe, expect, it } from 'vitest';
import { hash64 } from '../../../services/core/domain/events/event-id.ts';
import type { Condition, DateTest, FieldClause, FieldTest, Zone } from '../../../services/core/domain/language/ast.ts';
import { interaction, profile, purchase } from './events.ts';
import { at, BERLIN, compare, CONTACTS, DAY, events, HOUR, oneOf, ORDERS, truths, UTC } from './definitions.ts';

const contact = (eventId: string, occurredAt: number) => interaction({ eventId, occurredAt });
const order = (eventId: string, occurredAt: number) => purchase({ eventId, occurredAt });
const told = (
  eventId: string,
  occurredAt: number,
  traits: Readonly<Record<string, string | number | readonly string[]>>,
) => profile({ eventId, occurredAt, traits });

describe('absence', () => {
  it('never: known only where the feed is whole for life', () => {
    const never: Condition = { kind: 'never', filter: ORDERS };
    const made = [contact('a', DAY), order('b', 2 * DAY)];
    expect(truths(never, made, 3 * DAY)).toEqual([`true@${DAY}`, `false@${2 * DAY}`]);
    expect(truths(never, made, 3 * DAY, { since: 0 })).toEqual([`unknown@${DAY}`, `false@${2 * DAY}`]);
  });

  it('since another event: one at the same millisecond does not count', () => {
    const condition: Condition = { kind: 'noneSince', filter: ORDERS, since: CONTACTS };
    const made = [
      order('a', DAY),
      contact('b', 2 * DAY),
      order('c', 2 * DAY),
      order('d', 3 * DAY),
      contact('e', 4 * DAY),
    ];
    expect(truths(condition, made, 5 * DAY)).toEqual([
      `unknown@${DAY}`,
      `true@${2 * DAY}`,
      `false@${3 * DAY}`,
      `true@${4 * DAY}`,
    ]);
  });

  it('needs the customer to be known as long', () => {
    const condition: Condition = { kind: 'none', filter: ORDERS, ms: 2 * DAY };
    expect(truths(condition, [contact('a', DAY)], 9 * DAY)).toEqual([`unknown@${DAY}`, `true@${3 * DAY}`]);
  });
});

describe('texts', () => {
  const paths = (test: FieldTest): string[] => {
    const clause: FieldClause = { field: 'digital.path', test };
    const made = ['/Über-uns', '/uber-uns/2', null].map((path, place) =>
      interaction({
        eventId: `p${place}`,
        occurredAt: (place + 1) * DAY,
        digital: { path, articleId: null, errorCode: null, checkoutId: null, productCategory: null, rating: null },
      }),
    );
    const filter = events('interaction', clause);
    const seen = truths(compare({ kind: 'count', filter, window: { kind: 'lifetime' } }, 'atLeast', 1), made, 4 * DAY);
    return seen.filter((line) => line.startsWith('true'));
  };

  it('are compared as they are, or with case and accents set aside', () => {
    expect(paths({ op: 'startsWith', folding: 'exact', values: ['/uber'] })).toEqual([`true@${2 * DAY}`]);
    expect(paths({ op: 'startsWith', folding: 'folded', values: ['/uber'] })).toEqual([`true@${DAY}`]);
    expect(paths({ op: 'endsWith', folding: 'exact', values: ['/1', '/2'] })).toEqual([`true@${2 * DAY}`]);
    expect(paths({ op: 'contains', folding: 'folded', values: ['er-un'] })).toEqual([`true@${DAY}`]);
    expect(paths({ op: 'sameText', folding: 'folded', values: ['/uber-uns'] })).toEqual([`true@${DAY}`]);
    expect(paths({ op: 'notSameText', folding: 'folded', values: ['/uber-uns'] })).toEqual([`true@${2 * DAY}`]);
  });

  it('of the most frequent value take the most recent among equals', () => {
    const condition: Condition = {
      kind: 'text',
      measure: { kind: 'mostFrequent', filter: CONTACTS, field: 'channel', over: { windowMs: 10 * DAY } },
      test: { op: 'in', values: ['email'] },
    };
    const made = (['email', 'phone', 'phone'] as const).map((channel, day) =>
      interaction({ eventId: `c${day}`, occurredAt: (day + 1) * DAY, channel }),
    );
    // The mail leaves with day 11, the calls with days 12 and 13.
    expect(truths(condition, made, 30 * DAY)).toEqual([`true@${DAY}`, `false@${2 * DAY}`, `unknown@${13 * DAY}`]);
  });

  it('of the last event are unknown where it says none', () => {
    const condition: Condition = {
      kind: 'text',
      measure: { kind: 'textLast', filter: CONTACTS, field: 'category', n: 1, withinMs: null },
      test: { op: 'notIn', values: ['billing'] },
    };
    const made = ['billing', 'login', null].map((category, day) =>
      interaction({ eventId: `c${day}`, occurredAt: (day + 1) * DAY, category }),
    );
    expect(truths(condition, made, 4 * DAY)).toEqual([`false@${DAY}`, `true@${2 * DAY}`, `unknown@${3 * DAY}`]);
  });
});

describe('traits', () => {
  const trait = (test: Extract<Condition, { kind: 'trait' }>['test']): Condition => ({
    kind: 'trait',
    trait: 't',
    test,
  });

  it('that are versions are compared part by part', () => {
    const condition = trait({ op: 'version', comparator: 'lessThan', parts: [4, 10] });
    const made = ['4.9', '4.10', '4.10.0', '4.9.99', 'soon'].map((t, day) => told(`p${day}`, (day + 1) * DAY, { t }));
    expect(truths(condition, made, 9 * DAY)).toEqual([
      `true@${DAY}`,
      `false@${2 * DAY}`,
      `true@${4 * DAY}`,
      `unknown@${5 * DAY}`,
    ]);
  });

  it('that are sets are asked for members and size', () => {
    const made = [told('a', DAY, { t: ['x', 'y'] }), told('b', 2 * DAY, { t: ['x'] }), told('c', 3 * DAY, { t: [] })];
    const last = (test: Extract<Condition, { kind: 'trait' }>['test']) => truths(trait(test), made, 4 * DAY);
    expect(last({ op: 'hasAll', values: ['x', 'y'] })).toEqual([`true@${DAY}`, `false@${2 * DAY}`]);
    expect(last({ op: 'hasNone', values: ['y'] })).toEqual([`false@${DAY}`, `true@${2 * DAY}`]);
    expect(last({ op: 'size', low: 1, high: 1 })).toEqual([`false@${DAY}`, `true@${2 * DAY}`, `false@${3 * DAY}`]);
  });

  it('change when one known value becomes another, not when the first is told or one is unset', () => {
    const condition: Condition = { kind: 'traitChanged', trait: 't', ms: 10 * DAY };
    const unset = profile({ eventId: 'u', occurredAt: 2 * DAY, unset: ['t'] });
    const made = [
      told('a', DAY, { t: 'one' }),
      unset,
      told('b', 3 * DAY, { t: 'one' }),
      told('c', 4 * DAY, { t: 'two' }),
    ];
    expect(truths(condition, made, 30 * DAY)).toEqual([`false@${DAY}`, `true@${4 * DAY}`, `false@${14 * DAY}`]);
  });

  it('change by what comes late too', () => {
    const condition: Condition = { kind: 'traitChanged', trait: 't', ms: 10 * DAY };
    const made = [told('a', 5 * DAY, { t: 'one' }), told('b', 4 * DAY, { t: 'two' })];
    expect(truths(condition, made, 30 * DAY)).toEqual([`false@${5 * DAY}`, `true@${5 * DAY}`, `false@${15 * DAY}`]);
  });

  it('have been one of some values since the first of them was told without another in between', () => {
    const condition: Condition = { kind: 'traitHeld', trait: 't', values: ['pro', 'team'], ms: 10 * DAY };
    const made = [told('a', DAY, { t: 'pro' }), told('b', 3 * DAY, { t: 'team' }), told('c', 12 * DAY, { t: 'free' })];
    expect(truths(condition, made, 30 * DAY)).toEqual([`false@${DAY}`, `true@${11 * DAY}`, `false@${12 * DAY}`]);
  });
});

describe('dates', () => {
  const date = (test: DateTest, zone: Zone = UTC): Condition => ({
    kind: 'date',
    source: { kind: 'trait', trait: 't' },
    test,
    zone,
  });
  const born = (t: string, occurredAt: number) => [told('p', occurredAt, { t })];

  it('lie ahead and behind in half-open windows', () => {
    const now = at('2026-05-01T00:00:00Z');
    const day = born('2026-05-03', now);
    const start = at('2026-05-03T00:00:00Z');
    expect(truths(date({ op: 'withinNext', ms: DAY }), day, now + 9 * DAY)).toEqual([
      `false@${now}`,
      `true@${start - DAY}`,
      `false@${start}`,
    ]);
    expect(truths(date({ op: 'withinLast', ms: DAY }), day, now + 9 * DAY)).toEqual([
      `false@${now}`,
      `true@${start}`,
      `false@${start + DAY}`,
    ]);
  });

  it('make somebody older at midnight of the zone; born on 29 February on 1 March', () => {
    const now = at('2026-01-01T00:00:00Z');
    const adult = date({ op: 'olderThan', n: 18, unit: 'year' }, BERLIN);
    expect(truths(adult, born('2008-02-29', now), now + 400 * DAY)).toEqual([
      `false@${now}`,
      `true@${at('2026-02-28T23:00:00Z')}`,
    ]);
    expect(truths(adult, born('2008-07-01', now), now + 400 * DAY)).toEqual([
      `false@${now}`,
      `true@${at('2026-06-30T22:00:00Z')}`,
    ]);
  });

  it('come again every year, from as many days before as asked', () => {
    const now = at('2026-12-20T12:00:00Z');
    const condition = date({ op: 'anniversary', days: 7 });
    expect(truths(condition, born('1990-01-02', now), at('2027-03-01T00:00:00Z'))).toEqual([
      `false@${now}`,
      `true@${at('2026-12-26T00:00:00Z')}`,
      `false@${at('2027-01-03T00:00:00Z')}`,
    ]);
  });

  it('of 29 February come again on that day, in other years on 1 March, and not in the year itself', () => {
    const condition = date({ op: 'anniversary', days: 0 });
    const now = at('2024-02-29T12:00:00Z');
    expect(truths(condition, born('2024-02-29', now), at('2025-04-01T00:00:00Z'))).toEqual([
      `false@${now}`,
      `true@${at('2025-03-01T00:00:00Z')}`,
      `false@${at('2025-03-02T00:00:00Z')}`,
    ]);
    const leap = at('2028-02-01T00:00:00Z');
    expect(truths(condition, born('2024-02-29', leap), at('2028-04-01T00:00:00Z'))).toEqual([
      `false@${leap}`,
      `true@${at('2028-02-29T00:00:00Z')}`,
      `false@${at('2028-03-01T00:00:00Z')}`,
    ]);
  });

  it('that cannot be read are unknown', () => {
    expect(truths(date({ op: 'withinNext', ms: DAY }), born('soon', DAY), 2 * DAY)).toEqual([`unknown@${DAY}`]);
  });

  it('may be told by the newest event', () => {
    const condition: Condition = {
      kind: 'date',
      source: { kind: 'field', filter: ORDERS, field: 'subscription.currentPeriodEndsAt' },
      test: { op: 'withinNext', ms: 2 * DAY },
      zone: UTC,
    };
    const renewed = (eventId: string, occurredAt: number, currentPeriodEndsAt: number | null) =>
      purchase({
        eventId,
        occurredAt,
        subscription: {
          plan: null,
          interval: null,
          cancelReason: null,
          seats: null,
          recurringBaseMinor: null,
          voluntary: null,
          currentPeriodEndsAt,
          trialEndsAt: null,
        },
      });
    const made = [renewed('a', DAY, 10 * DAY), renewed('b', 9 * DAY, null)];
    expect(truths(condition, made, 30 * DAY)).toEqual([`false@${DAY}`, `true@${8 * DAY}`, `unknown@${9 * DAY}`]);
  });
});

describe('scores', () => {
  const score = (value: number, computedAt: number, expiresAt: number | null = null) => ({
    model: 'clv',
    version: '1',
    value,
    low: null,
    high: null,
    computedAt,
    expiresAt,
  });
  const condition: Condition = { kind: 'score', model: 'clv', test: { op: 'atLeast', value: 700 }, maxAgeMs: 10 * DAY };

  it('count until they are older than allowed, rounded half up', () => {
    const made = [profile({ eventId: 'a', occurredAt: DAY, scores: [score(0.6995, DAY)] })];
    expect(truths(condition, made, 30 * DAY)).toEqual([`true@${DAY}`, `unknown@${11 * DAY + 1}`]);
  });

  it('end where they say so', () => {
    const made = [profile({ eventId: 'a', occurredAt: DAY, scores: [score(0.69, DAY, 2 * DAY)] })];
    expect(truths(condition, made, 30 * DAY)).toEqual([`false@${DAY}`, `unknown@${2 * DAY}`]);
  });

  it('and consents are told by the newest event, whenever it arrives', () => {
    const granted = (eventId: string, occurredAt: number, is: boolean) =>
      profile({ eventId, occurredAt, consents: [{ purpose: 'health', granted: is, basis: null }] });
    const made = [
      contact('c', HOUR),
      granted('b', 2 * DAY, true),
      granted('a', DAY, false),
      granted('d', 3 * DAY, false),
    ];
    const consent: Condition = { kind: 'consent', purpose: 'health' };
    expect(truths(consent, made, 4 * DAY)).toEqual([`unknown@${HOUR}`, `true@${2 * DAY}`, `false@${3 * DAY}`]);
  });
});

describe('a bucket', () => {
  it('takes in a customer by seed and id, in hundredths of a percent', () => {
    const place = hash64('pilot\0ada').lo % 10_000;
    const bucket = (from: number, to: number): Condition => ({ kind: 'bucket', seed: 'pilot', from, to });
    expect(truths(bucket(place, place + 1), [contact('a', DAY)], DAY)).toEqual([`true@${DAY}`]);
    expect(truths(bucket(0, place), [contact('a', DAY)], DAY)).toEqual([`false@${DAY}`]);
  });
});

describe('at least k of n', () => {
  it('is unknown while what is unknown could decide', () => {
    const sure = oneOf('kind', 'contact');
    const seen: Condition = compare(
      { kind: 'count', filter: events('interaction', sure), window: { kind: 'lifetime' } },
      'atLeast',
      1,
    );
    const unknown: Condition = { kind: 'trait', trait: 'none', test: { op: 'in', values: ['x'] } };
    const of = [seen, unknown, { kind: 'not', of: seen } as const];
    expect(truths({ kind: 'atLeastOf', n: 1, of }, [contact('a', DAY)], DAY)).toEqual([`true@${DAY}`]);
    expect(truths({ kind: 'atLeastOf', n: 2, of }, [contact('a', DAY)], DAY)).toEqual([`unknown@${DAY}`]);
    expect(truths({ kind: 'atLeastOf', n: 3, of }, [contact('a', DAY)], DAY)).toEqual([`false@${DAY}`]);
  });
});
