import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StateStore } from '../../../services/core/streams/state.ts';
import { countCodec, type Count } from '../../driver/counting.ts';
import { pagesOf } from '../../driver/reading.ts';

function value(count: number, due = Infinity): Count {
  return { due, count, sum: 0, asOf: 0, evaluated: -1, spoiled: false };
}

/** Commits the overlay and returns the changelog records it made. */
function commit(state: StateStore<Count>): [key: string, value: string | null][] {
  const records: [string, string | null][] = [];
  state.prepare({
    append: (key, bytes) =>
      records.push([Buffer.from(key).toString('latin1'), bytes && Buffer.from(bytes).toString('hex')]),
  });
  state.accept();
  return records;
}

describe('the keyed state', () => {
  it('writes each dirty key once and leaves out pages that did not change', () => {
    const state = new StateStore(countCodec);
    state.put('k', value(5), Infinity);
    state.put('k', value(5), Infinity);
    expect(commit(state).map(([key]) => key)).toEqual(['\x01\x00k', '\x01\x02k']);
    state.put('k', value(5), Infinity);
    expect(commit(state)).toEqual([]);
    state.put('k', value(10), Infinity);
    expect(commit(state).map(([key]) => key)).toEqual(['\x01\x00k', '\x01\x02k']);
  });

  it('writes a tombstone for a page that disappears, and for every page of a removed key', () => {
    const state = new StateStore(countCodec);
    state.put('k', value(5), Infinity);
    commit(state);
    state.put('k', value(6), Infinity);
    expect(commit(state).filter(([, bytes]) => bytes === null)).toEqual([['\x01\x02k', null]]);
    state.remove('k');
    expect(commit(state)).toEqual([['\x01\x00k', null]]);
    expect(state.size).toBe(0);
    expect(state.get('k')).toBeUndefined();
  });

  it('forgets everything since the commit on discard, values that were changed but not put included', () => {
    const state = new StateStore(countCodec);
    state.put('kept', value(1, 100), 100);
    commit(state);
    state.get('kept')!.count = 99;
    state.put('new', value(2, 50), 50);
    state.remove('kept');
    state.discard();
    expect(state.get('kept')).toMatchObject({ count: 1 });
    expect(state.get('new')).toBeUndefined();
    expect([state.size, state.timersPending, state.dirtyKeys]).toEqual([1, 1, 0]);
    expect(state.keyAt(state.timers.next())).toBe('kept');
  });

  it('equals a plain map and a sorted list of timers, and its own changelog, over random steps', () => {
    const step = fc.record({
      act: fc.constantFrom('put', 'put', 'put', 'remove', 'get', 'commit', 'discard', 'fire'),
      key: fc.integer({ min: 0, max: 12 }),
      count: fc.integer({ min: 1, max: 20 }),
      due: fc.constantFrom(1, 2, 3, 4, Infinity),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const state = new StateStore(countCodec);
        const log: [Uint8Array, Uint8Array | null][] = [];
        let committed = new Map<string, Count>();
        let plain = new Map<string, Count>();
        for (const { act, key: number, count, due } of steps) {
          const key = `k${number}`;
          if (act === 'put') {
            state.put(key, value(count, due), due);
            plain.set(key, value(count, due));
          } else if (act === 'remove') {
            state.remove(key);
            plain.delete(key);
          } else if (act === 'commit') {
            state.prepare({
              append: (at, bytes) => log.push([Uint8Array.from(at), bytes && Uint8Array.from(bytes)]),
            });
            state.accept();
            committed = new Map(plain);
          } else if (act === 'discard') {
            state.discard();
            plain = new Map(committed);
          } else if (act === 'fire') {
            const slot = state.timers.next();
            const [next] = [...plain]
              .filter(([, live]) => live.due < Infinity)
              .sort(([a, x], [b, y]) => x.due - y.due || (a < b ? -1 : 1));
            expect(slot < 0 ? undefined : state.keyAt(slot)).toBe(next?.[0]);
            if (next !== undefined) {
              state.put(next[0], { ...next[1], due: Infinity }, Infinity);
              plain.set(next[0], { ...next[1], due: Infinity });
            }
          } else expect(state.get(key)).toEqual(plain.get(key));
          expect(state.size).toBe(plain.size);
        }
        state.discard();
        const again = new StateStore(countCodec);
        for (const [key, bytes] of log) again.load(key, bytes);
        again.restored();
        expect(pagesOf(again)).toEqual(pagesOf(state));
        expect(again.size).toBe(committed.size);
        expect(again.timersPending).toBe(state.timersPending);
        for (const [key, live] of committed) expect(again.get(key)).toEqual(live);
      }),
      { numRuns: 300 },
    );
  });

  it('holds the last of several values of many pages that are put between two commits', () => {
    const state = new StateStore(countCodec);
    state.put('k', value(5), Infinity);
    commit(state);
    for (const count of [6, 7, 10, 8]) {
      state.put('k', value(count), Infinity);
      expect(state.get('k')).toEqual(value(count));
    }
    expect(commit(state)).toHaveLength(2);
    expect(state.get('k')).toEqual(value(8));
  });

  it('keeps the memory of 20,000 growing values within a small factor of their bytes', () => {
    const codec = {
      encode: (bytes: Uint8Array) => [bytes],
      decode: (_key: string, pages: readonly (Uint8Array | undefined)[]) => Uint8Array.from(pages[0]!),
      dueOf: () => Infinity,
    };
    const state = new StateStore<Uint8Array>(codec);
    let live = 0;
    for (const size of [100, 180, 260, 340, 420]) {
      live = 0;
      for (let key = 0; key < 20_000; key++) {
        state.put(`customer-${key}`, new Uint8Array(size).fill(size), Infinity);
        live += size;
        if (key % 700 !== 0) continue;
        state.prepare({ append: () => undefined });
        state.accept();
      }
      state.prepare({ append: () => undefined });
      state.accept();
    }
    expect(state.restingBytes / live).toBeLessThan(1.7);
    expect(state.get('customer-0')).toEqual(new Uint8Array(420).fill(420 & 255));
  });
});
