/**
 * Series are commutative monoids (S2): whatever the order of adding, and however what was added is split and merged again,
 * the same series comes out. Equal means equal bytes, but for two things that are said where they are tested: dropping by age
 * is done a quarter of the entries at a time, and what is beyond a bound is compared by what views see of it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../../services/core/domain/series/bytes.ts';
import { Latest } from '../../../../services/core/domain/series/latest.ts';
import { Ends } from '../../../../services/core/domain/series/ends.ts';
import { EventLog, LOG_MAX } from '../../../../services/core/domain/series/event-log.ts';
import { readSeries, writeSeries, type AnySeries } from '../../../../services/core/domain/series/series-bytes.ts';
import { Tape } from '../../../../services/core/domain/series/tape.ts';
import { Tiles } from '../../../../services/core/domain/series/tiles.ts';

const MINUTE = 60_000;
const ENTRIES_MAX = 2048;
const VALUES_MAX = 512;

function bytesOf(series: AnySeries): string {
  const writer = new ByteWriter();
  writeSeries(writer, series);
  return Buffer.from(writer.view()).toString('hex');
}

function readBack<S extends AnySeries>(series: S): S {
  return readSeries(new ByteReader(Buffer.from(bytesOf(series), 'hex'))) as S;
}

interface Added {
  readonly at: number;
  readonly value: number | null;
  readonly text: string;
  readonly hash: readonly [number, number];
}

/** Instants close together, so that tiles fill up, instants meet and bounds are reached. */
function additions(size: { minLength?: number; maxLength: number }, spanMs: number) {
  const added = fc.record({
    at: fc.oneof(fc.integer({ min: -spanMs, max: spanMs }), fc.constantFrom(0, 1, MINUTE - 1, MINUTE)),
    value: fc.option(fc.integer({ min: -3, max: 1_000_000 }), { freq: 5 }),
    text: fc.constantFrom('phone', 'email', 'chat', 'ü', 'app', ''),
  });
  return fc.array(added, size).map((list) =>
    // Ids differ, so do their hashes; many share the high half.
    list.map((one, index): Added => ({ ...one, hash: [(index * 7) % 3, (index * 2_654_435_761) >>> 0] })),
  );
}

/** A list, the same in another order, and where to cut it. */
function shuffled(size: { minLength?: number; maxLength: number }, spanMs: number) {
  return additions(size, spanMs).chain((list) =>
    fc.record({
      list: fc.constant(list),
      other: fc.shuffledSubarray(list, { minLength: list.length }),
      cut: fc.nat({ max: list.length }),
    }),
  );
}

const SHAPES: readonly (readonly [name: string, make: (added: readonly Added[]) => AnySeries])[] = [
  ['tiles of counts', (added) => fill(new Tiles(false), added, (series, { at }) => series.add(at, null))],
  ['tiles of numbers', (added) => fill(new Tiles(true), added, (series, { at, value }) => series.add(at, value))],
  ['a tape of one', (added) => fill(new Tape(1), added, addToTape)],
  ['a tape of seven', (added) => fill(new Tape(7), added, addToTape)],
  ['a tape of texts', (added) => fill(new Tape(7), added, addText)],
  ['ends with a number', (added) => fill(new Ends(), added, addToEnds)],
  ['ends with a text', (added) => fill(new Ends(), added, addTextToEnds)],
  ['a log', (added) => fill(new EventLog(), added, addToLog)],
  ['newest instants', (added) => fill(new Latest(), added, (series, { at, text }) => series.add(at, text))],
];

function fill<S>(series: S, added: readonly Added[], add: (series: S, one: Added) => void): S {
  for (const one of added) add(series, one);
  return series;
}

function addToTape(tape: Tape, { at, value, hash: [high, low] }: Added): void {
  tape.add(at, high, low, value);
}

function addText(tape: Tape, { at, value, text, hash: [high, low] }: Added): void {
  tape.add(at, high, low, value === null ? null : text);
}

function addToEnds(ends: Ends, { at, value, hash: [high, low] }: Added): void {
  ends.add(at, high, low, value);
}

function addTextToEnds(ends: Ends, { at, text, hash: [high, low] }: Added): void {
  ends.add(at, high, low, text);
}

/** Some logs carry texts, some numbers; their keys repeat. */
function addToLog(log: EventLog, { at, value, text, hash: [high, low] }: Added): void {
  log.add(at, high, low, 1 << (low % 3), text, high === 0 ? text : value);
}

function merged(a: AnySeries, b: AnySeries): AnySeries {
  if (a.shape === 'tiles' && b.shape === 'tiles') a.merge(b);
  else if (a.shape === 'tape' && b.shape === 'tape') a.merge(b);
  else if (a.shape === 'latest' && b.shape === 'latest') a.merge(b);
  else if (a.shape === 'ends' && b.shape === 'ends') a.merge(b);
  else if (a.shape === 'log' && b.shape === 'log') a.merge(b);
  return a;
}

describe.each(SHAPES)('%s (S2)', (_name, make) => {
  const spans = [3 * MINUTE, 100_000 * MINUTE];

  it.each(spans)('are the same in whatever order events come (within %i ms)', (span) => {
    fc.assert(
      fc.property(shuffled({ maxLength: 120 }, span), ({ list, other }) => {
        expect(bytesOf(make(other))).toBe(bytesOf(make(list)));
      }),
    );
  });

  it.each(spans)('are the same when parts are merged, either way round (within %i ms)', (span) => {
    fc.assert(
      fc.property(shuffled({ maxLength: 120 }, span), ({ list, other, cut }) => {
        const whole = bytesOf(make(list));
        const parts = () => [make(other.slice(0, cut)), make(other.slice(cut))] as const;
        const [a, b] = parts();
        expect(bytesOf(merged(a, b))).toBe(whole);
        const [c, d] = parts();
        expect(bytesOf(merged(d, c))).toBe(whole);
        // Nothing is the neutral element.
        expect(bytesOf(merged(make([]), make(list)))).toBe(whole);
      }),
    );
  });

  it('are read back as they were written, and go on alike', () => {
    fc.assert(
      fc.property(
        additions({ maxLength: 80 }, 30 * MINUTE),
        additions({ maxLength: 40 }, 30 * MINUTE),
        (first, then) => {
          const lived = make(first);
          const back = readBack(lived);
          expect(bytesOf(back)).toBe(bytesOf(lived));
          expect(back.completeFrom).toBe(lived.completeFrom);
          // The kept body of a series that has lived on equals one that is written anew.
          const both = [lived, back].map((series) => bytesOf(addAll(series, then)));
          expect(both[1]).toBe(both[0]);
          expect(bytesOf(readBack(lived))).toBe(both[0]);
        },
      ),
    );
  });
});

function addAll(series: AnySeries, added: readonly Added[]): AnySeries {
  for (const one of added) {
    // Written between any two events, as commits do.
    bytesOf(series);
    if (series.shape === 'tiles') series.add(one.at, series.numbered ? one.value : null);
    else if (series.shape === 'tape') addToTape(series, one);
    else if (series.shape === 'ends') addToEnds(series, one);
    else if (series.shape === 'log') addToLog(series, one);
    else series.add(one.at, one.text);
  }
  return series;
}

describe('tiles', () => {
  it('are exact until a minute has taken more than 16 events, then tell that minute apart no further', () => {
    const tiles = new Tiles(true);
    for (let second = 0; second < 16; second++) tiles.add(second * 1000, second);
    expect(tiles.times).toHaveLength(16);
    tiles.add(500, -7);
    expect([tiles.times, tiles.counts, tiles.sums, tiles.mins, tiles.maxs]).toEqual([
      [15_000],
      [17],
      [113],
      [-7],
      [15],
    ]);
    // The minute beside it is not concerned.
    tiles.add(MINUTE, 1);
    expect([tiles.times, tiles.counts]).toEqual([
      [15_000, MINUTE],
      [17, 1],
    ]);
  });

  const minuteOf = (index: number): number => index * MINUTE;

  it(`keep ${ENTRIES_MAX} entries; views whole after what was dropped see all there was, life counts all`, () => {
    const many = fc.integer({ min: 1, max: 400 }).chain((over) => {
      const list = Array.from({ length: ENTRIES_MAX + over }, (_, index) => index);
      return fc.shuffledSubarray(list, { minLength: list.length });
    });
    fc.assert(
      fc.property(many, (order) => {
        const tiles = new Tiles(true);
        for (const index of order) tiles.add(minuteOf(index), index);
        expect(tiles.times.length).toBeLessThanOrEqual(ENTRIES_MAX);
        const { completeFrom, base } = tiles;
        // Equality at a bound: of views that are whole, and of lifetime totals.
        const from = tiles.firstAfter(completeFrom - 1);
        const expected = order.filter((index) => minuteOf(index) >= completeFrom).sort((a, b) => a - b);
        expect(tiles.sums.slice(from)).toEqual(expected);
        const inEntries = tiles.sums.reduce((sum, one) => sum + one, 0);
        expect(inEntries + base!.sum).toBe(order.reduce((sum, one) => sum + one, 0));
        expect(tiles.times.length + base!.count).toBe(order.length);
        expect([Math.min(base!.min, ...tiles.mins), Math.max(base!.max, ...tiles.maxs)]).toEqual([0, order.length - 1]);
      }),
      { numRuns: 20 },
    );
  });

  it('drop by age only what lies before, whole minutes, and count it for life', () => {
    fc.assert(
      fc.property(
        additions({ minLength: 1, maxLength: 200 }, 60 * MINUTE),
        fc.integer({ min: -70 * MINUTE, max: 70 * MINUTE }),
        (list, before) => {
          const tiles = fill(new Tiles(true), list, (series, { at, value }) => series.add(at, value));
          const untouched = fill(new Tiles(true), list, (series, { at, value }) => series.add(at, value));
          tiles.prune(before);
          // Lazy: nothing may have gone yet. What has gone lies before.
          expect(tiles.completeFrom).toBeLessThanOrEqual(Math.floor(before / MINUTE) * MINUTE);
          for (const start of [before - 1, before, before + MINUTE]) {
            const seen = (series: Tiles) => series.sums.slice(series.firstAfter(start)).reduce((a, b) => a + b, 0);
            expect(seen(tiles)).toBe(seen(untouched));
          }
          const total = (series: Tiles) => series.sums.reduce((a, b) => a + b, 0) + (series.base?.sum ?? 0);
          expect(total(tiles)).toBe(total(untouched));
        },
      ),
    );
  });

  it('take what comes from before they are whole into the lifetime totals alone', () => {
    const tiles = new Tiles(true);
    for (let index = 0; index < 8; index++) tiles.add(index * MINUTE, 1);
    tiles.prune(6 * MINUTE);
    expect([tiles.completeFrom, tiles.times.length]).toEqual([5 * MINUTE + 1, 2]);
    tiles.add(3 * MINUTE, 5);
    expect([tiles.times.length, tiles.base]).toEqual([2, { count: 7, known: 7, sum: 11, min: 1, max: 5 }]);
  });
});

describe('a tape', () => {
  it('keeps the newest by instant, then by hash', () => {
    const tape = new Tape(2);
    tape.add(5, 1, 2, 10);
    tape.add(5, 1, 3, 20);
    tape.add(5, 0, 9, 30);
    expect([tape.values, tape.completeFrom]).toEqual([[10, 20], 6]);
  });

  it('that was widened takes nothing from before what it dropped: its entries stay the newest without a gap', () => {
    const tape = new Tape(2);
    for (const at of [10, 30, 40]) tape.add(at, 0, 0, at);
    tape.keep = 4;
    // An event at 10 is gone; one at 5 would stand there as if nothing lay between.
    tape.add(5, 0, 0, 5);
    tape.add(20, 0, 0, 20);
    expect([tape.values, tape.completeFrom]).toEqual([[20, 30, 40], 11]);
  });

  it('merged with one that dropped more keeps only what is newest without a gap', () => {
    const lossy = new Tape(2);
    for (const at of [10, 30, 40]) lossy.add(at, 0, 1, at);
    const wide = new Tape(5);
    for (const at of [5, 25]) wide.add(at, 0, 2, at);
    for (const [a, b] of [
      [readBack(lossy), readBack(wide)],
      [readBack(wide), readBack(lossy)],
    ] as const) {
      a.merge(b);
      expect([a.values, a.completeFrom, a.keep]).toEqual([[25, 30, 40], 11, 5]);
    }
  });
});

describe('newest instants', () => {
  it(`of more than ${VALUES_MAX} values are the same in whatever order they come`, () => {
    const many = fc.integer({ min: 1, max: 60 }).chain((over) => {
      const size = VALUES_MAX + over;
      const list = Array.from({ length: size + 40 }, (_, index) => [index * 10, `v${index % size}`] as const);
      return fc.record({
        list: fc.constant(list),
        other: fc.shuffledSubarray(list, { minLength: list.length }),
        cut: fc.nat({ max: list.length }),
      });
    });
    fc.assert(
      fc.property(many, ({ list, other, cut }) => {
        const make = (pairs: readonly (readonly [number, string])[]) => {
          const latest = new Latest();
          for (const [at, value] of pairs) latest.add(at, value);
          return latest;
        };
        const whole = make(list);
        expect(whole.values.length).toBe(VALUES_MAX);
        expect(bytesOf(make(other))).toBe(bytesOf(whole));
        expect(bytesOf(merged(make(other.slice(0, cut)), make(other.slice(cut))))).toBe(bytesOf(whole));
      }),
      { numRuns: 30 },
    );
  });

  it('forget by age, and say from where they are whole', () => {
    const latest = new Latest();
    latest.add(10, 'a');
    latest.add(20, 'b');
    latest.prune(20);
    expect([latest.values, latest.instants, latest.completeFrom, latest.ascending()]).toEqual([['b'], [20], 11, [20]]);
  });
});

describe('ends', () => {
  it('keep the oldest by instant, then by hash, the newest instant, and how many there were', () => {
    const ends = new Ends();
    ends.add(7, 1, 2, 'later');
    ends.add(5, 1, 3, 'second');
    ends.add(5, 1, 2, 'first');
    expect([ends.oldest, ends.value, ends.newest, ends.count]).toEqual([5, 'first', 7, 3]);
  });
});

describe('a log', () => {
  const order = fc.integer({ min: 1, max: 300 }).chain((over) => {
    const list = Array.from({ length: LOG_MAX + over }, (_, index) => index);
    return fc.record({
      other: fc.shuffledSubarray(list, { minLength: list.length }),
      cut: fc.nat({ max: list.length }),
    });
  });
  const make = (instants: readonly number[]): EventLog => {
    const log = new EventLog();
    for (const at of instants) log.add(at * 10, 0, at, 1, `issue ${at % 50}`, at);
    return log;
  };

  it(`keeps the newest ${LOG_MAX} in whatever order they come, and says from where it is whole`, () => {
    fc.assert(
      fc.property(order, ({ other, cut }) => {
        const sorted = other.slice().sort((a, b) => a - b);
        const log = make(other);
        expect(log.values).toEqual(sorted.slice(-LOG_MAX));
        expect(log.completeFrom).toBe(sorted[other.length - LOG_MAX - 1]! * 10 + 1);
        const whole = bytesOf(log);
        expect(bytesOf(make(sorted))).toBe(whole);
        expect(bytesOf(merged(make(other.slice(0, cut)), make(other.slice(cut))))).toBe(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('drops by age, to the millisecond, once that is a quarter of the entries, and takes nothing from before', () => {
    const log = make([0, 1, 2, 3, 4, 5, 6, 7]);
    log.prune(20);
    expect([log.times.length, log.completeFrom]).toEqual([8, -Infinity]);
    log.prune(21);
    expect([log.times[0], log.completeFrom]).toEqual([30, 21]);
    log.add(20, 9, 9, 1, null, null);
    expect(log.times.length).toBe(5);
  });

  it('writes a key that repeats once', () => {
    const log = new EventLog();
    for (let index = 0; index < 50; index++) log.add(index, 0, index, 1, 'a key of thirty-four characters here', null);
    // Per entry: instant, hash, roles, number of the key.
    expect(bytesOf(log).length / 2).toBeLessThan(50 * 11 + 50);
  });
});
