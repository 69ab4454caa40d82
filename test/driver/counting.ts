/**
 * A small program for the runtime's tests: counts and sums per key, fires a timer when a key has been quiet, and is
 * brought up to date by broadcast sets. Each key follows T2 (its own due timers fire before its event), so what it
 * says of a key depends on that key's records alone, however tasks and timers interleave.
 *
 * A record's value is `instant|amount|gap`: the timer is due `gap` ms after the instant. `junk` cannot be decoded; the
 * amount `poison` makes `process` throw, the gap `spoiled` sets a timer whose firing throws.
 */
import type {
  BroadcastFeed,
  BroadcastSet,
  Head,
  Processor,
  RawRecord,
  StateCodec,
  TaskContext,
  Topology,
} from '../../services/core/streams/processor.ts';
import type { Fault } from '../../services/core/faults.ts';

export interface Count {
  due: number;
  count: number;
  sum: number;
  asOf: number;
  /** The last broadcast set it was evaluated at. */
  evaluated: number;
  spoiled: boolean;
}

/** A second page appears with every fifth count and disappears again: pages must come and go. */
const SECOND_PAGE_EVERY = 5;

export const countCodec: StateCodec<Count> = {
  encode(value) {
    const first = new DataView(new ArrayBuffer(41));
    first.setFloat64(0, value.due);
    first.setFloat64(8, value.count);
    first.setFloat64(16, value.sum);
    first.setFloat64(24, value.asOf);
    first.setFloat64(32, value.evaluated);
    first.setUint8(40, value.spoiled ? 1 : 0);
    const page = new Uint8Array(first.buffer);
    return value.count % SECOND_PAGE_EVERY === 0 ? [page, undefined, Buffer.from(`round ${value.count}`)] : [page];
  },
  decode(_key, pages) {
    const page = pages[0]!;
    const first = new DataView(page.buffer, page.byteOffset, page.byteLength);
    return {
      due: first.getFloat64(0),
      count: first.getFloat64(8),
      sum: first.getFloat64(16),
      asOf: first.getFloat64(24),
      evaluated: first.getFloat64(32),
      spoiled: first.getUint8(40) === 1,
    };
  },
  dueOf: (page) => new DataView(page.buffer, page.byteOffset, page.byteLength).getFloat64(0),
};

interface Counted {
  readonly instant: number;
  readonly amount: string;
  readonly gap: string;
}
type CountEvent = Counted | 'junk';

/** What the program says, as JSON in the first output. `clock` is left out where only the key's own truth is wanted. */
export interface Said {
  readonly what: 'counted' | 'quiet' | 'evaluated' | 'junk' | 'dead';
  readonly key: string;
  readonly count: number;
  readonly sum: number;
  readonly at: number;
  readonly clock: number;
  readonly set?: number;
  readonly code?: string;
}

export class SetFeed implements BroadcastFeed {
  readonly sets: BroadcastSet[] = [];

  after(offset: number): BroadcastSet | undefined {
    return this.sets.find((set) => set.offset > offset);
  }
}

class Counting implements Processor<CountEvent> {
  readonly #context: TaskContext<Count>;
  #set: number;

  constructor(context: TaskContext<Count>) {
    this.#context = context;
    this.#set = (context.restored as { set: number } | undefined)?.set ?? -1;
  }

  decode(record: RawRecord): Head<CountEvent> {
    const parts = text(record.value).split('|');
    const instant = Number(parts[0]);
    if (parts.length < 3 || !Number.isFinite(instant)) return { instant: -Infinity, event: 'junk' };
    return { instant, event: { instant, amount: parts[1]!, gap: parts[2]! } };
  }

  process(record: RawRecord, event: CountEvent): void {
    const key = text(record.key);
    if (event === 'junk') {
      this.#say({ what: 'junk', key, count: 0, sum: 0, at: record.offset });
      return;
    }
    const value = this.#context.state.get(key) ?? fresh(this.#set);
    if (event.amount === 'poison') {
      // Changed and never put: a discard must forget it all the same.
      value.sum += 1_000_000;
      throw new Error('poison');
    }
    if (value.due <= event.instant) this.#quiet(key, value);
    if (event.amount === 'forget') {
      this.#context.state.remove(key);
      return;
    }
    this.#evaluate(key, value);
    value.count += 1;
    value.sum += Number(event.amount);
    value.asOf = Math.max(value.asOf, event.instant);
    value.spoiled = event.gap === 'spoiled';
    value.due = event.gap === '' ? Infinity : value.asOf + (value.spoiled ? 1 : Number(event.gap));
    this.#context.state.put(key, value, value.due);
    this.#say({ what: 'counted', key, ...value, at: value.asOf });
  }

  deadLetter(record: RawRecord, fault: Fault): void {
    this.#say({ what: 'dead', key: text(record.key), count: 0, sum: 0, at: record.offset }, { code: fault.code });
  }

  fire(key: string): void {
    const value = this.#context.state.get(key)!;
    if (value.spoiled) throw new Error('spoiled');
    this.#quiet(key, value);
    this.#context.state.put(key, value, value.due);
  }

  broadcast(set: BroadcastSet): void {
    this.#set = set.offset;
  }

  touch(key: string): void {
    const value = this.#context.state.get(key)!;
    // Even counts have nothing to say to a set: they are not written, and only the ranges know they are evaluated.
    if (value.count % 2 === 0) return;
    if (!this.#evaluate(key, value)) return;
    this.#context.state.put(key, value, value.due);
  }

  meta(): unknown {
    return { set: this.#set };
  }

  #evaluate(key: string, value: Count): boolean {
    const through = Math.max(value.evaluated, this.#context.evaluatedThrough(key));
    value.evaluated = this.#set;
    if (through >= this.#set) return false;
    this.#say({ what: 'evaluated', key, ...value, at: value.asOf }, { set: this.#set });
    return true;
  }

  #quiet(key: string, value: Count): void {
    value.asOf = value.due;
    value.due = Infinity;
    this.#say({ what: 'quiet', key, ...value, at: value.asOf });
  }

  #say(said: Omit<Said, 'clock'>, more: Partial<Said> = {}): void {
    const { what, key, count, sum, at } = said;
    const value = Buffer.from(JSON.stringify({ what, key, count, sum, at, clock: this.#context.clock(), ...more }));
    this.#context.outputs.emit(0, this.#context.clock(), Buffer.from(key), value.subarray(0, 5), value.subarray(5));
    if (what === 'quiet') this.#context.outputs.emit(1, at, Buffer.from(key), Buffer.from(String(count)));
  }
}

function fresh(set: number): Count {
  return { due: Infinity, count: 0, sum: 0, asOf: 0, evaluated: set, spoiled: false };
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString();
}

export function countingTopology(feed: BroadcastFeed = new SetFeed()): Topology<CountEvent, Count> {
  return {
    application: 'counting',
    inputs: ['a', 'b', 'c'],
    outputs: ['said', 'quiet'],
    changelog: 'changelog',
    codec: countCodec,
    feed,
    create: (context) => new Counting(context),
  };
}
