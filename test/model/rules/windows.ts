/** Windows: few lengths, so that the edges of different rules meet, and every kind there is. */
import type { Chance } from '../chance.ts';
import type { Draft } from './draft.ts';
import { source, type Authored } from './sources.ts';

const HOUR_MS = 3_600_000;
/** In hours. */
export const WINDOWS_H: readonly number[] = [1, 24, 72, 168, 720];
export const UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const;
/** Half an hour's daylight saving, a day that began at one, and plain ones. */
export const ZONES = ['Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe', 'UTC'] as const;

export function hours(chance: Chance): string {
  return `${chance.oneOf(WINDOWS_H)}h`;
}

/** The same lengths, told in every unit. */
export function duration(chance: Chance): string {
  return chance.oneOf(['1h', '60min', '24h', '1d', '3d', '168h', '1w', '30d', '45min', '86400s', '500ms']);
}

export function sliding(chance: Chance): Authored {
  return { within: chance.happens(0.9) ? hours(chance) : duration(chance) };
}

/** Any window of a measure over all events in it. */
export function window(draft: Draft): Authored {
  const { chance } = draft;
  return chance.oneWay<Authored>([
    [8, () => sliding(chance)],
    [3, () => ({})],
    [2, () => ({ within: hours(chance), offset: hours(chance) })],
    [4, () => calendar(chance)],
    [2, () => ({ since: { ...source(chance).events } })],
    [1, () => ({ since: { trait: 'createdAt' } })],
    [1, () => fixed(draft)],
  ]);
}

/** Of a measure that has none for life. */
export function boundedWindow(draft: Draft): Authored {
  const drawn = window(draft);
  return Object.keys(drawn).length === 0 ? sliding(draft.chance) : drawn;
}

function calendar(chance: Chance): Authored {
  const zone = chance.happens(0.6) ? { zone: chance.oneOf(ZONES) } : {};
  const unit = chance.oneOf(['day', 'day', ...UNITS]);
  const offset = chance.happens(0.35) ? { offset: unit === 'year' ? 1 : chance.oneOf([1, 1, 2]) } : {};
  return { calendar: unit, ...offset, ...zone };
}

/** Hours after the anchor at which a fixed range begins, and how long it is. */
const BEGIN_H = [-72, 0, 6, 24] as const;
const LENGTH_H = [1, 24, 168] as const;

function fixed({ chance, anchorMs }: Draft): Authored {
  const from = anchorMs + chance.oneOf(BEGIN_H) * HOUR_MS;
  const until = from + chance.oneOf(LENGTH_H) * HOUR_MS;
  if (chance.happens(0.3)) return { from: dayOf(from), until: dayOf(until + 24 * HOUR_MS) };
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}

/** Where some fixed range may begin or end. */
export function fixedEdge(chance: Chance, anchorMs: number): number {
  return anchorMs + (chance.oneOf(BEGIN_H) + chance.oneOf([0, ...LENGTH_H])) * HOUR_MS;
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
