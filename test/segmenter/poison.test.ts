import { describe, expect, it } from 'vitest';
import type { Header } from '../../services/core/streams/record-batch.ts';
import { interaction, profile } from '../core/oracle/events.ts';
import { DAY, SECOND, TOPICS, whole, World } from './world.ts';

const ORIGINAL: readonly Header[] = [
  { key: 'trace', value: Buffer.from('abc') },
  { key: 'empty', value: null },
];

interface Poison {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

type Spoil = (good: Uint8Array) => Poison;
const ADA = Buffer.from('ada');

/** A framed event that is fine, and each way of spoiling it. */
const CORPUS: readonly (readonly [what: string, code: string, spoil: Spoil])[] = [
  [
    'a wrong magic byte',
    'RECORD_UNDECODABLE',
    (good) => ({ key: ADA, value: Buffer.concat([Buffer.of(1), good.subarray(1)]) }),
  ],
  [
    'a schema id nobody registered',
    'SCHEMA_UNKNOWN',
    (good) => ({ key: ADA, value: Buffer.concat([Buffer.of(0, 0, 0, 99, 99), good.subarray(5)]) }),
  ],
  ['a body that is cut off', 'RECORD_UNDECODABLE', (good) => ({ key: ADA, value: good.subarray(0, good.length - 3) })],
  ['a frame that is cut off', 'RECORD_UNDECODABLE', (good) => ({ key: ADA, value: good.subarray(0, 3) })],
  ['nothing in it', 'RECORD_UNDECODABLE', () => ({ key: ADA, value: new Uint8Array(0) })],
  ['bytes behind the body', 'RECORD_UNDECODABLE', (good) => ({ key: ADA, value: Buffer.concat([good, Buffer.of(0)]) })],
  ['no value', 'RECORD_UNDECODABLE', () => ({ key: ADA, value: null })],
  ['the key of another customer', 'EVENT_REFUSED', (good) => ({ key: Buffer.from('bob'), value: good })],
  ['a key that only begins like the customer id', 'EVENT_REFUSED', (good) => ({ key: Buffer.from('ad'), value: good })],
  ['no key', 'EVENT_REFUSED', (good) => ({ key: null, value: good })],
];

async function letters(world: World) {
  const records = await world.read('deadLetters');
  return records.map(({ key, value, headers }) => ({
    key,
    value: value === null ? null : Buffer.from(value).toString('hex'),
    headers: new Map(
      headers.map((header) => [header.key, header.value === null ? null : Buffer.from(header.value).toString()]),
    ),
  }));
}

describe('poison (C4)', () => {
  it.each(CORPUS)(
    'a record with %s goes to the dead letters whole, and the partition moves on',
    async (_what, code, spoil) => {
      const world = await World.open(whole('interactions'));
      await world.start();
      const good = world.registry.encode('interaction', interaction({ eventId: 'a', occurredAt: world.now }));
      const { key, value } = spoil(good);
      await world.appendRaw('interactions', key, value, ORIGINAL);
      const appendedAt = world.now;
      await world.send('interactions', interaction({ eventId: 'b', occurredAt: world.now }));
      expect((await world.facts()).map(({ event }) => event.eventId)).toEqual(['b']);
      // The good record behind it was not held up for a second.
      expect(world.now - appendedAt).toBeLessThan(SECOND);
      const [letter, ...others] = await letters(world);
      expect(others).toEqual([]);
      expect(letter!.key).toBe(key === null ? null : Buffer.from(key).toString());
      expect(letter!.value).toBe(value === null ? null : Buffer.from(value).toString('hex'));
      expect(letter!.headers.get('trace')).toBe('abc');
      expect(letter!.headers.get('empty')).toBeNull();
      expect(letter!.headers.get('tributary.error.code')).toBe(code);
      expect(letter!.headers.get('__streams.errors.topic')).toBe(TOPICS.interactions);
      expect(letter!.headers.get('__streams.errors.partition')).toBe('0');
      expect(letter!.headers.get('__streams.errors.offset')).toBe('0');
      expect(letter!.headers.get('__connect.errors.stage')).toBe('segmenter');
      expect(letter!.headers.get('tributary.error.next')).toMatch(/\.$/);
      expect(world.counts.deadLetters).toEqual([code]);
    },
  );

  it('an event without a customer is refused even with a key to match', async () => {
    const world = await World.open([]);
    await world.start();
    const nobody = interaction({ eventId: 'a', occurredAt: world.now, customerId: '' });
    await world.appendRaw('interactions', new Uint8Array(0), world.registry.encode('interaction', nobody));
    await world.task.caughtUp();
    expect(world.counts.deadLetters).toEqual(['EVENT_REFUSED']);
    expect(await world.facts()).toEqual([]);
  });

  it('headers that are there already are never overridden', async () => {
    const world = await World.open([]);
    await world.start();
    const earlier = [{ key: 'tributary.error.code', value: Buffer.from('EARLIER') }];
    await world.appendRaw('interactions', ADA, Buffer.of(9), earlier);
    await world.task.caughtUp();
    const [letter] = await letters(world);
    expect(letter!.headers.get('tributary.error.code')).toBe('EARLIER');
    expect(letter!.headers.get('__streams.errors.exception')).toBe('RECORD_UNDECODABLE');
  });

  it('in a replay poison comes at once and holds no history back', async () => {
    const world = await World.open(whole('interactions', 'purchases'));
    const old = world.now - 100 * DAY;
    await world.append('interactions', interaction({ eventId: 'a', occurredAt: old }));
    await world.appendRaw('interactions', ADA, Buffer.of(1, 2, 3));
    await world.append('interactions', interaction({ eventId: 'b', occurredAt: old + DAY }));
    await world.replay(world.now);
    expect((await world.facts()).map(({ event }) => event.eventId)).toEqual(['a', 'b']);
    expect(await letters(world)).toHaveLength(1);
  });

  it('a record whose fact would be too large for its topic goes to the dead letters whole', async () => {
    const world = await World.open(whole('interactions'), { factBytesMax: 4_096 });
    await world.start();
    const text = 'x'.repeat(5_000);
    await world.append('interactions', interaction({ eventId: 'a', occurredAt: world.now, text }));
    await world.append('interactions', interaction({ eventId: 'b', occurredAt: world.now }));
    await world.task.caughtUp();
    expect((await world.facts()).map(({ event }) => event.eventId)).toEqual(['b']);
    const [letter] = await letters(world);
    expect(letter!.value).toHaveLength(2 * (await world.read('interactions'))[0]!.value!.length);
    expect(letter!.headers.get('tributary.error.code')).toBe('RECORD_TOO_LARGE');
    // What the failed attempts had done to the customer is undone: the id is not taken for seen.
    expect(world.customer('ada').profile.sources[0]!.recent.size).toBe(1);
  });

  it('a customer cannot be given more traits than a partition can carry', async () => {
    const world = await World.open(whole('interactions'));
    await world.start();
    for (let round = 0; round < 4; round++) {
      const traits = Object.fromEntries(
        Array.from({ length: 120 }, (_, index) => [
          `t${round}_${index}`,
          Array.from({ length: 60 }, (__, i) => `${'é'.repeat(50)}${i}`),
        ]),
      );
      await world.append('profiles', profile({ eventId: `p${round}`, occurredAt: world.now, traits }));
    }
    await world.append('interactions', interaction({ eventId: 'b', occurredAt: world.now }));
    await world.task.caughtUp();
    expect(await world.facts()).toHaveLength(5);
    const pages = world.task.task.state!.committed('ada')!;
    for (const page of pages) expect(page?.length ?? 0).toBeLessThan(64 * 1024);
  });

  it('values that are counted as distinct take little room however long they are', async () => {
    const distinct = { countDistinct: { event: 'interaction', of: 'properties.note', within: '1d' }, atLeast: 400 };
    const world = await World.open([...whole('interactions'), { key: 'many', body: { enter: distinct } }]);
    await world.start();
    for (let index = 0; index < 400; index++) {
      const properties = { note: `${'é'.repeat(2_000)}${index}` };
      await world.append('interactions', interaction({ eventId: `e${index}`, occurredAt: world.now, properties }));
    }
    await world.task.caughtUp();
    expect(await world.changes()).toHaveLength(1);
    for (const page of world.task.task.state!.committed('ada')!) expect(page?.length ?? 0).toBeLessThan(64 * 1024);
  });
});
