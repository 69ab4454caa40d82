import { describe, expect, it } from 'vitest';
import type { Condition, Listed } from '../../../services/core/domain/language/ast.ts';
import { interaction, profile, purchase } from './events.ts';
import { journal } from './journal.ts';
import { compare, CONTACTS, DAY, HOUR, MINUTE, ORDERS, ruleSet, segment, under } from './definitions.ts';

/** A contact in the last day. */
const RECENT: Condition = compare(
  { kind: 'count', filter: CONTACTS, window: { kind: 'sliding', ms: DAY, offsetMs: 0 } },
  'atLeast',
  1,
);
const BOUGHT: Condition = compare(
  { kind: 'count', filter: ORDERS, window: { kind: 'sliding', ms: 10 * DAY, offsetMs: 0 } },
  'atLeast',
  1,
);
const PRO: Condition = { kind: 'trait', trait: 'plan', test: { op: 'in', values: ['pro'] } };

let made = 0;
const contact = (day: number) => interaction({ eventId: `c${(made += 1)}`, occurredAt: day * DAY });
const order = (day: number) => purchase({ eventId: `o${(made += 1)}`, occurredAt: day * DAY });
const plan = (day: number, value: string | null) =>
  profile({ eventId: `p${(made += 1)}`, occurredAt: day * DAY, traits: { plan: value } });

function listed(expiresAt: number | null, customer = 'ada'): Listed {
  return { customer, author: 'eve', reason: 'because', expiresAt };
}

describe('entering', () => {
  it('waits until the rule has held for as long as is asked, without a break', () => {
    const told = under([segment('s', { enter: RECENT, confirmMs: 12 * HOUR })]);
    told.apply(contact(1));
    told.settle(3 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${1.5 * DAY} timer`, `2 exited 1 @${2 * DAY} timer`]);
    const broken = under([segment('s', { enter: RECENT, confirmMs: 36 * HOUR })]);
    broken.apply(contact(1));
    broken.apply(contact(2));
    broken.settle(9 * DAY);
    // The first contact goes at the instant of the second, before it: it holds from day 2 on again, too short.
    expect(broken.lines()).toEqual([]);
  });

  it('again waits for the cooldown', () => {
    const told = under([segment('s', { enter: PRO, cooldownMs: 3 * DAY })]);
    told.apply(plan(1, 'pro'));
    told.apply(plan(2, 'free'));
    told.apply(plan(3, 'pro'));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 exited 1 @${2 * DAY} event`,
      `3 entered 1 @${5 * DAY} timer`,
    ]);
  });
});

describe('staying', () => {
  it('is a matter of the weaker rule once in', () => {
    const told = under([segment('s', { enter: RECENT, stay: BOUGHT })]);
    told.apply(order(1));
    told.apply(contact(2));
    told.settle(30 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${2 * DAY} event`, `2 exited 1 @${11 * DAY} timer`]);
  });

  it('lasts through the grace, which begins anew when the rule held in between', () => {
    const told = under([segment('s', { enter: PRO, graceMs: 2 * DAY })]);
    told.apply(plan(1, 'pro'));
    told.apply(plan(2, 'free'));
    told.apply(plan(3, 'pro'));
    told.apply(plan(5, 'free'));
    told.apply(plan(7, 'pro'));
    told.settle(9 * DAY);
    // A grace that ends at an instant ends before an event at it.
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 exited 1 @${7 * DAY} timer`,
      `3 entered 1 @${7 * DAY} event`,
    ]);
  });

  it('lasts at least and at most as long as is asked', () => {
    const told = under([segment('s', { enter: PRO, minStayMs: 5 * DAY, maxStayMs: 8 * DAY })]);
    told.apply(plan(1, 'pro'));
    told.apply(plan(2, 'free'));
    told.settle(6 * DAY);
    expect(told.lines().at(-1)).toBe(`2 exited 1 @${6 * DAY} timer`);
    told.apply(plan(10, 'pro'));
    told.settle(30 * DAY);
    expect(told.lines().slice(2)).toEqual([`3 entered 1 @${10 * DAY} event`, `4 exited 1 @${18 * DAY} timer`]);
  });

  it('at most, is not begun again before the rule was false once', () => {
    const told = under([segment('s', { enter: PRO, maxStayMs: 2 * DAY })]);
    told.apply(plan(1, 'pro'));
    told.apply(contact(4));
    told.apply(plan(5, 'free'));
    told.apply(plan(6, 'pro'));
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 exited 1 @${3 * DAY} timer`,
      `3 entered 1 @${6 * DAY} event`,
    ]);
  });

  it('at most, is begun again at once where only the weaker rule held at its end', () => {
    const told = under([segment('s', { enter: PRO, stay: BOUGHT, maxStayMs: 3 * DAY })]);
    told.apply(order(1));
    told.apply(plan(1, 'pro'));
    told.apply(plan(2, 'free'));
    told.apply(plan(5, 'pro'));
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 exited 1 @${4 * DAY} timer`,
      `3 entered 1 @${5 * DAY} event`,
    ]);
  });
});

describe('unknown', () => {
  it('holds on to what the rule last was, and begins no grace', () => {
    const told = under([segment('s', { enter: PRO, unknown: 'hold', graceMs: DAY })]);
    told.apply(plan(1, null));
    told.apply(plan(2, 'pro'));
    told.apply(plan(3, null));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${2 * DAY} event`]);
  });

  it('is in where that is asked', () => {
    const told = under([segment('s', { enter: PRO, unknown: 'in' })]);
    told.apply(contact(1));
    told.apply(plan(2, 'free'));
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${2 * DAY} event`]);
  });
});

describe('lists', () => {
  it('put a customer in at once and let go when they end', () => {
    const told = under([segment('s', { enter: PRO, confirmMs: DAY, include: [listed(3 * DAY)] })]);
    told.apply(contact(1));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${3 * DAY} timer`]);
  });

  it('keep out whatever the rule and the other list say, and the rule goes on underneath', () => {
    const told = under([
      segment('s', { enter: PRO, confirmMs: 2 * DAY, include: [listed(null)], exclude: [listed(5 * DAY)] }),
      segment('t', { enter: PRO, confirmMs: 2 * DAY, exclude: [listed(5 * DAY), listed(null, 'bob')] }),
    ]);
    told.apply(plan(1, 'pro'));
    told.settle(9 * DAY);
    // Both held for four days when the list ended.
    expect(told.lines()).toEqual([`1 entered 1 @${5 * DAY} timer`, `2 entered 2 @${5 * DAY} timer`]);
  });

  it('that end leave a stay its grace and minimum', () => {
    const told = under([segment('s', { enter: PRO, minStayMs: 4 * DAY, include: [listed(2 * DAY)] })]);
    told.apply(plan(1, 'free'));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${5 * DAY} timer`]);
  });
});

describe('a consent', () => {
  it('is needed to be in, and ends it at once when it is withdrawn', () => {
    const granted = (day: number, is: boolean) =>
      profile({
        eventId: `g${day}`,
        occurredAt: day * DAY,
        consents: [{ purpose: 'health', granted: is, basis: null }],
      });
    const told = under([segment('s', { enter: PRO, minStayMs: 9 * DAY, consent: 'health', include: [listed(null)] })]);
    told.apply(plan(1, 'pro'));
    told.apply(granted(2, true));
    told.apply(granted(3, false));
    expect(told.lines()).toEqual([`1 entered 1 @${2 * DAY} event`, `2 exited 1 @${3 * DAY} event`]);
  });
});

describe('references', () => {
  const refer = (test: Extract<Condition, { kind: 'segment' }>['test']): Condition => ({
    kind: 'segment',
    key: 's',
    test,
  });

  it('read membership after stability', () => {
    const told = under([
      segment('r', { enter: refer({ op: 'in' }) }),
      segment('s', { enter: RECENT, confirmMs: HOUR, graceMs: HOUR }),
    ]);
    told.apply(contact(1));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY + HOUR} timer`,
      `2 entered 2 @${DAY + HOUR} timer`,
      `3 exited 1 @${2 * DAY + HOUR} timer`,
      `4 exited 2 @${2 * DAY + HOUR} timer`,
    ]);
  });

  it('are unknown where the rule is, but for one that holds on', () => {
    const told = under([
      segment('s', { enter: PRO, unknown: 'in' }),
      segment('h', { enter: PRO, unknown: 'hold' }),
      segment('r', { enter: { kind: 'not', of: refer({ op: 'in' }) }, unknown: 'in' }),
      segment('q', { enter: { kind: 'not', of: { kind: 'segment', key: 'h', test: { op: 'in' } } } }),
    ]);
    told.apply(contact(1));
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 entered 3 @${DAY} event`,
      `3 entered 4 @${DAY} event`,
    ]);
  });

  it('for as long, and to entries and exits of late', () => {
    const told = under([
      segment('s', { enter: RECENT }),
      segment('long', { enter: refer({ op: 'inFor', ms: 2 * HOUR }) }),
      segment('came', { enter: refer({ op: 'enteredWithin', ms: 3 * HOUR }) }),
      segment('went', { enter: refer({ op: 'leftWithin', ms: HOUR }) }),
    ]);
    told.apply(contact(1));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([
      `1 entered 1 @${DAY} event`,
      `2 entered 3 @${DAY} event`,
      `3 entered 2 @${DAY + 2 * HOUR} timer`,
      `4 exited 3 @${DAY + 3 * HOUR} timer`,
      `5 exited 1 @${2 * DAY} timer`,
      `6 exited 2 @${2 * DAY} timer`,
      `7 entered 4 @${2 * DAY} timer`,
      `8 exited 4 @${2 * DAY + HOUR} timer`,
    ]);
  });

  it('to entries are unknown until they are remembered long enough', () => {
    const first = ruleSet([segment('s', { enter: RECENT })]);
    const referring = segment('came', { enter: refer({ op: 'enteredWithin', ms: 2 * HOUR }), unknown: 'in' });
    const second = ruleSet([segment('s', { enter: RECENT }), referring], { offset: 1, dueAt: 2 * DAY + HOUR });
    const told = journal([first, second], 0);
    told.apply(contact(1));
    told.settle(9 * DAY);
    // Out since day 2; whether an entry was in the two hours before is known two hours after the rule came.
    expect(told.lines().slice(2)).toEqual([
      `3 entered 2 @${2 * DAY + HOUR} definition`,
      `4 exited 2 @${2 * DAY + 3 * HOUR} timer`,
    ]);
  });
});

describe('a new version', () => {
  it('keeps the clocks of the old one running', () => {
    const version = (graceMs: number, offset: number, dueAt: number) =>
      ruleSet([segment('s', { enter: RECENT, graceMs })], { offset, dueAt });
    const told = journal([version(5 * DAY, 0, 0), version(2 * DAY, 1, 3 * DAY)], 0);
    told.apply(contact(1));
    told.settle(9 * DAY);
    // False since day 2: two days of grace end on day 4.
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${4 * DAY} timer`]);
  });

  it('ends a stay that is longer than it allows', () => {
    const version = (maxStayMs: number | null, offset: number, dueAt: number) =>
      ruleSet([segment('s', { enter: PRO, maxStayMs })], { offset, dueAt });
    const told = journal([version(null, 0, 0), version(2 * DAY, 1, 5 * DAY)], 0);
    told.apply(plan(1, 'pro'));
    told.settle(9 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${5 * DAY} definition`]);
  });

  it('retired, lets its members go', () => {
    const told = journal(
      [ruleSet([segment('s', { enter: PRO, minStayMs: 9 * DAY })]), ruleSet([], { offset: 1, dueAt: 2 * DAY })],
      0,
    );
    told.apply(plan(1, 'pro'));
    told.settle(3 * DAY);
    expect(told.lines()).toEqual([`1 entered 1 @${DAY} event`, `2 exited 1 @${2 * DAY} definition`]);
  });
});

describe('time', () => {
  it('leaves a trace when a rule changes, though nobody enters or leaves', () => {
    const told = under([segment('s', { enter: RECENT, graceMs: 5 * DAY })]);
    told.apply(contact(1));
    // Late by a minute against the rule that turned false on day 2.
    const expected = told.apply(interaction({ eventId: 'late', occurredAt: 2 * DAY - MINUTE }), { asOf: 2 * DAY });
    expect(expected).toMatchObject({ asOf: 2 * DAY, late: true });
  });
});
