/**
 * All that is kept of a customer. State is kept per source id (I5), so that a source can be taken out again exactly; a
 * customer without links has one source, its own id.
 */
import type { TraitValue } from '../events/profile.ts';
import { Latest } from '../series/latest.ts';
import { Tape } from '../series/tape.ts';
import { Tiles } from '../series/tiles.ts';
import { Ends } from '../series/ends.ts';
import { EventLog } from '../series/event-log.ts';
import type { AnySeries } from '../series/series-bytes.ts';
import { Held } from './held.ts';
import { Source, type Trait } from './source.ts';
import { StayBook } from './stays.ts';

export interface Profile {
  readonly key: string;
  /** Lives count from 1, transitions of a life from 1 (S5); seq is the last one told. */
  life: number;
  seq: number;
  /** The customer's own now (T2); −Infinity before the first event. */
  asOf: number;
  /** Through where timers without trace have fired (T2); never before asOf. */
  firedThrough: number;
  /** Earliest instant seen (E3); Infinity before the first event. */
  tenure: number;
  /** Definitions this profile was last fully evaluated at (D3); −1 = never. */
  rulesOffset: number;
  readonly held: Held;
  readonly stays: StayBook;
  readonly sources: Source[];
}

export function newProfile(key: string): Profile {
  return {
    key,
    life: 1,
    seq: 0,
    asOf: -Infinity,
    firedThrough: -Infinity,
    tenure: Infinity,
    rulesOffset: -1,
    held: new Held(),
    stays: new StayBook(),
    sources: [],
  };
}

export function sourceOf(profile: Profile, id: string): Source {
  const { sources } = profile;
  for (let i = 0; i < sources.length; i++) if (sources[i]!.id === id) return sources[i]!;
  const source = new Source(id);
  sources.push(source);
  sources.sort((a, b) => (a.id < b.id ? -1 : 1));
  return source;
}

/** The series of a customer as rules see it: of one source as it is, of several merged. */
export function seriesView(profile: Profile, birth: number): AnySeries | undefined {
  const [first] = profile.sources;
  if (profile.sources.length === 1) return first!.series.get(birth);
  const parts = profile.sources.flatMap((source) => source.series.get(birth) ?? []);
  if (parts.length < 2) return parts[0];
  return parts.reduce((whole, part) => mergeInto(whole, part), emptyLike(parts[0]!));
}

/** The trait as rules see it: over all sources, the last writer's. */
export function traitView(profile: Profile, name: string): TraitValue | undefined {
  let newest: Trait | undefined;
  for (const source of profile.sources) {
    const own = source.traits.get(name);
    if (own !== undefined && (newest === undefined || isNewer(own, newest))) newest = own;
  }
  return newest?.value;
}

export function isNewer(a: Pick<Trait, 'at' | 'high' | 'low'>, b: Pick<Trait, 'at' | 'high' | 'low'>): boolean {
  if (a.at !== b.at) return a.at > b.at;
  return a.high === b.high ? a.low >= b.low : a.high > b.high;
}

function emptyLike(series: AnySeries): AnySeries {
  switch (series.shape) {
    case 'tiles':
      return new Tiles(series.numbered);
    case 'tape':
      return new Tape(series.keep);
    case 'latest':
      return new Latest();
    case 'ends':
      return new Ends();
    case 'log':
      return new EventLog();
  }
}

function mergeInto(whole: AnySeries, part: AnySeries): AnySeries {
  if (whole.shape === 'tiles' && part.shape === 'tiles') whole.merge(part);
  else if (whole.shape === 'tape' && part.shape === 'tape') whole.merge(part);
  else if (whole.shape === 'latest' && part.shape === 'latest') whole.merge(part);
  else if (whole.shape === 'ends' && part.shape === 'ends') whole.merge(part);
  else if (whole.shape === 'log' && part.shape === 'log') whole.merge(part);
  else throw new Error('series of one birth have one shape');
  return whole;
}
