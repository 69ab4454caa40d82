import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../services/core/domain/language/ast.ts';
import { interaction, profile } from './events.ts';
import { journal, type Journal } from './journal.ts';
import { at, BERLIN, DAY, group, HOUR, ruleSet, segment, under } from './definitions.ts';

function plan(...values: string[]): Condition {
  return { kind: 'trait', trait: 'plan', test: { op: 'in', values } };
}

let made = 0;
const tell = (occurredAt: number, value: string | null) =>
  profile({ eventId: `p${(made += 1)}`, occurredAt, traits: { plan: value } });
const contact = (occurredAt: number) => interaction({ eventId: `c${(made += 1)}`, occurredAt });

/** `from>to@instant cause` of each move. */
function moves(told: Journal): readonly string[] {
  return told.transitions.map(({ kind, from, to, effectiveAt, cause }) => {
    return kind === 'moved' ? `${from ?? '-'}>${to ?? '-'}@${effectiveAt} ${cause}` : `${kind}@${effectiveAt} ${cause}`;
  });
}

const TIERS = { gold: { enter: plan('gold') }, silver: { enter: plan('silver') }, standard: null };

describe('a group', () => {
  it('has everybody in exactly one member from the first evaluation on', () => {
    const told = under([group('tier', TIERS)]);
    const first = told.apply(contact(DAY));
    expect(first).toMatchObject({ segments: [], entered: [4], exited: [] });
    const second = told.apply(tell(2 * DAY, 'gold'));
    expect(second).toMatchObject({ segments: [4], entered: [2], exited: [4] });
    told.apply(tell(3 * DAY, 'silver'));
    expect(moves(told)).toEqual([
      `->standard@${DAY} event`,
      `standard>gold@${2 * DAY} event`,
      `gold>silver@${3 * DAY} event`,
    ]);
    expect(told.transitions.map(({ number, enteredAt }) => [number, enteredAt])).toEqual([
      [4, null],
      [2, DAY],
      [3, 2 * DAY],
    ]);
  });

  it('takes the first in order that holds', () => {
    const told = under([
      group('tier', { gold: { enter: plan('gold') }, any: { enter: plan('gold', 'silver') }, rest: null }),
    ]);
    told.apply(tell(DAY, 'gold'));
    expect(moves(told)).toEqual([`->gold@${DAY} event`]);
  });

  it('moves up at once, down after grace and minimum stay', () => {
    const guarded = { enter: plan('gold'), graceMs: 2 * DAY, minStayMs: 5 * DAY };
    const told = under([group('tier', { ...TIERS, gold: guarded })]);
    told.apply(tell(DAY, 'gold'));
    told.apply(tell(2 * DAY, 'silver'));
    told.settle(6 * DAY - 1);
    expect(moves(told)).toEqual([`->gold@${DAY} event`]);
    told.apply(tell(7 * DAY, 'gold'));
    told.apply(tell(20 * DAY, 'silver'));
    told.apply(tell(21 * DAY, 'none'));
    told.settle(30 * DAY);
    expect(moves(told).slice(1)).toEqual([
      `gold>silver@${6 * DAY} timer`,
      `silver>gold@${7 * DAY} event`,
      // The rule is false from day 20 on; where to is decided on day 22.
      `gold>standard@${22 * DAY} timer`,
    ]);
  });

  it('moves down at the next beginning of a month of its zone', () => {
    const start = at('2026-03-10T00:00:00Z');
    const members = { ...TIERS, gold: { enter: plan('gold'), graceMs: DAY } };
    const told = under([group('tier', members, { unit: 'month', zone: BERLIN })]);
    told.apply(tell(start, 'gold'));
    told.apply(tell(start + DAY, 'none'));
    told.settle(start + 60 * DAY);
    expect(moves(told)).toEqual([`->gold@${start} event`, `gold>standard@${at('2026-03-31T22:00:00Z')} timer`]);
  });

  it('leaves its default at once, up or down', () => {
    const members = {
      gold: { enter: plan('gold') },
      standard: null,
      blocked: { enter: plan('blocked'), graceMs: DAY },
    };
    const told = under([group('tier', members)]);
    told.apply(tell(DAY, 'none'));
    told.apply(tell(2 * DAY, 'blocked'));
    told.apply(tell(3 * DAY, 'none'));
    // The default stands before: a way up, which waits for nothing.
    expect(moves(told)).toEqual([
      `->standard@${DAY} event`,
      `standard>blocked@${2 * DAY} event`,
      `blocked>standard@${3 * DAY} event`,
    ]);
  });

  it('is stayed in by the weaker rule of the member one is in only', () => {
    const told = under([group('tier', { ...TIERS, gold: { enter: plan('gold'), stay: plan('silver') } })]);
    told.apply(tell(DAY, 'silver'));
    told.apply(tell(2 * DAY, 'gold'));
    told.apply(tell(3 * DAY, 'silver'));
    told.apply(tell(4 * DAY, 'none'));
    expect(moves(told)).toEqual([
      `->silver@${DAY} event`,
      `silver>gold@${2 * DAY} event`,
      `gold>standard@${4 * DAY} event`,
    ]);
  });

  it('holds on to a member whose rule is unknown', () => {
    const told = under([group('tier', { ...TIERS, gold: { enter: plan('gold'), unknown: 'hold' } })]);
    told.apply(tell(DAY, 'gold'));
    told.apply(tell(2 * DAY, null));
    told.apply(tell(3 * DAY, 'none'));
    expect(moves(told)).toEqual([`->gold@${DAY} event`, `gold>standard@${3 * DAY} event`]);
  });

  it('obeys lists at once', () => {
    const entry = { customer: 'ada', author: 'eve', reason: 'because' };
    const gold = {
      enter: plan('gold'),
      minStayMs: 90 * DAY,
      include: [{ ...entry, expiresAt: 3 * DAY }],
      exclude: [{ ...entry, expiresAt: null }],
    };
    const out = under([group('tier', { ...TIERS, gold })]);
    out.apply(tell(DAY, 'gold'));
    expect(moves(out)).toEqual([`->standard@${DAY} event`]);
    const included = under([group('tier', { ...TIERS, gold: { ...gold, minStayMs: 0, graceMs: DAY, exclude: [] } })]);
    included.apply(tell(DAY, 'none'));
    included.settle(9 * DAY);
    // Its rule does not hold from the end of the list on: a day of grace.
    expect(moves(included)).toEqual([`->gold@${DAY} event`, `gold>standard@${4 * DAY} timer`]);
  });
});

describe('references to a group', () => {
  const tier = (test: Extract<Condition, { kind: 'tier' }>['test']): Condition => ({
    kind: 'tier',
    group: 'tier',
    test,
  });

  it('read the member, its place and the last moves in the same evaluation', () => {
    const told = under([
      segment('good', { enter: tier({ op: 'atLeast', member: 'silver' }) }),
      segment('plain', { enter: { kind: 'not', of: tier({ op: 'is', members: ['gold'] }) } }),
      segment('rising', { enter: tier({ op: 'movedUp', ms: HOUR }) }),
      segment('falling', { enter: tier({ op: 'movedDown', ms: HOUR }) }),
      group('tier', TIERS),
    ]);
    told.apply(tell(DAY, 'none'));
    told.apply(tell(2 * DAY, 'gold'));
    told.apply(tell(3 * DAY, 'silver'));
    told.settle(9 * DAY);
    const lines = told.transitions
      .filter(({ kind }) => kind !== 'moved')
      .map(({ kind, number, effectiveAt }) => `${kind} ${number}@${effectiveAt}`);
    expect(lines).toEqual([
      `entered 2@${DAY}`,
      `entered 1@${2 * DAY}`,
      `exited 2@${2 * DAY}`,
      `entered 3@${2 * DAY}`,
      `exited 3@${2 * DAY + HOUR}`,
      `entered 2@${3 * DAY}`,
      `entered 4@${3 * DAY}`,
      `exited 4@${3 * DAY + HOUR}`,
    ]);
  });
});

describe('a new version of a group', () => {
  it('moves who was in a member that is gone, in the same evaluation', () => {
    const numbered = group('tier', TIERS);
    const without = group('tier', { gold: TIERS.gold, standard: null });
    const before = ruleSet([numbered]);
    const after = ruleSet([without], { offset: 1, dueAt: 5 * DAY });
    // Numbers are never reused: those of the members stay what they were.
    const kept = after.groups.map((live) => ({ ...live, version: 2, numbers: before.groups[0]!.numbers }));
    const told = journal([before, { ...after, groups: kept }], 0);
    told.apply(tell(DAY, 'silver'));
    told.settle(6 * DAY);
    expect(moves(told)).toEqual([`->silver@${DAY} event`, `silver>standard@${5 * DAY} definition`]);
  });
});
