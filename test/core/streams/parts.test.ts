import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppendSkew, TaskClock } from '../../../services/core/streams/clock.ts';
import {
  isMetaKey,
  isPageKey,
  keyOf,
  META_KEY,
  PageKeyWriter,
  pageOf,
} from '../../../services/core/streams/changelog-keys.ts';
import { compareKeys, HASH_END, hashOf } from '../../../services/core/streams/key-order.ts';
import { decodeMeta, encodeMeta, type Meta } from '../../../services/core/streams/meta.ts';
import { MOVES, move } from '../../../services/core/streams/stages.ts';
import { Slices, untouchedRanges, withRange } from '../../../services/core/streams/slices.ts';

describe('the order of keys', () => {
  it('is the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('by hash fills the whole range evenly', () => {
    const buckets = new Array<number>(16).fill(0);
    for (let key = 0; key < 16_000; key++) buckets[Math.floor((hashOf(`customer-${key}`) / HASH_END) * 16)]! += 1;
    for (const bucket of buckets) expect(Math.abs(bucket - 1_000)).toBeLessThan(150);
  });
});

describe('changelog keys', () => {
  it('carry any key and page, and are never the meta key', () => {
    const writer = new PageKeyWriter();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 255 }), (key, page) => {
        const bytes = writer.write(key, page);
        expect([keyOf(bytes), pageOf(bytes), isPageKey(bytes), isMetaKey(bytes)]).toEqual([key, page, true, false]);
      }),
    );
    expect([isMetaKey(META_KEY), isPageKey(META_KEY)]).toEqual([true, false]);
  });
});

describe('the task clock', () => {
  const delayMs = 500;
  const clock = (committed = 0, skew = new AppendSkew()): TaskClock =>
    new TaskClock(committed, { delayMs, skew, appendTimed: [true, true] });

  it('is the least of what the inputs are proven through, less the delay', () => {
    const task = clock();
    task.front(0, 10_000);
    task.settle();
    expect(task.now).toBe(0);
    task.proof(1, 9_000, 0, 0);
    task.settle();
    expect(task.now).toBe(8_500);
  });

  it('takes a proof only once the position reaches the end it saw', () => {
    const task = clock();
    task.front(0, 50_000);
    task.proof(1, 20_000, 7, 3);
    task.settle();
    expect(task.now).toBe(0);
    // A newer proof that is further away does not replace the older one.
    task.proof(1, 30_000, 9, 4);
    task.reached(1, 7);
    task.settle();
    expect(task.now).toBe(19_500);
  });

  it('never goes back', () => {
    const task = clock(77_000);
    task.proof(0, 10_000, 0, 0);
    task.proof(1, 10_000, 0, 0);
    task.settle();
    expect(task.now).toBe(77_000);
  });

  it('takes the skew between host and log off a proof, and does not use proofs when it passes the delay', () => {
    const skew = new AppendSkew();
    skew.observe(10_100, 10_000);
    skew.observe(10_040, 10_000);
    const task = clock(0, skew);
    task.proof(0, 20_000, 0, 0);
    task.proof(1, 20_000, 0, 0);
    task.settle();
    expect(task.now).toBe(20_000 - 100 - delayMs);
    expect(task.provableAt(1_000)).toBe(1_600);
    skew.observe(20_600, 20_000);
    task.proof(0, 90_000, 0, 0);
    task.proof(1, 90_000, 0, 0);
    task.settle();
    expect(task.now).toBe(20_000 - 100 - delayMs);
  });

  it('is not moved by records of a topic whose timestamps are not the log’s', () => {
    const task = new TaskClock(0, { delayMs, skew: new AppendSkew(), appendTimed: [false] });
    task.front(0, 10_000);
    task.settle();
    expect(task.now).toBe(0);
    task.proof(0, 8_000, 0, 0);
    task.settle();
    expect(task.now).toBe(7_500);
  });
});

describe('ranges of key hashes', () => {
  it('answer like one number per hash', () => {
    const cut = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cut, cut, fc.integer({ min: 0, max: 3 })), { maxLength: 20 }), (marks) => {
        const plain = new Array<number>(20).fill(-1);
        let ranges = [{ below: 20, offset: -1 }];
        for (const [a, b, offset] of marks) {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          if (from === to) continue;
          ranges = withRange(ranges, from, to, offset);
          plain.fill(offset, from, to);
        }
        expect(plain.map((_, at) => ranges.find(({ below }) => at < below)!.offset)).toEqual(plain);
        expect(ranges.every(({ offset }, index) => index === 0 || offset !== ranges[index - 1]!.offset)).toBe(true);
      }),
    );
  });

  it('advance over all keys in order of hash, resumable at any point', () => {
    const keys = Array.from({ length: 1_234 }, (_, index) => `k${index}`).sort((a, b) => hashOf(a) - hashOf(b));
    const store = {
      size: keys.length,
      keysBetween: (from: number, to: number) => keys.filter((key) => hashOf(key) >= from && hashOf(key) < to),
    };
    const touched: string[] = [];
    let ranges = untouchedRanges();
    for (let turn = 0; turn < 100; turn++) {
      // A new one each time, as after a restart.
      const slices = new Slices(store, ranges, 4);
      slices.advance(
        (key) => touched.push(key),
        97,
        () => false,
      );
      for (const key of keys.slice(0, touched.length)) expect(slices.through(key)).toBe(4);
      ({ ranges } = slices);
    }
    expect(touched).toEqual(keys);
    expect(ranges).toEqual([{ below: HASH_END, offset: 4 }]);
  });
});

describe('the meta record', () => {
  const meta: Meta = {
    commit: 3,
    positions: { a: 7 },
    replay: { ends: { a: 9 }, broadcastEnd: 2, declaredInstant: 1_700_000_000_000 },
    clock: 5,
    broadcast: 1,
    ranges: [{ below: HASH_END, offset: -1 }],
    processor: { any: ['thing'] },
    software: 'test',
  };
  const facts = { changelog: 'changelog', partition: 0, offset: 12 };

  it('comes back as it was', () => {
    expect(decodeMeta(encodeMeta(meta), facts)).toMatchObject(meta);
  });

  it('is refused when it is newer, incomplete or no JSON', () => {
    for (const text of ['{"format":2}', '{"format":1}', '{', '[]']) {
      expect(() => decodeMeta(Buffer.from(text), facts)).toThrow(
        expect.objectContaining({ code: 'STATE_UNREADABLE' }) as Error,
      );
    }
  });
});

describe('the life of a task', () => {
  it('allows the moves of the table and no other', () => {
    expect(move('fencing', 'restoring')).toBe('restoring');
    expect(() => move('restoring', 'fencing')).toThrow('does not go from');
    expect(Object.entries(MOVES).every(([from, to]) => from === 'stopped' || to.includes('stopped'))).toBe(true);
  });
});
