/** What must not make a difference: order of arrival, batches, restarts, other customers, looking twice, and which source said it. */
import { describe, expect, it } from 'vitest';
import { hash64 } from '../../services/core/domain/events/event-id.ts';
import { encodeProfile } from '../../services/core/domain/profile/codec.ts';
import { ByteWriter } from '../../services/core/domain/series/bytes.ts';
import { Ends } from '../../services/core/domain/series/ends.ts';
import { EventLog } from '../../services/core/domain/series/event-log.ts';
import { Latest } from '../../services/core/domain/series/latest.ts';
import { writeSeries, type AnySeries } from '../../services/core/domain/series/series-bytes.ts';
import { Tape } from '../../services/core/domain/series/tape.ts';
import { Tiles } from '../../services/core/domain/series/tiles.ts';
import { Chance } from './chance.ts';
import { historyOf } from './drawing.ts';
import type { History, Publication, Step } from './histories.ts';
import { LiveRun } from './live-run.ts';

const HOUR_MS = 3_600_000;

/** Everything a run told, as text. */
function toldBy(run: LiveRun): string {
  const { facts, changes, memberships, deadLetters } = run;
  return JSON.stringify({ facts, changes, memberships, deadLetters });
}

/**
 * What a run keeps of everybody, as text: the bytes of every page but for the instant of the next look, which may be one at which
 * nothing changes and is sought from where the last one was.
 */
function keptBy(run: LiveRun): string {
  const pages = run.customers().map(({ profile }) => {
    return [profile.key, encodeProfile(profile, Infinity).map((page) => Buffer.from(page ?? []).toString('base64'))];
  });
  return JSON.stringify(pages.sort(([a], [b]) => (a! < b! ? -1 : 1)));
}

function seeds(count: number, from = 10_000): readonly number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

describe('the segmenter says the same', () => {
  it('wherever its work is committed and a new owner goes on', () => {
    for (const seed of seeds(60)) {
      const history = historyOf(seed);
      const whole = { ...history, steps: history.steps.filter(({ kind }) => kind !== 'restart') };
      const torn: History = { ...history, steps: whole.steps.flatMap((step) => [step, { kind: 'restart' }]) };
      const [a, b] = [LiveRun.play(whole), LiveRun.play(torn)];
      expect(toldBy(b), `seed ${seed}`).toBe(toldBy(a));
      // Not the bytes: who was not written when nothing changed (D3) depends on where commits cut.
      expect(b.explain(), `seed ${seed}`).toEqual(a.explain());
    }
  });

  it('and keeps the same bytes, where no definition changes', () => {
    for (const seed of seeds(60)) {
      const whole = withoutPublications(historyOf(seed));
      const torn: History = { ...whole, steps: whole.steps.flatMap((step) => [step, { kind: 'restart' }]) };
      expect(keptBy(LiveRun.play(torn)), `seed ${seed}`).toBe(keptBy(LiveRun.play(whole)));
    }
  });

  it('of a customer, whoever else is in the partition', () => {
    for (const seed of seeds(60)) {
      // Others tell how late it is in a replay, and when a series that is born later begins.
      const drawn = withoutPublications(historyOf(seed));
      // … and take their share of the timers that may go at a time (K2), so here all may.
      const steps = drawn.steps.map((step) => (step.kind === 'fire' ? { ...step, atMost: Infinity } : step));
      const history: History = { ...drawn, steps, mode: 'live' };
      const whole = LiveRun.play(history);
      for (const customer of ['ada', 'bob', 'cyd']) {
        const alone = LiveRun.play({ ...history, steps: history.steps.filter((step) => concerns(step, customer)) });
        expect(changesOf(alone, customer), `seed ${seed}`).toEqual(changesOf(whole, customer));
        expect(heldBy(alone).get(customer), `seed ${seed}`).toEqual(heldBy(whole).get(customer));
      }
    }
  });

  it('in whatever order events within the lateness limit arrive', () => {
    let members = 0;
    for (const seed of seeds(120)) {
      const chance = new Chance(seed);
      const history = withoutPublications(historyOf(seed));
      const end = history.startMs + 100 * HOUR_MS;
      const events = eventsUntil(history, end);
      const founding = history.founding.map(timeless);
      const last = history.startMs + 101 * HOUR_MS;
      const play = (records: readonly Step[]): LiveRun => {
        const settled = [{ kind: 'pass', to: last }, ...records, { kind: 'pass', to: last + 2 * HOUR_MS }] as const;
        return LiveRun.play({ ...history, mode: 'live', founding, steps: settled });
      };
      const [inOrder, shuffled] = [play(events), play(shuffle(chance, events))];
      expect(heldBy(shuffled), `seed ${seed}`).toEqual(heldBy(inOrder));
      expect(seriesOf(shuffled), `seed ${seed}`).toEqual(seriesOf(inOrder));
      for (const held of heldBy(inOrder).values()) members += held.length;
    }
    expect(members).toBeGreaterThan(100);
  });

  it('when it is asked twice at one instant', () => {
    for (const seed of seeds(60)) {
      const run = LiveRun.play(historyOf(seed));
      const [told, kept] = [toldBy(run), keptBy(run)];
      run.settle();
      run.explain();
      run.settle();
      expect(toldBy(run), `seed ${seed}`).toBe(told);
      expect(keptBy(run), `seed ${seed}`).toBe(kept);
    }
  });
});

/** All that is published is in force before the first event. */
function withoutPublications(history: History): History {
  const steps = history.steps.filter(({ kind }) => kind !== 'publish' && kind !== 'slice');
  return { ...history, steps: [{ kind: 'pass', to: history.startMs + HOUR_MS }, ...steps] };
}

function concerns(step: Step, customer: string): boolean {
  return step.kind !== 'record' || step.event.customerId === customer;
}

/** Without what says where the records lie. */
function changesOf(run: LiveRun, customer: string): readonly unknown[] {
  return run.changes
    .filter(({ value }) => value.customerId === customer)
    .map(({ value }) => ({ ...value, causeOffset: 0, decidedAt: 0 }));
}

function heldBy(run: LiveRun): ReadonlyMap<string, readonly number[]> {
  return new Map(run.customers().map(({ profile }) => [profile.key, profile.held.numbers]));
}

function seriesOf(run: LiveRun): ReadonlyMap<string, readonly string[]> {
  return new Map(
    run
      .customers()
      .map(({ profile }) => [
        profile.key,
        profile.sources.flatMap(({ series }) =>
          series.births.map((birth) => `${birth} ${bytesOf(series.get(birth)!)}`),
        ),
      ]),
  );
}

/** Distinct live events up to an instant, in order of their instants, as if no import and no damage were. */
function eventsUntil(history: History, end: number): readonly Step[] {
  const byId = new Map<string, Extract<Step, { kind: 'record' }>>();
  for (const step of history.steps) {
    if (step.kind !== 'record' || step.event.occurredAt > end || byId.has(step.event.eventId)) continue;
    if (step.event.occurredAt < history.startMs) continue;
    byId.set(step.event.eventId, { ...step, damaged: false, event: { ...step.event, importId: null } });
  }
  return [...byId.values()].sort((a, b) => a.event.occurredAt - b.event.occurredAt);
}

function shuffle<T>(chance: Chance, values: readonly T[]): readonly T[] {
  const left = [...values];
  return values.map(() => left.splice(chance.whole(0, left.length - 1), 1)[0]!);
}

/** What depends on the way and not on where it leads: how long something has held, and what was before. */
const OF_THE_WAY: ReadonlySet<string> = new Set([
  ...['confirm', 'grace', 'minStay', 'maxStay', 'cooldown', 'stay', 'demoteAt', 'unknown'],
  ...['for', 'enteredWithin', 'leftWithin'],
]);

function timeless(publication: Publication): Publication {
  if (publication.kind !== 'segment') return publication;
  return { ...publication, body: without(publication.body) as Publication extends { body: infer B } ? B : never };
}

function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  if ('tier' in value && ('movedUpWithin' in value || 'movedDownWithin' in value))
    return { trait: 'plan', known: true };
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (OF_THE_WAY.has(name) ? [] : [[name, without(part)]])),
  );
}

function bytesOf(series: AnySeries): string {
  const writer = new ByteWriter();
  writeSeries(writer, series);
  return Buffer.from(writer.view()).toString('base64');
}

interface Kind {
  readonly name: string;
  readonly make: () => AnySeries;
  readonly add: (series: AnySeries, event: Seen) => void;
  readonly merge: (a: AnySeries, b: AnySeries) => void;
}

interface Seen {
  readonly instant: number;
  readonly high: number;
  readonly low: number;
  readonly number: number | null;
  readonly text: string;
}

const KINDS: readonly Kind[] = [
  kind(
    'tiles',
    () => new Tiles(true),
    (tiles, { instant, number }) => tiles.add(instant, number),
  ),
  kind(
    'a tape',
    () => new Tape(5),
    (tape, { instant, high, low, number }) => tape.add(instant, high, low, number),
  ),
  kind(
    'a tape of texts',
    () => new Tape(3),
    (tape, { instant, high, low, text }) => tape.add(instant, high, low, text),
  ),
  kind(
    'latest values',
    () => new Latest(),
    (latest, { instant, text }) => latest.add(instant, text),
  ),
  kind(
    'ends',
    () => new Ends(),
    (ends, { instant, high, low, number }) => ends.add(instant, high, low, number),
  ),
  kind(
    'a log',
    () => new EventLog(),
    (log, { instant, high, low, number, text }) => log.add(instant, high, low, 1, text, number),
  ),
];

function kind<S extends AnySeries>(
  name: string,
  make: () => S & { merge(other: S): void },
  add: (series: S, event: Seen) => void,
): Kind {
  return {
    name,
    make,
    add: (series, event) => add(series as S, event),
    merge: (a, b) => (a as S & { merge(other: S): void }).merge(b as S),
  };
}

describe('two sources merged are the fold of both:', () => {
  it.each(KINDS)('$name', ({ make, add, merge }) => {
    for (const seed of seeds(400)) {
      const chance = new Chance(seed);
      const count = chance.oneOf([0, 1, 3, 10, 40, 40, 40, 600, 1500, 2600]);
      const [whole, one, two] = [make(), make(), make()];
      for (let at = 0; at < count; at++) {
        const { hi, lo } = hash64(`${seed} ${at}`);
        const instant = chance.oneOf([0, chance.whole(0, 60_000), chance.whole(0, 9_000_000), at * 60_000]);
        const text = `v${chance.whole(0, chance.oneOf([3, 700, 5000]))}`;
        const event = { instant, high: hi, low: lo, number: chance.oneOf([null, 1, -2, chance.whole(0, 9)]), text };
        add(whole, event);
        add(chance.happens(0.5) ? one : two, event);
      }
      const both = make();
      merge(both, one);
      merge(both, two);
      expect(bytesOf(both), `seed ${seed}, ${count} events`).toBe(bytesOf(whole));
    }
  });
});
