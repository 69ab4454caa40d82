import { describe, expect, it } from 'vitest';
import type { Change } from '../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import { Catalogue } from '../../services/core/domain/language/catalogue.ts';
import { interaction } from '../core/oracle/events.ts';
import { DAY, HOUR, line, MINUTE, SECOND, START_MS, whole, World, type Entry, type Publication } from './world.ts';

const contacts = { event: 'interaction', where: { kind: 'contact' } };
const pages = { event: 'interaction', where: { kind: 'page_view' } };
const atLeast = (n: number, within: string, events: Entry = contacts): Entry => ({
  enter: { count: { ...events, within }, atLeast: n },
});
const GRID = 5 * SECOND;
/** Contacts are counted from the beginning, whatever is asked of them later: the series is there. */
const counted: readonly Publication[] = [...whole('interactions'), { key: 'base', body: atLeast(999, '1d') }];

let ids = 0;
const contact = (customerId: string, occurredAt: number) =>
  interaction({ eventId: `event-${(ids += 1)}`, customerId, occurredAt });
const page = (customerId: string, occurredAt: number) =>
  interaction({ eventId: `event-${(ids += 1)}`, customerId, occurredAt, kind: 'page_view' });

/** When a definition published now comes into force. */
function dueAfter(now: number): number {
  return Math.ceil((now + 5 * SECOND) / GRID) * GRID;
}

describe('the catalogue (D1)', () => {
  const record = (rest: Partial<DefinitionRecord> & { key: string; body?: string }): DefinitionRecord => ({
    kind: 'segment',
    basedOn: null,
    author: null,
    reason: null,
    publishedAt: START_MS,
    effectiveFrom: null,
    body: JSON.stringify({ key: rest.key, name: rest.key, ...atLeast(1, '1d') }),
    ...rest,
  });
  const referring = (key: string, to: string) => JSON.stringify({ key, name: key, enter: { segment: to } });

  /** Folds records at offsets 0, 1, … and says which were refused, and why. */
  function folded(records: readonly DefinitionRecord[]) {
    const catalogue = new Catalogue();
    const refused = records.map(
      (one, offset) => catalogue.fold(offset, one)?.mistakes.map(({ message }) => message) ?? [],
    );
    return { catalogue, refused };
  }

  it('refuses what is based on anything but the version in force, alike for every reader', () => {
    const records = [
      record({ key: 'a' }),
      record({ key: 'a' }),
      record({ key: 'a', basedOn: 0 }),
      record({ key: 'a', basedOn: 0 }),
      record({ key: 'b', basedOn: 7 }),
    ];
    const { catalogue, refused } = folded(records);
    expect(refused).toEqual([
      [],
      ['version 1 was published meanwhile'],
      [],
      ['version 2 was published meanwhile'],
      ['there is no such definition any more, or there never was'],
    ]);
    expect(catalogue.refusals.map(({ offset, stale }) => [offset, stale])).toEqual([
      [1, true],
      [3, true],
      [4, true],
    ]);
    expect(folded(records)).toEqual({ catalogue, refused });
    // What a publisher is told beforehand is what the fold says then.
    const before = new Catalogue();
    before.fold(0, records[0]!);
    expect(before.check(records.slice(1, 3)).map((refusal) => refusal?.mistakes[0]?.message)).toEqual([
      'version 1 was published meanwhile',
      undefined,
    ]);
    expect(before.segments.map(({ version }) => version)).toEqual([1]);
  });

  it('gives each key the ordinal of its first accepted record, for ever', () => {
    const { catalogue } = folded([
      record({ key: 'b' }),
      record({ key: 'bad', body: '{}' }),
      record({ key: 'a' }),
      record({ kind: 'retire', key: 'b', basedOn: 0, body: '{}' }),
      record({ key: 'c' }),
      record({ key: 'b' }),
    ]);
    expect(['b', 'a', 'c', 'bad'].map((key) => catalogue.numberOf(key))).toEqual([1, 2, 3, undefined]);
    expect(catalogue.segments.map(({ number, version, offset }) => [number, version, offset])).toEqual([
      [1, 2, 5],
      [2, 1, 2],
      [3, 1, 4],
    ]);
  });

  it('refuses to retire what is referred to, references to nothing, and cycles with their path', () => {
    const { refused } = folded([
      record({ key: 'base' }),
      record({ key: 'user', body: referring('user', 'base') }),
      record({ kind: 'retire', key: 'base', basedOn: 0, body: '{}' }),
      record({ key: 'lost', body: referring('lost', 'bas') }),
      record({ key: 'base', basedOn: 0, body: referring('base', 'user') }),
      record({ key: 'own', body: referring('own', 'own') }),
    ]);
    expect(refused.slice(2)).toEqual([
      ['user refers to base'],
      ['there is no live segment bas; did you mean base?'],
      ['refers to itself: base -> user -> base'],
      ['refers to itself: own -> own'],
    ]);
  });

  it('refuses references deeper than four', () => {
    const keys = ['s0', 's1', 's2', 's3', 's4', 's5'];
    const { refused } = folded(
      keys.map((key, index) => record(index === 0 ? { key } : { key, body: referring(key, keys[index - 1]!) })),
    );
    expect(refused.map(({ length }) => length)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(refused[5]).toEqual(['references are deeper than 4: s5 -> s4 -> s3 -> s2 -> s1 -> s0']);
  });

  it.each([
    ['no JSON', 'x'],
    ['no entries', '[]'],
    ['an input there is not', '{"input":"constructor","kinds":"*","since":"always"}'],
    ['no instant', '{"input":"surveys","kinds":"*","since":"yesterday"}'],
    ['kinds that are no texts', '{"input":"surveys","kinds":[1],"since":"always"}'],
  ])('refuses coverage with %s', (_what, body) => {
    expect(folded([record({ kind: 'coverage', key: 'c', body })]).refused[0]).toHaveLength(1);
  });

  it('a refused record changes nothing for the segmenter', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.publish({ key: 'once', basedOn: 99, body: atLeast(5, '10min') });
    await world.start();
    const at = world.now;
    await world.send('interactions', contact('ada', at));
    expect((await world.changes()).map(({ version }) => version)).toEqual([1]);
  });
});

describe('when a version takes effect (D2)', () => {
  it('live, at its instant on the grid of 5 seconds, whoever looks when', async () => {
    const world = await World.open(counted);
    await world.start();
    await world.send('interactions', contact('ada', world.now), contact('bob', world.now));
    const publishedAt = world.now;
    await world.publish({ key: 'once', body: atLeast(1, '1h') });
    const due = dueAfter(publishedAt);
    await world.until(due - SECOND);
    expect(await world.changes()).toEqual([]);
    await world.until(due + MINUTE);
    expect((await world.changes()).map(line)).toEqual([
      `entered once at ${due - START_MS} by definition`,
      `entered once at ${due - START_MS} by definition`,
    ]);
  });

  it('records of one instant are one set: nobody is seen between them', async () => {
    const world = await World.open(counted);
    await world.start();
    await world.send('interactions', contact('ada', world.now));
    const effectiveFrom = dueAfter(world.now) + MINUTE;
    await world.publish({ key: 'once', body: atLeast(1, '1h'), effectiveFrom });
    await world.publish({ key: 'once', body: atLeast(9, '1h'), effectiveFrom });
    await world.publish({ key: 'twice', body: atLeast(1, '2h'), effectiveFrom });
    await world.until(effectiveFrom + MINUTE);
    const changes = await world.changes();
    expect(changes.map(line)).toEqual([`entered twice at ${effectiveFrom - START_MS} by definition`]);
    expect(changes[0]!.rulesOffset).toBe(4);
  });

  it('in a replay everything known at its start is in force before the first event', async () => {
    // Published today, long after the events.
    const world = await World.open([]);
    await world.publish(...whole('interactions'), {
      key: 'once',
      body: atLeast(1, '1h'),
      effectiveFrom: START_MS + DAY,
    });
    await world.append('interactions', contact('ada', START_MS - 100 * DAY));
    await world.replay(START_MS);
    expect((await world.changes()).map(line)).toEqual([
      `entered once at ${-100 * DAY} by event`,
      `exited once at ${HOUR - 100 * DAY} by timer`,
    ]);
    expect((await world.facts()).map(({ rulesOffset }) => rulesOffset)).toEqual([1]);
  });
});

describe('everybody is brought up to date (D3)', () => {
  it('timers due before the new version fire under the old one, later ones under the new one', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '10min') }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact('ada', at));
    await world.until(at + 8 * MINUTE);
    const bobAt = world.now;
    await world.send('interactions', contact('bob', bobAt));
    // The task is away while both things come due.
    await world.task.stop();
    const effectiveFrom = Math.ceil((at + 15 * MINUTE) / GRID) * GRID;
    await world.publish({ key: 'once', body: atLeast(1, '30min'), effectiveFrom });
    await world.pass(2 * HOUR);
    await world.start();
    await world.task.caughtUp();
    const told = (id: string, changes: readonly Change[]) =>
      changes.filter(({ customerId }) => customerId === id).map((change) => `${line(change)} v${change.version}`);
    const changes = await world.changes();
    const since = at - START_MS;
    expect(told('ada', changes)).toEqual([
      `entered once at ${since} by event v1`,
      `exited once at ${since + 10 * MINUTE} by timer v1`,
      `entered once at ${effectiveFrom - START_MS} by definition v2`,
      `exited once at ${since + 30 * MINUTE} by timer v2`,
    ]);
    // Bob's ten minutes would end after the change, so he stays.
    expect(told('bob', changes)).toEqual([
      `entered once at ${bobAt - START_MS} by event v1`,
      `exited once at ${bobAt + 30 * MINUTE - START_MS} by timer v2`,
    ]);
  });

  it('an event finds its customer up to date, and names neither itself as the cause nor is held for it', async () => {
    const world = await World.open(counted);
    await world.start();
    await world.send('interactions', contact('ada', world.now));
    await world.publish({ key: 'once', body: atLeast(1, '1h') });
    const due = dueAfter(world.now);
    await world.task.stop();
    await world.pass(MINUTE);
    // The event is first in the log when the task comes back; nobody has been touched by a slice yet.
    const later = world.now;
    await world.append('interactions', page('ada', later));
    await world.start();
    await world.task.caughtUp();
    const [change, ...others] = await world.changes();
    expect(others).toEqual([]);
    expect(line(change!)).toBe(`entered once at ${due - START_MS} by definition`);
    expect([change!.causeId, change!.causeTopic, change!.causeOffset]).toEqual(['once', null, null]);
    const [, fact] = await world.facts();
    expect([fact!.segments, fact!.entered, fact!.seq]).toEqual([[2], [], 1]);
  });

  it('a retired segment is left, with a reason', async () => {
    const world = await World.open([
      ...whole('interactions'),
      { key: 'once', body: atLeast(1, '1d') },
      { key: 'other', body: atLeast(9, '1d', pages) },
    ]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact('ada', at));
    await world.publish({ kind: 'retire', key: 'once' });
    const due = dueAfter(world.now);
    await world.until(due + MINUTE);
    const [, exited] = await world.changes();
    expect(line(exited!)).toBe(`exited once at ${due - START_MS} by definition`);
    expect([exited!.enteredAt, exited!.reason, exited!.conditions, exited!.segments]).toEqual([
      at,
      'the segment was retired',
      [],
      [],
    ]);
    // Nothing of it is kept: the series goes with its last segment (D4).
    await world.send('interactions', contact('ada', world.now));
    expect(world.customer('ada').profile.sources[0]!.series.size).toBe(0);
  });

  it('customers in whom nothing changes are not written', async () => {
    const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '1h') }]);
    await world.start();
    for (const id of ['ada', 'bob', 'cyd']) await world.send('interactions', contact(id, world.now));
    const before = (await world.read('changelog')).length;
    await world.publish({ key: 'never', body: atLeast(99, '1h') });
    await world.until(dueAfter(world.now) + MINUTE);
    const written = (await world.read('changelog')).slice(before).filter(({ key }) => !isMeta(key));
    expect(written).toEqual([]);
    expect(world.task.task.gauges().broadcast).toBe(2);
    // Untouched as they rest, they stand at the new rules all the same.
    await world.send('interactions', contact('ada', world.now));
    const [, , , fact] = await world.facts();
    expect([fact!.rulesOffset, fact!.segments]).toEqual([2, [1]]);
  });

  it('slices with restarts between them give what one without any gives', async () => {
    const customers = Array.from({ length: 60 }, (_, index) => `customer-${index}`);
    const tell = async (restarts: boolean): Promise<readonly string[]> => {
      const world = await World.open([...whole('interactions'), { key: 'once', body: atLeast(1, '20min') }], {
        // Three customers a commit: a slice takes many.
        task: restarts ? { commitInputsMax: 3 } : {},
        seed: restarts ? 3 : 1,
      });
      const events = customers.flatMap((id, index) => [
        interaction({ eventId: `${id}-a`, customerId: id, occurredAt: START_MS - HOUR + index * MINUTE }),
        interaction({ eventId: `${id}-b`, customerId: id, occurredAt: START_MS - 30 * MINUTE + index * 10 * SECOND }),
      ]);
      for (const event of events) await world.append('interactions', event);
      await world.replay(START_MS);
      const first = { key: 'once', body: atLeast(2, '2h'), effectiveFrom: START_MS + HOUR } as const;
      const second = {
        key: 'quiet',
        body: { enter: { none: { ...contacts, within: '50min' } } },
        effectiveFrom: START_MS + HOUR + GRID,
      } as const;
      await world.publish(first, second);
      if (restarts) {
        await world.until(START_MS + HOUR - SECOND);
        for (let round = 0; round < 40; round++) {
          await world.pass(300);
          await world.task.stop();
          await world.start();
        }
      }
      await world.until(START_MS + 4 * HOUR);
      const changes = await world.changes();
      // The clock that stamps decisions is the task's own; everything else is the customer's.
      return changes.map((change) => JSON.stringify({ ...change, decidedAt: 0 })).sort();
    };
    const plain = await tell(false);
    expect(plain.length).toBeGreaterThan(200);
    expect(await tell(true)).toEqual(plain);
  });

  it('a set that was in force when another of its instant was published is not passed over', async () => {
    const world = await World.open(counted);
    await world.start();
    await world.send('interactions', contact('ada', world.now), contact('bob', world.now));
    const past = Math.floor(world.now / GRID) * GRID - HOUR;
    await world.publish({ key: 'once', body: atLeast(1, '1d'), effectiveFrom: past });
    await world.send('interactions', page('ada', world.now));
    await world.publish({ key: 'once', body: atLeast(9, '1d'), effectiveFrom: past });
    await world.until(world.now + MINUTE);
    const changes = await world.changes();
    for (const id of ['ada', 'bob'])
      expect(
        changes.filter(({ customerId }) => customerId === id).map(({ kind, version }) => `${kind} v${version}`),
      ).toEqual(['entered v1', 'exited v2']);
  });
});

describe('series born later (D4)', () => {
  it('start empty and are complete from their birth: a count is a lower bound until then', async () => {
    const world = await World.open([...whole('interactions'), { key: 'pages', body: atLeast(99, '1d', pages) }]);
    await world.start();
    const at = world.now;
    await world.send('interactions', contact('ada', at), contact('ada', at + 1));
    const rules: Publication[] = [
      { key: 'twice', body: atLeast(2, '10min') },
      { key: 'at-most-one', body: { enter: { count: { ...contacts, within: '10min' }, atMost: 1 } } },
    ];
    await world.publish(...rules);
    const due = dueAfter(world.now);
    await world.until(due + MINUTE);
    // Two contacts came before the birth: nothing is known of them, so neither rule is decided.
    expect(await world.changes()).toEqual([]);
    await world.until(due + HOUR);
    const [change] = await world.changes();
    expect(change!.segment).toBe('at-most-one');
    // It is whole over ten minutes once ten minutes have passed since its birth: after the clock at which the set came.
    const birth = change!.effectiveAt - 10 * MINUTE;
    expect(birth).toBeGreaterThan(due);
    expect(birth).toBeLessThan(due + 15 * SECOND);
    expect([change!.cause, change!.conditions.map(({ was, is }) => `${was} ${is}`)]).toEqual([
      'timer',
      ['unknown true'],
    ]);
  });

  it('those needed before the first event miss nothing, however late that is', async () => {
    const world = await World.open([]);
    await world.start();
    await world.publish(...whole('interactions'), {
      key: 'at-most-one',
      body: { enter: { count: { ...contacts, within: '10d' }, atMost: 1 } },
    });
    await world.until(world.now + MINUTE);
    await world.send('interactions', contact('ada', world.now));
    expect((await world.changes()).map(({ segment, cause }) => `${segment} ${cause}`)).toEqual(['at-most-one event']);
  });
});

function isMeta(key: string | null): boolean {
  return key === null || key.startsWith('\u0000') || key === '';
}
