/** Customers as operators see them, made of lists of events: one series per need of the leaf, whatever its shape. */
import fc from 'fast-check';
import type { TraitValue } from '../../../../services/core/domain/events/profile.ts';
import type { EventFilter, LeafCondition } from '../../../../services/core/domain/language/ast.ts';
import { needsOf, type Shape } from '../../../../services/core/domain/language/series-identity.ts';
import type { Stay, View } from '../../../../services/core/domain/operators/operator.ts';
import { Ends } from '../../../../services/core/domain/series/ends.ts';
import { EventLog } from '../../../../services/core/domain/series/event-log.ts';
import { Latest } from '../../../../services/core/domain/series/latest.ts';
import type { AnySeries } from '../../../../services/core/domain/series/series-bytes.ts';
import { Tape } from '../../../../services/core/domain/series/tape.ts';
import { Tiles } from '../../../../services/core/domain/series/tiles.ts';

/** A filter that nothing looks into: events come to the series by the test's own hand. */
export const ANY: EventFilter = { events: ['interaction'], where: [] };

export interface Entry {
  readonly at: number;
  readonly roles?: number;
  readonly key?: string;
  readonly value?: number | string | null;
}

export interface Person {
  readonly at: number;
  readonly tenure?: number;
  /** By place. */
  readonly entries?: readonly (readonly Entry[])[];
  readonly wholeFrom?: readonly number[];
  /** Entries before it are dropped from the series where that is possible. */
  readonly pruneBefore?: number;
  readonly traits?: Readonly<Record<string, TraitValue>>;
  readonly stays?: Readonly<Record<string, Stay>>;
  readonly customer?: string;
}

export function viewOf(leaf: LeafCondition, person: Person): View {
  const needs = needsOf(leaf);
  const series = needs.map(({ identity, newest }, place) => {
    const entries = person.entries?.[place] ?? [];
    const made = entries.length === 0 ? undefined : seriesOf(identity.shape, entries, newest);
    const { pruneBefore } = person;
    if (pruneBefore !== undefined && made !== undefined && 'prune' in made) made.prune(pruneBefore);
    return made;
  });
  return {
    at: person.at,
    tenure: person.tenure ?? -Infinity,
    customer: person.customer ?? 'c1',
    series: (place) => series[place],
    wholeFrom: (place) => person.wholeFrom?.[place] ?? -Infinity,
    trait: (name) => person.traits?.[name],
    stay: (key) => person.stays?.[key],
  };
}

function seriesOf(shape: Shape, entries: readonly Entry[], newest: number): AnySeries | undefined {
  switch (shape.shape) {
    case 'tiles': {
      const tiles = new Tiles(shape.field !== null);
      for (const { at, value } of entries) tiles.add(at, shape.field === null ? null : number(value));
      return tiles;
    }
    case 'tape': {
      const tape = new Tape(newest);
      entries.forEach(({ at, value }, index) => {
        if (!shape.numbered || number(value) !== null) tape.add(at, 0, index, number(value));
      });
      return tape;
    }
    case 'texts':
    case 'writes': {
      const tape = new Tape(shape.shape === 'writes' ? 32 : newest);
      entries.forEach(({ at, value }, index) => {
        const text = value === undefined || value === null ? null : String(value);
        if (text !== null || shape.shape === 'writes' || !shape.present) tape.add(at, 0, index, text);
      });
      return tape;
    }
    case 'latest': {
      const latest = new Latest();
      for (const { at, value } of entries) if (value !== null && value !== undefined) latest.add(at, String(value));
      return latest;
    }
    case 'ends': {
      const ends = new Ends();
      entries.forEach(({ at, value }, index) => ends.add(at, 0, index, value ?? null));
      return ends;
    }
    case 'log': {
      const log = new EventLog();
      entries.forEach(({ at, roles, key, value }, index) => {
        const kept = shape.field === null ? null : (value ?? null);
        log.add(at, 0, index, roles ?? 1, shape.key === null ? null : (key ?? 'a'), kept);
      });
      return log;
    }
    case 'stays':
      return undefined;
  }
}

function number(value: Entry['value']): number | null {
  return typeof value === 'number' ? value : null;
}

/** Lists of events up to an instant, at a spacing: several of them meet, and lie on the edges of windows. */
export function entriesUntil(at: number, unit: number, roles: number): fc.Arbitrary<readonly Entry[]> {
  const entry = fc.record({
    at: fc.integer({ min: -60, max: 0 }).map((ago) => at + ago * unit),
    roles: fc.integer({ min: 1, max: roles }),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.oneof(
      { arbitrary: fc.integer({ min: -2, max: 5 }), weight: 5 },
      { arbitrary: fc.constant(null), weight: 1 },
    ),
  });
  return fc.array(entry, { maxLength: 14 });
}

/** Since when something is known: often always, now and then within the windows, or never. */
export function sinceAround(at: number, unit: number): fc.Arbitrary<number> {
  return fc.oneof(
    { arbitrary: fc.constant(-Infinity), weight: 5 },
    { arbitrary: fc.integer({ min: -80, max: 10 }).map((ago) => at + ago * unit), weight: 4 },
    { arbitrary: fc.constant(Infinity), weight: 1 },
  );
}
