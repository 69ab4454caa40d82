import { describe, expect, it } from 'vitest';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import { hash64 } from '../../services/core/domain/events/event-id.ts';
import { interaction, purchase } from '../core/oracle/events.ts';
import { DAY, HOUR, line, MINUTE, SECOND, START_MS, whole, World, type Entry } from './world.ts';

let ids = 0;
/** A contact with an id of its own. */
function contact(occurredAt: number, rest: Partial<Interaction> = {}): Interaction {
  return interaction({ eventId: `event-${(ids += 1)}`, occurredAt, ...rest });
}

const contacts = { event: 'interaction', where: { kind: 'contact' } };
const atLeast = (n: number, within: string): Entry => ({ enter: { count: { ...contacts, within }, atLeast: n } });
const quiet = (within: string): Entry => ({ enter: { none: { ...contacts, within } } });

describe('the instant of an event (T1)', () => {
  it('is the earlier of when it occurred and when it was appended, the original kept', async () => {
    const world = await World.open(whole('interactions'));
    await world.start();
    const appendedAt = world.now;
    await world.send('interactions', contact(appendedAt + MINUTE), contact(appendedAt - MINUTE));
    const facts = await world.facts();
    expect(facts.map(({ instant }) => instant)).toEqual([facts[0]!.appendedAt, appendedAt - MINUTE]);
    expect(facts.map(({ event }) => event.occurredAt)).toEqual([appendedAt + MINUTE, appendedAt - MINUTE]);
  });

  it('may lie 5 minutes after its append time; a millisecond more is a dead letter', async () => {
    const world = await World.open([]);
    await world.start();
    // The log stamps the record when it arrives: aim for the edge from there.
    await world.append('interactions', contact(world.now + 5 * MINUTE));
    await world.append('interactions', contact(world.now + 5 * MINUTE + 1));
    await world.task.caughtUp();
    expect(await world.facts()).toHaveLength(1);
    const [letter] = await world.read('deadLetters');
    const headers = new Map(letter!.headers.map(({ key, value }) => [key, Buffer.from(value!).toString()]));
    expect(headers.get('tributary.error.code')).toBe('EVENT_FROM_THE_FUTURE');
    expect(world.counts.deadLetters).toEqual(['EVENT_FROM_THE_FUTURE']);
  });

  it('in a replay is when it occurred; beyond the declared end it is a dead letter', async () => {
    const world = await World.open(whole('interactions'));
    const end = START_MS - DAY;
    for (const occurredAt of [end - 100 * DAY, end, end + 1]) await world.append('interactions', contact(occurredAt));
    await world.replay(end);
    expect((await world.facts()).map(({ instant, tooLate }) => [instant, tooLate])).toEqual([
      [end - 100 * DAY, false],
      [end, false],
    ]);
    expect(world.counts.deadLetters).toEqual(['EVENT_FROM_THE_FUTURE']);
  });
});

describe("a customer's own now (T2)", () => {
  it('fires its own due timers before an event, each at its due instant, in due order', async () => {
    const world = await World.open([
      ...whole('interactions'),
      { key: 'one-in-20', body: atLeast(1, '20min') },
      { key: 'one-in-10', body: atLeast(1, '10min') },
    ]);
    await world.start();
    const at = world.now;
    await world.append('interactions', contact(at));
    // The task sleeps through the timers; the next event comes before it has looked at them.
    await world.task.stop();
    await world.pass(HOUR);
    const later = world.now;
    await world.append('interactions', contact(later));
    await world.start();
    await world.task.caughtUp();
    const since = at - START_MS;
    expect((await world.changes()).map(line)).toEqual([
      `entered one-in-20 at ${since} by event`,
      `entered one-in-10 at ${since} by event`,
      `exited one-in-10 at ${since + 10 * MINUTE} by timer`,
      `exited one-in-20 at ${since + 20 * MINUTE} by timer`,
      `entered one-in-20 at ${later - START_MS} by event`,
      `entered one-in-10 at ${later - START_MS} by event`,
    ]);
    // J1: the set just before the second event is that after its timers.
    expect((await world.facts()).map(({ segments, seq }) => [segments, seq])).toEqual([
      [[], 0],
      [[], 4],
    ]);
  });

  it('judges a late event once, at asOf, with cause late', async () => {
    const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '1h') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at), contact(at - 10 * MINUTE));
    const since = at - START_MS;
    expect((await world.changes()).map(line)).toEqual([`entered twice at ${since} by late`]);
    expect((await world.facts()).map(({ late, instant, asOf }) => [late, instant - at, asOf - at])).toEqual([
      [false, 0, 0],
      [true, -10 * MINUTE, 0],
    ]);
    // The late one leaves first: an hour after it happened, not after it came.
    await world.until(at + 2 * HOUR);
    expect((await world.changes()).map(line)[1]).toBe(`exited twice at ${since + 50 * MINUTE} by timer`);
  });

  it('never goes back, and an event at exactly asOf is not late', async () => {
    const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '1h') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at), contact(at - HOUR), contact(at - 2 * HOUR), contact(at));
    expect((await world.facts()).map(({ asOf, late }) => [asOf - at, late])).toEqual([
      [0, false],
      [0, true],
      [0, true],
      [0, false],
    ]);
    const effective = (await world.changes()).map(({ effectiveAt }) => effectiveAt);
    expect(effective).toEqual([...effective].sort((a, b) => a - b));
  });

  it('a timer that changes a rule sets asOf; one that changes only a condition leaves no trace', async () => {
    const world = await World.open([
      ...whole('interactions', 'purchases'),
      // The second count keeps the rule true when the first one falls.
      { key: 'any-of-two', body: { enter: { any: [atLeast(1, '10min')['enter'], atLeast(1, '2h')['enter']] } } },
    ]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at));
    await world.until(at + HOUR);
    const { profile } = world.customer('ada');
    expect([profile.asOf - at, profile.firedThrough - at]).toEqual([0, 10 * MINUTE]);
    // An event between asOf and the timer is not late, and is judged as if the timer had not fired.
    await world.send('interactions', contact(at + 5 * MINUTE, { kind: 'page_view' }));
    expect((await world.facts()).map(({ late, asOf }) => [late, asOf - at])).toEqual([
      [false, 0],
      [false, 5 * MINUTE],
    ]);
    await world.until(at + 3 * HOUR);
    expect((await world.changes()).map(line)).toEqual([
      `entered any-of-two at ${at - START_MS} by event`,
      `exited any-of-two at ${at + 2 * HOUR - START_MS} by timer`,
    ]);
    expect(world.customer('ada').profile.asOf).toBe(at + 2 * HOUR);
  });

  it('an event that comes after a timer without trace is judged at its own instant', async () => {
    const both = { all: [atLeast(1, '10min')['enter'], { count: { event: 'purchase', within: '1h' }, atLeast: 1 }] };
    const world = await World.open([...whole('interactions', 'purchases'), { key: 'both', body: { enter: both } }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at));
    // The contact has left its window by now; without a purchase the rule never was true, so nothing was told.
    await world.until(at + 20 * MINUTE);
    await world.send('purchases', purchase({ eventId: 'p', occurredAt: at + 5 * MINUTE }));
    await world.until(at + 30 * MINUTE);
    expect((await world.changes()).map(line)).toEqual([
      `entered both at ${at + 5 * MINUTE - START_MS} by event`,
      `exited both at ${at + 10 * MINUTE - START_MS} by timer`,
    ]);
  });
});

describe('lateness (T5)', () => {
  it('is counted from the append time: beyond the limit an event is journaled and not folded', async () => {
    const world = await World.open([
      ...whole('interactions'),
      { key: 'ever', body: { enter: { count: contacts, atLeast: 1 } } },
    ]);
    await world.start();
    await world.append('interactions', contact(world.now - 7 * DAY - 1));
    await world.append('interactions', contact(world.now - 7 * DAY, { customerId: 'bob' }));
    await world.task.caughtUp();
    const facts = await world.facts();
    expect(facts.map(({ customerId, tooLate, entered }) => [customerId, tooLate, entered])).toEqual([
      ['ada', true, []],
      ['bob', false, [1]],
    ]);
    // Late both: even the second comes from before the definitions were in force (D3).
    expect(world.counts.appliedFlags).toEqual(['late tooLate', 'late']);
    // It is not remembered as the beginning of the customer either.
    expect(world.customer('ada').profile.tenure).toBe(Infinity);
  });
});

describe('the clock of decisions (T6)', () => {
  it('stamps every change and fact, and is the same when the same history is replayed', async () => {
    const tell = async (seed: number): Promise<readonly string[]> => {
      const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '1h') }], { seed });
      const from = START_MS - DAY;
      for (const [index, minutes] of [0, 30, 45, 200].entries())
        await world.append('interactions', interaction({ eventId: `e${index}`, occurredAt: from + minutes * MINUTE }));
      await world.replay(START_MS);
      return (await world.changes()).map((change) => `${line(change)} decided ${change.decidedAt - from}`);
    };
    const told = await tell(1);
    expect(told).toEqual([
      `entered twice at ${30 * MINUTE - DAY} by event decided ${30 * MINUTE}`,
      // The timer fires when the clock has passed it: with the event after it.
      `exited twice at ${90 * MINUTE - DAY} by timer decided ${200 * MINUTE}`,
    ]);
    expect(await tell(7)).toEqual(told);
  });

  it('live it lies behind the host by the delay, never ahead of it', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '1min') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at));
    await world.until(at + 2 * MINUTE);
    const [entered, exited] = await world.changes();
    expect(entered!.decidedAt).toBeLessThan(at);
    expect(exited!.effectiveAt).toBe(at + MINUTE);
    expect(exited!.decidedAt).toBeGreaterThanOrEqual(at + MINUTE);
    expect(exited!.decidedAt).toBeLessThan(at + MINUTE + 2 * SECOND);
  });
});

describe('edges of windows (T7)', () => {
  it('an event at t counts from t on and stops counting at exactly t + W', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '90s') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at));
    await world.until(at + 5 * MINUTE);
    expect((await world.changes()).map(line)).toEqual([
      `entered once at ${at - START_MS} by event`,
      `exited once at ${at + 90 * SECOND - START_MS} by timer`,
    ]);
  });

  it('an event at exactly t + W finds the one at t gone', async () => {
    const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '1h') }]);
    for (const at of [0, HOUR, 2 * HOUR - 1]) await world.append('interactions', contact(START_MS - DAY + at));
    await world.replay(START_MS);
    expect((await world.changes()).map(line)).toEqual([
      `entered twice at ${2 * HOUR - 1 - DAY} by event`,
      `exited twice at ${2 * HOUR - DAY} by timer`,
    ]);
  });

  it('absence begins at exactly the last event + D', async () => {
    const world = await World.open([...whole('interactions'), { key: 'quiet', body: quiet('2min') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact(at), contact(at + 1));
    await world.until(at + 5 * MINUTE);
    expect((await world.changes()).map(line)).toEqual([`entered quiet at ${at + 1 + 2 * MINUTE - START_MS} by timer`]);
  });

  it('among events of one instant the greater hash of the id is the last', async () => {
    const score = { last: { event: 'interaction', where: { kind: 'contact' }, of: 'sentiment' }, lessThan: 0 };
    const good = interaction({ eventId: 'a', occurredAt: START_MS - DAY, sentiment: 0.5 });
    const bad = interaction({ eventId: 'b', occurredAt: START_MS - DAY, sentiment: -0.5 });
    const [a, b] = [hash64('a'), hash64('b')];
    const badIsLast = b.hi > a.hi || (b.hi === a.hi && b.lo > a.lo);
    for (const events of [
      [good, bad],
      [bad, good],
    ]) {
      const world = await World.open([...whole('interactions'), { key: 'cross', body: { enter: score } }]);
      for (const event of events) await world.append('interactions', event);
      await world.replay(START_MS);
      expect(world.customer('ada').profile.held.numbers).toEqual(badIsLast ? [1] : []);
    }
  });
});
