/** Puts an event into one series, and bounds it (S2). */
import type { Profile as ProfileRecord, TraitValue } from '../events/profile.ts';
import type { EventName } from '../language/ast.ts';
import type { AnySeries } from '../series/series-bytes.ts';
import type { Source } from '../profile/source.ts';
import { Ends } from '../series/ends.ts';
import { EventLog } from '../series/event-log.ts';
import { Latest } from '../series/latest.ts';
import { Tape } from '../series/tape.ts';
import { Tiles } from '../series/tiles.ts';
import type { SeriesPlan } from './comparisons.ts';
import type { EventRecord } from './filter.ts';
import type { Plan } from './plan.ts';

/** An event ready to be folded. */
export interface FoldedEvent {
  readonly name: EventName | 'profile';
  readonly record: EventRecord;
  readonly sourceId: string;
  readonly instant: number;
  readonly high: number;
  readonly low: number;
}

/** How many writes of a trait are remembered. */
const WRITES_MAX = 32;

/** Adds the event to a series if it passes its filter; undefined when it has nothing for it. */
export function addTo(source: Source, birth: number, plan: SeriesPlan, event: FoldedEvent): AnySeries | undefined {
  const { shape } = plan.identity;
  const { instant, high, low, record } = event;
  if (shape.shape === 'log') return addToLog(source, birth, plan, event);
  if (!plan.matches[0]!(record)) return undefined;
  switch (shape.shape) {
    case 'tiles': {
      const tiles = (source.series.get(birth) ?? born(source, birth, new Tiles(shape.field !== null))) as Tiles;
      tiles.add(instant, plan.number(record));
      return tiles;
    }
    case 'tape': {
      const number = plan.number(record);
      return shape.numbered && number === null ? undefined : addToTape(source, birth, plan, event, number);
    }
    case 'texts': {
      const text = plan.text(record);
      return shape.present && text === null ? undefined : addToTape(source, birth, plan, event, text);
    }
    case 'latest': {
      const text = plan.text(record);
      if (text === null) return undefined;
      const latest = (source.series.get(birth) ?? born(source, birth, new Latest())) as Latest;
      latest.add(instant, text);
      return latest;
    }
    case 'ends': {
      const ends = (source.series.get(birth) ?? born(source, birth, new Ends())) as Ends;
      ends.add(instant, high, low, shape.scale === 0 ? plan.text(record) : plan.number(record));
      return ends;
    }
    case 'writes':
    case 'stays':
      return undefined;
  }
}

function addToTape(
  source: Source,
  birth: number,
  plan: SeriesPlan,
  { instant, high, low }: FoldedEvent,
  value: number | string | null,
): Tape {
  const tape = (source.series.get(birth) ?? born(source, birth, new Tape(plan.keep))) as Tape;
  if (tape.keep < plan.keep) tape.keep = plan.keep;
  tape.add(instant, high, low, value);
  return tape;
}

function addToLog(source: Source, birth: number, plan: SeriesPlan, event: FoldedEvent): EventLog | undefined {
  const { instant, high, low, record } = event;
  const { shape } = plan.identity;
  if (shape.shape !== 'log') return undefined;
  let bits = 0;
  for (let i = 0; i < plan.matches.length; i++) if (plan.matches[i]!(record, event.name)) bits |= 1 << i;
  if (bits === 0) return undefined;
  const key = plan.key(record);
  if (shape.key !== null && key === null) return undefined;
  const value = shape.scale === 0 ? plan.text(record) : plan.number(record);
  const log = (source.series.get(birth) ?? born(source, birth, new EventLog())) as EventLog;
  log.add(instant, high, low, bits, key, value);
  return log;
}

/** Remembers what was written to traits whose changes some rule looks at. */
export function addWrites(
  source: Source,
  event: FoldedEvent,
  plan: Plan,
  births: readonly number[],
  slots: number[],
): void {
  if (plan.writes.size === 0) return;
  const record = event.record as unknown as ProfileRecord;
  for (const [trait, all] of plan.writes) {
    const written = writtenTo(record, trait);
    if (written === undefined) continue;
    for (const { slot } of all) {
      const birth = births[slot]!;
      const tape = (source.series.get(birth) ?? born(source, birth, new Tape(WRITES_MAX))) as Tape;
      tape.add(event.instant, event.high, event.low, written);
      slots.push(slot);
    }
  }
}

/** The value as JSON; null where it was unset; undefined where nothing was written. */
function writtenTo(record: ProfileRecord, trait: string): string | null | undefined {
  if (record.unset.includes(trait)) return null;
  const own = Object.hasOwn(record.traits, trait) ? record.traits[trait] : undefined;
  const name = trait.startsWith('account.') ? trait.slice('account.'.length) : undefined;
  const company =
    name !== undefined && Object.hasOwn(record.accountTraits, name) ? record.accountTraits[name] : undefined;
  const value: TraitValue | undefined = company ?? own;
  if (value === undefined) return undefined;
  return value === null ? null : JSON.stringify(value);
}

function born(source: Source, birth: number, series: AnySeries): AnySeries {
  source.series.set(birth, series);
  return series;
}

/** S2: nothing that a view could still reach, late events included, is dropped. */
export function prune(series: AnySeries, plan: SeriesPlan, asOfLessLateness: number): void {
  if (series.shape === 'tiles') series.prune(plan.reachMs === 0 ? Infinity : asOfLessLateness - plan.reachMs);
  else if (series.shape === 'latest' && !plan.lifetime) series.prune(asOfLessLateness - plan.reachMs);
  else if (series.shape === 'log' && !plan.lifetime) series.prune(asOfLessLateness - plan.reachMs);
}
