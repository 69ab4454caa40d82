import { describe, expect, it } from 'vitest';
import { interaction, profile, purchase, survey } from './events.ts';
import { journal, ruleSets } from './journal.ts';

const DAY = 86_400_000;
const CONTACTS = { event: 'interaction', where: { kind: 'contact' } };

function contact(eventId: string, day: number): ReturnType<typeof interaction> {
  return interaction({ eventId, occurredAt: day * DAY });
}

function under(...segments: Record<string, unknown>[]): ReturnType<typeof journal> {
  const sets = ruleSets([{ at: 0, segments }]);
  return journal(sets, sets.at(-1)!.offset);
}

describe('windows', () => {
  it('lets an event count from its instant and stop counting at exactly instant + window', () => {
    const told = under({ key: 'twice', enter: { count: { ...CONTACTS, within: '2d' }, atLeast: 2 } });
    told.apply(contact('a', 10));
    told.apply(contact('b', 11));
    told.settle(12 * DAY - 1);
    expect(told.lines()).toEqual([`1 entered 1 @${11 * DAY} event`]);
    told.settle(12 * DAY);
    expect(told.lines().at(-1)).toBe(`2 exited 1 @${12 * DAY} timer`);
  });

  it('fires a timer at the instant of an event before the event', () => {
    const told = under({ key: 'once', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 1 } });
    told.apply(contact('a', 10));
    const expected = told.apply(contact('b', 11));
    expect(expected).toEqual({ asOf: 11 * DAY, late: false, seq: 2, segments: [], entered: [1], exited: [] });
    expect(told.lines()).toEqual([
      `1 entered 1 @${10 * DAY} event`,
      `2 exited 1 @${11 * DAY} timer`,
      `3 entered 1 @${11 * DAY} event`,
    ]);
  });

  it('tells the transitions of one evaluation in ascending number, the last with the whole set', () => {
    const told = under(
      { key: 'busy', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 1 } },
      { key: 'calm', enter: { not: { segment: 'busy' } } },
    );
    told.apply(purchase({ eventId: 'p', occurredAt: 9 * DAY }));
    told.apply(contact('a', 10));
    told.settle(20 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 2 @${9 * DAY} event`,
      `2 entered 1 @${10 * DAY} event`,
      `3 exited 2 @${10 * DAY} event`,
      `4 exited 1 @${11 * DAY} timer`,
      `5 entered 2 @${11 * DAY} timer`,
    ]);
    expect(told.transitions.map(({ index, of }) => `${index}/${of}`)).toEqual(['0/1', '0/2', '1/2', '0/2', '1/2']);
    expect(told.transitions[3]!.enteredAt).toBe(10 * DAY);
  });
});

describe('a crowded minute', () => {
  it('is told apart no further once it has taken more than 16 events: all count at the newest', () => {
    const told = under(
      { key: 'sixteen', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 16 } },
      { key: 'seventeen', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 17 } },
    );
    const second = (index: number): number => 10 * DAY + index * 1000;
    for (let index = 0; index < 17; index++) {
      told.apply(interaction({ eventId: `e${index}`, occurredAt: second(index) }));
    }
    told.settle(20 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${second(15)} event`,
      `2 entered 2 @${second(16)} event`,
      `3 exited 1 @${second(16) + DAY} timer`,
      `4 exited 2 @${second(16) + DAY} timer`,
    ]);
  });
});

describe('late events', () => {
  it('are folded at their instant and judged once at asOf', () => {
    const told = under({ key: 'twice', enter: { count: { ...CONTACTS, within: '2d' }, atLeast: 2 } });
    told.apply(contact('a', 10));
    const expected = told.apply(contact('b', 9), { asOf: 10 * DAY });
    expect(expected).toMatchObject({ asOf: 10 * DAY, seq: 0, entered: [1] });
    told.settle(20 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${10 * DAY} late`, `2 exited 1 @${11 * DAY} timer`]);
  });

  it('come after the timers the journal says were let go', () => {
    const told = under({ key: 'once', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 1 } });
    told.apply(contact('a', 10));
    // The timer at day 11 had fired when an event of day 10.5 came.
    told.apply(contact('b', 10.5), { asOf: 11 * DAY });
    told.settle(20 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${10 * DAY} event`,
      `2 exited 1 @${11 * DAY} timer`,
      `3 entered 1 @${11 * DAY} late`,
      `4 exited 1 @${11.5 * DAY} timer`,
    ]);
  });

  it('are not folded when too late', () => {
    const told = under({ key: 'once', enter: { count: CONTACTS, atLeast: 2 } });
    told.apply(contact('a', 30));
    const expected = told.apply(contact('b', 1), { asOf: 30 * DAY, tooLate: true });
    expect(expected).toMatchObject({ asOf: 30 * DAY, entered: [], exited: [] });
    expect(told.lines()).toEqual([]);
  });
});

describe('timers that change no root', () => {
  it('leave no trace: an event before them is not late', () => {
    const told = under({ key: 'three', enter: { count: { ...CONTACTS, within: '1d' }, atLeast: 3 } });
    told.apply(contact('a', 10));
    told.settle(12 * DAY);
    expect(told.apply(contact('b', 11.5)).asOf).toBe(11.5 * DAY);
  });
});

describe('absence', () => {
  const quiet = { key: 'quiet', enter: { none: { ...CONTACTS, within: '30d' } } };

  it('is unknown for a new customer until the window has been seen, then true by timer alone', () => {
    const told = under(quiet);
    told.apply(purchase({ eventId: 'p', occurredAt: 100 * DAY }));
    told.settle(200 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${130 * DAY} timer`]);
  });

  it('needs the feed whole over the window', () => {
    const sets = ruleSets([{ at: 0, segments: [quiet], since: 110 * DAY }]);
    const told = journal(sets, sets.at(-1)!.offset);
    told.apply(purchase({ eventId: 'p', occurredAt: 100 * DAY }));
    told.settle(200 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${140 * DAY} timer`]);
  });

  it('starts earlier when a late event shows that the customer was known before', () => {
    const told = under(quiet);
    told.apply(purchase({ eventId: 'p', occurredAt: 100 * DAY }));
    told.apply(purchase({ eventId: 'q', occurredAt: 95 * DAY }), { asOf: 100 * DAY });
    told.settle(200 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${125 * DAY} timer`]);
  });
});

describe('unknown', () => {
  const spent = { sum: { event: 'purchase', of: 'amountBaseMinor', within: '10d' }, atLeast: 5000 };
  const lowSpend = { sum: { event: 'purchase', of: 'amountBaseMinor', within: '10d' }, lessThan: 5000 };

  it('is not false: money without a rate makes a sum at least what is known', () => {
    const told = under({ key: 'spender', enter: spent }, { key: 'saver', enter: lowSpend });
    told.apply(purchase({ eventId: 'a', occurredAt: 10 * DAY, amountBaseMinor: 1000 }));
    told.apply(purchase({ eventId: 'b', occurredAt: 11 * DAY, amountBaseMinor: null }));
    told.apply(purchase({ eventId: 'c', occurredAt: 12 * DAY, amountBaseMinor: 4000 }));
    told.settle(30 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 2 @${10 * DAY} event`,
      `2 exited 2 @${11 * DAY} event`,
      `3 entered 1 @${12 * DAY} event`,
      `4 exited 1 @${20 * DAY} timer`,
      `5 entered 2 @${21 * DAY} timer`,
    ]);
  });

  it('resolves by the policy of the segment: out, in, or what it last was', () => {
    const enter = { trait: 'vulnerable', equals: true };
    const told = under(
      { key: 'out', enter, unknown: 'out' },
      { key: 'in', enter, unknown: 'in' },
      { key: 'hold', enter, unknown: 'hold' },
    );
    told.apply(profile({ eventId: 'a', occurredAt: 1 * DAY }));
    told.apply(profile({ eventId: 'b', occurredAt: 2 * DAY, traits: { vulnerable: true } }));
    told.apply(profile({ eventId: 'c', occurredAt: 3 * DAY, unset: ['vulnerable'] }));
    told.apply(profile({ eventId: 'd', occurredAt: 4 * DAY, traits: { vulnerable: false } }));
    expect(told.lines()).toEqual([
      `1 entered 2 @${1 * DAY} event`,
      `2 entered 1 @${2 * DAY} event`,
      `3 entered 3 @${2 * DAY} event`,
      `4 exited 1 @${3 * DAY} event`,
      `5 exited 2 @${4 * DAY} event`,
      `6 exited 3 @${4 * DAY} event`,
    ]);
  });

  it('passes through a reference unless the segment holds', () => {
    const enter = { trait: 'plan', equals: 'pro' };
    const told = under(
      { key: 'a', enter },
      { key: 'b', enter, unknown: 'hold' },
      { key: 'not-a', enter: { not: { segment: 'a' } } },
      { key: 'not-b', enter: { not: { segment: 'b' } } },
    );
    told.apply(contact('a', 1));
    expect(told.lines()).toEqual([`1 entered 4 @${1 * DAY} event`]);
  });

  it('knows an average of the last answers only from enough of them', () => {
    const average = { event: 'survey', where: { kind: 'csat' }, of: 'score', n: 3, atLeastValues: 2 };
    const told = under({ key: 'low', enter: { averageLast: average, lessThan: 3 } });
    const scores = [1, 2, 5, 5, 1, null, 1];
    scores.forEach((score, index) => {
      told.apply(survey({ eventId: `s${index}`, occurredAt: (index + 1) * DAY, score }));
    });
    // Averages: none, 1.5, 2.67, 4, 3.67, 3.67, 2.33.
    expect(told.lines()).toEqual([
      `1 entered 1 @${2 * DAY} event`,
      `2 exited 1 @${4 * DAY} event`,
      `3 entered 1 @${7 * DAY} event`,
    ]);
  });

  it('keeps an average at exactly the threshold out of "less than"', () => {
    const average = { event: 'survey', where: { kind: 'csat' }, of: 'score', n: 3 };
    const told = under({ key: 'low', enter: { averageLast: average, lessThan: 3 } });
    [2, 3, 4].forEach((score, index) =>
      told.apply(survey({ eventId: `s${index}`, occurredAt: (index + 1) * DAY, score })),
    );
    expect(told.lines()).toEqual([`1 entered 1 @${1 * DAY} event`, `2 exited 1 @${3 * DAY} event`]);
  });
});

describe('definitions', () => {
  const once = (within: string) => ({ key: 'once', enter: { count: { ...CONTACTS, within }, atLeast: 1 } });

  it('take effect at their instant, after the timers due before it under the old ones', () => {
    const sets = ruleSets([
      { at: 0, segments: [once('1d')] },
      { at: 12 * DAY, segments: [once('5d')] },
    ]);
    const told = journal(sets, sets.at(-2)!.offset);
    told.apply(contact('a', 10));
    told.settle(30 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${10 * DAY} event`,
      `2 exited 1 @${11 * DAY} timer`,
      `3 entered 1 @${12 * DAY} definition`,
      `4 exited 1 @${15 * DAY} timer`,
    ]);
    expect(told.transitions.map(({ version }) => version)).toEqual([1, 1, 2, 2]);
  });

  it('end the memberships of what is retired', () => {
    const sets = ruleSets([
      { at: 0, segments: [once('30d')] },
      { at: 12 * DAY, retire: 'once' },
    ]);
    const told = journal(sets, sets.at(-2)!.offset);
    told.apply(contact('a', 10));
    told.settle(60 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${10 * DAY} event`, `2 exited 1 @${12 * DAY} definition`]);
  });

  it('start a new series empty and whole from their instant', () => {
    const orders = { key: 'orders', enter: { count: { event: 'purchase', within: '5d' }, lessThan: 1 } };
    const sets = ruleSets([
      { at: 0, segments: [once('1d')] },
      { at: 12 * DAY, segments: [orders] },
    ]);
    const told = journal(sets, sets.at(-2)!.offset);
    told.apply(purchase({ eventId: 'p', occurredAt: 11.5 * DAY }));
    told.settle(60 * DAY);
    // Unknown until five days have been seen since day 12; the order of day 11.5 is not in it.
    expect(told.lines()).toEqual([`1 entered 2 @${17 * DAY} timer`]);
  });
});

describe('time since last', () => {
  it('flips at the exact instant, and has no value without an event', () => {
    const since = (op: string) => ({ key: op.toLowerCase(), enter: { timeSinceLast: CONTACTS, [op]: '2d' } });
    const told = under(since('atLeast'), since('moreThan'), since('atMost'), since('lessThan'));
    told.apply(purchase({ eventId: 'p', occurredAt: 1 * DAY }));
    told.apply(contact('a', 10));
    told.settle(30 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 3 @${10 * DAY} event`,
      `2 entered 4 @${10 * DAY} event`,
      `3 entered 1 @${12 * DAY} timer`,
      `4 exited 4 @${12 * DAY} timer`,
      `5 entered 2 @${12 * DAY + 1} timer`,
      `6 exited 3 @${12 * DAY + 1} timer`,
    ]);
  });
});
