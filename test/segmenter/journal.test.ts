import { describe, expect, it } from 'vitest';
import { identity } from '../platform/registry/events.ts';
import { interaction, profile, purchase, survey } from '../core/oracle/events.ts';
import { DAY, HOUR, line, MINUTE, START_MS, TOPICS, whole, World, type Entry } from './world.ts';

const contacts = { event: 'interaction', where: { kind: 'contact' } };
const atLeast = (n: number, within: string): Entry => ({ enter: { count: { ...contacts, within }, atLeast: n } });

describe('the journal (J1)', () => {
  it('says what held just before an event, what the event changed, and where it came from', async () => {
    const world = await World.open([
      ...whole('interactions'),
      { key: 'once', body: atLeast(1, '1h') },
      { key: 'twice', body: atLeast(2, '1h') },
      { key: 'never', body: { enter: { count: { ...contacts, within: '1h' }, equals: 0 } } },
    ]);
    await world.start();
    const at = world.now;
    await world.send('interactions', interaction({ eventId: 'x', occurredAt: at, kind: 'page_view' }));
    await world.send('interactions', interaction({ eventId: 'a', occurredAt: at + 1 }));
    await world.send('interactions', interaction({ eventId: 'b', occurredAt: at + 2 }));
    const facts = await world.facts();
    expect(facts.map(({ seq, segments, entered, exited }) => ({ seq, segments, entered, exited }))).toEqual([
      { seq: 0, segments: [], entered: [3], exited: [] },
      { seq: 1, segments: [3], entered: [1], exited: [3] },
      { seq: 3, segments: [1], entered: [2], exited: [] },
    ]);
    expect(
      facts.map(({ life, customerId, sourceId, input, offset }) => [life, customerId, sourceId, input, offset]),
    ).toEqual([0, 1, 2].map((offset) => [1, 'ada', 'ada', 'interactions', offset]));
    expect(new Set(facts.map(({ rulesOffset }) => rulesOffset))).toEqual(new Set([3]));
    expect(facts.every(({ history, tooLate, late }) => !history && !tooLate && !late)).toBe(true);
  });

  it("passes the event's bytes through untouched, behind a prefix of its own", async () => {
    const world = await World.open([]);
    await world.start();
    const sent = {
      interactions: interaction({ eventId: 'i', occurredAt: world.now, properties: { plan: 'pro', seats: 3 } }),
      purchases: purchase({ eventId: 'p', occurredAt: world.now, productIds: ['x', 'y'] }),
      surveys: survey({ eventId: 's', occurredAt: world.now, score: 4 }),
      profiles: profile({ eventId: 't', occurredAt: world.now, traits: { plan: 'pro', interests: ['tea'] } }),
      identities: { ...identity, eventId: 'l', customerId: 'ada', occurredAt: world.now },
    };
    for (const [input, event] of Object.entries(sent)) await world.append(input as 'interactions', event as never);
    await world.task.caughtUp();
    const facts = await world.facts();
    expect(facts.map(({ input, event }) => [input, event])).toEqual(Object.entries(sent));
    const values = (await world.read('facts')).map(({ value }) => Buffer.from(value!));
    for (const [index, input] of (Object.keys(sent) as (keyof typeof sent)[]).entries()) {
      const [original] = await world.read(input);
      // Confluent's frame takes five bytes; what follows is the event, and a fact ends with it.
      const body = Buffer.from(original!.value!.subarray(5));
      expect(values[index]!.subarray(values[index]!.length - body.length)).toEqual(body);
    }
  });

  it('has one fact for every applied event, with the clock and append time it came at', async () => {
    const world = await World.open([]);
    await world.start();
    const at = world.now;
    await world.send('purchases', purchase({ eventId: 'p', occurredAt: at }));
    const [fact] = await world.facts();
    const [record] = await world.read('purchases');
    expect(fact!.appendedAt).toBe(record!.timestamp);
    expect(fact!.decidedAt).toBeLessThanOrEqual(record!.timestamp);
    expect(fact!.asOf).toBe(at);
  });
});

describe('the order of what is told (S5)', () => {
  it('counts transitions from 1 without gaps, in ascending segment number, all of one evaluation with the final set', async () => {
    const world = await World.open([
      ...whole('interactions'),
      // Numbers follow the order of publication, not that of the rules.
      { key: 'z-first', body: atLeast(1, '10min') },
      { key: 'm-second', body: { enter: { count: { ...contacts, within: '10min' }, equals: 0 } } },
      { key: 'a-third', body: { enter: { segment: 'z-first' } } },
    ]);
    await world.start();
    const at = world.now;
    await world.send('interactions', interaction({ eventId: 'x', occurredAt: at, kind: 'page_view' }));
    await world.send('interactions', interaction({ eventId: 'a', occurredAt: at }));
    await world.until(at + HOUR);
    const changes = await world.changes();
    expect(
      changes.map(({ seq, index, of, kind, segment, number, segments }) => [
        seq,
        index,
        of,
        kind,
        segment,
        number,
        segments,
      ]),
    ).toEqual([
      [1, 0, 1, 'entered', 'm-second', 2, [2]],
      [2, 0, 3, 'entered', 'z-first', 1, [1, 3]],
      [3, 1, 3, 'exited', 'm-second', 2, [1, 3]],
      [4, 2, 3, 'entered', 'a-third', 3, [1, 3]],
      [5, 0, 3, 'exited', 'z-first', 1, [2]],
      [6, 1, 3, 'entered', 'm-second', 2, [2]],
      [7, 2, 3, 'exited', 'a-third', 3, [2]],
    ]);
    expect(changes.map(({ idempotencyKey }) => idempotencyKey)).toEqual(changes.map(({ seq }) => `ada|1|${seq}`));
    expect(changes.map(({ enteredAt }) => enteredAt)).toEqual([null, null, at, null, at, null, at]);
  });

  it('names the record that caused a change, and none for a timer', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', interaction({ eventId: 'the-cause', occurredAt: at }));
    await world.until(at + HOUR);
    expect(
      (await world.changes()).map(({ cause, causeId, causeTopic, causeOffset }) => [
        cause,
        causeId,
        causeTopic,
        causeOffset,
      ]),
    ).toEqual([
      ['event', 'the-cause', TOPICS.interactions, 0],
      ['timer', null, null, null],
    ]);
  });

  it('a customer in no segment has an empty membership, and one is told only when the set changes', async () => {
    const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '10min') }]);
    await world.start();
    const at = world.now;
    for (const id of ['a', 'b', 'c']) await world.send('interactions', interaction({ eventId: id, occurredAt: at }));
    await world.until(at + HOUR);
    const memberships = await world.memberships();
    expect(
      memberships.map(({ seq, asOf, segments }) => [seq, asOf - at, segments.map(({ segment }) => segment)]),
    ).toEqual([
      [0, 0, []],
      [1, 0, ['twice']],
      [2, 10 * MINUTE, []],
    ]);
    expect(memberships[1]!.segments[0]).toEqual({ segment: 'twice', number: 1, version: 1, enteredAt: at });
  });

  it('goes on where it was after a restart', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.start();
    for (let round = 0; round < 3; round++) {
      await world.send('interactions', interaction({ eventId: `e${round}`, occurredAt: world.now }));
      await world.until(world.now + HOUR);
      await world.restart();
    }
    expect((await world.changes()).map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
      '1 entered',
      '2 exited',
      '3 entered',
      '4 exited',
      '5 entered',
      '6 exited',
    ]);
  });
});

describe('duplicates (C1)', () => {
  const event = (occurredAt: number, rest: Entry = {}) => interaction({ eventId: 'same', occurredAt, ...rest });

  it('the same id again within the window writes nothing; with other content it is a conflict, and the first wins', async () => {
    const world = await World.open([...whole('interactions'), { key: 'twice', body: atLeast(2, '10d') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', event(at), event(at), event(at, { channel: 'email' }));
    expect(await world.facts()).toHaveLength(1);
    expect(await world.changes()).toEqual([]);
    expect(world.counts.skips).toEqual(['duplicate', 'conflict']);
    // A repeat does not even count as seen: the journal holds each event once.
    expect(world.customer('ada').profile.sources[0]!.recent.size).toBe(1);
  });

  it('an event sent again by ingest is a duplicate, though it arrives at another time', async () => {
    const world = await World.open([]);
    await world.start();
    const at = world.now;
    await world.send('interactions', event(at - 10, { receivedAt: at }), event(at - 10, { receivedAt: at + MINUTE }));
    const unsaid = (receivedAt: number) => interaction({ eventId: 'unsaid', occurredAt: receivedAt, receivedAt });
    await world.send('interactions', unsaid(at), unsaid(at + 1));
    expect(world.counts.skips).toEqual(['duplicate', 'duplicate']);
    expect(await world.facts()).toHaveLength(2);
  });

  it('is a new event once the window of append time is over, to the millisecond', async () => {
    const world = await World.open([], { limits: { dedupWindowMs: HOUR } });
    await world.start();
    const at = world.now;
    await world.send('interactions', event(at));
    const [first] = await world.facts();
    await world.until(first!.appendedAt + HOUR - 1);
    await world.append('interactions', event(at));
    const [, second] = await world.read('interactions');
    await world.task.caughtUp();
    // The virtual host may let a millisecond pass between the two looks at its clock.
    const inside = second!.timestamp < first!.appendedAt + HOUR;
    expect(world.counts.skips).toEqual(inside ? ['duplicate'] : []);
    await world.until(first!.appendedAt + HOUR + MINUTE);
    await world.send('interactions', event(at));
    expect(await world.facts()).toHaveLength(2);
  });

  it('knows ids per input and per customer: equal ids elsewhere are other events', async () => {
    const world = await World.open([]);
    await world.start();
    const at = world.now;
    await world.send('interactions', event(at), event(at, { customerId: 'bob' }));
    await world.send('purchases', purchase({ eventId: 'same', occurredAt: at }));
    expect((await world.facts()).map(({ customerId, input }) => `${customerId} ${input}`)).toEqual([
      'ada interactions',
      'bob interactions',
      'ada purchases',
    ]);
  });

  it('remembers no more ids than it may, and counts what that cost', async () => {
    const world = await World.open([], { limits: { dedupIdsMax: 2 } });
    await world.start();
    const at = world.now;
    for (const id of ['a', 'b', 'c', 'a', 'c'])
      await world.send('interactions', interaction({ eventId: id, occurredAt: at }));
    // The first was forgotten, so its repeat counts; the last one was not.
    expect((await world.facts()).map((fact) => fact.event.eventId)).toEqual(['a', 'b', 'c', 'a']);
    expect(world.counts.forgotten).toBe(2);
    expect(world.counts.skips).toEqual(['duplicate']);
  });

  it('survives a restart', async () => {
    const world = await World.open([]);
    await world.start();
    const sent = event(world.now);
    await world.send('interactions', sent);
    await world.restart();
    await world.send('interactions', sent);
    expect(world.counts.skips).toEqual(['duplicate']);
    expect(world.customer('ada').profile.sources[0]!.recent.size).toBe(1);
  });
});

describe('imported history (C2)', () => {
  const since = START_MS - 10 * DAY;
  const covered = {
    kind: 'coverage',
    key: 'coverage-interactions',
    body: { input: 'interactions', kinds: '*', since },
  } as const;
  const imported = (eventId: string, occurredAt: number, rest: Entry = {}) =>
    interaction({ eventId, occurredAt, importId: 'import-1', ...rest });

  it('is taken from before the feed is whole, however old, and told as backfill as of the clock', async () => {
    const world = await World.open([covered, { key: 'long-known', body: { enter: { count: contacts, atLeast: 2 } } }]);
    await world.start();
    await world.send('interactions', imported('a', since - 400 * DAY), imported('b', since - 1));
    const facts = await world.facts();
    expect(facts.map(({ history, late, tooLate, entered }) => [history, late, tooLate, entered])).toEqual([
      [true, false, false, []],
      [true, false, false, [1]],
    ]);
    const [change] = await world.changes();
    expect([change!.cause, change!.causeId, change!.effectiveAt]).toEqual(['backfill', 'b', facts[1]!.decidedAt]);
    expect(world.customer('ada').profile.tenure).toBe(since - 400 * DAY);
  });

  it('is skipped from where the feed is whole, and not remembered: the live event counts', async () => {
    const world = await World.open([covered]);
    await world.start();
    await world.send('interactions', imported('a', since), imported('b', since + 1));
    expect(await world.facts()).toEqual([]);
    expect(world.counts.skips).toEqual(['covered', 'covered']);
    expect([world.task.task.state!.size, await world.memberships()]).toEqual([0, []]);
    const live = interaction({ eventId: 'a', occurredAt: since + 4 * DAY });
    await world.send('interactions', live);
    expect((await world.facts()).map(({ event }) => event)).toEqual([live]);
  });

  it('kinds have feeds of their own', async () => {
    const byKind = {
      kind: 'coverage',
      key: 'coverage-kinds',
      body: { input: 'interactions', kinds: ['contact'], since: 'always' },
    } as const;
    const world = await World.open([covered, byKind]);
    await world.start();
    await world.send('interactions', imported('a', since - DAY), imported('b', since - DAY, { kind: 'page_view' }));
    expect((await world.facts()).map(({ event }) => event.eventId)).toEqual(['b']);
  });

  it('an import mark is no event and no poison', async () => {
    const world = await World.open([covered]);
    await world.start();
    const { importMarkHeaders } = await import('../../services/core/domain/events/import-mark.ts');
    const headers = importMarkHeaders({ mark: 'begin', importId: 'import-1', input: 'interactions', coverage: [] });
    await world.driver.append({ topic: TOPICS.interactions, key: '', value: null, headers });
    await world.task.caughtUp();
    expect(world.counts.skips).toEqual(['mark']);
    expect(await world.read('deadLetters')).toEqual([]);
  });
});

describe('what is not acted on yet', () => {
  it('identity links and erasures are journaled, counted, and change nothing', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', interaction({ eventId: 'a', occurredAt: at }));
    await world.send('identities', { ...identity, eventId: 'l', customerId: 'ada', occurredAt: at + 1 });
    await world.send('profiles', profile({ eventId: 'x', occurredAt: at + 2, kind: 'erase', traits: { plan: 'pro' } }));
    expect(world.counts.notActed).toEqual(['identity', 'erase']);
    expect((await world.facts()).map(({ input, segments, entered }) => [input, segments, entered])).toEqual([
      ['interactions', [], [1]],
      ['identities', [1], []],
      ['profiles', [1], []],
    ]);
    expect(world.customer('ada').profile.sources[0]!.traits.size).toBe(0);
    await world.until(at + HOUR);
    expect((await world.changes()).map(line)[1]).toBe(`exited once at ${at + 10 * MINUTE - START_MS} by timer`);
  });

  it('their own timers come before them all the same', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.start();
    const at = world.now;
    await world.append('interactions', interaction({ eventId: 'a', occurredAt: at }));
    await world.task.caughtUp();
    await world.task.stop();
    await world.pass(HOUR);
    await world.append('identities', { ...identity, eventId: 'l', customerId: 'ada', occurredAt: world.now });
    await world.start();
    await world.task.caughtUp();
    expect((await world.facts()).map(({ segments, seq }) => [segments, seq])).toEqual([
      [[], 0],
      [[], 2],
    ]);
  });
});
