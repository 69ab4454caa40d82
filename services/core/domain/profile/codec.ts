/**
 * Profiles as pages (S4). Page 0 begins with the format and the due instant, so that timers are found without decoding.
 *
 *  1. A profile of at most ONE_PAGE_BYTES is one page. Beyond that page 0 keeps the core and each series has its place in a page
 *     of its own, so that an event rewrites only what it touched. Every page stays below 64 KB by the bounds of its series.
 *  2. Reading what was written gives an equal profile; writing it again gives equal bytes.
 */
import type { TraitValue } from '../events/profile.ts';
import { Fault } from '../../faults.ts';
import { readSeries, writeSeries } from '../series/series-bytes.ts';
import { ByteReader, ByteWriter } from '../series/bytes.ts';
import { newProfile, sourceOf, type Profile, type Source } from './profile.ts';

const FORMAT = 1;
const ONE_PAGE_BYTES = 4096;
/** Series share pages by the number of their birth; page numbers fit a byte. */
const SERIES_PAGES = 250;

const core = new ByteWriter();
const part = new ByteWriter();

export type Pages = readonly (Uint8Array | undefined)[];

/** The only page may be a view that is valid until the next call. */
export function encodeProfile(profile: Profile, due: number): Pages {
  core.reset();
  core.byte(FORMAT);
  core.f64(due);
  const whole = writeWhole(profile);
  if (whole !== undefined) return [whole];
  core.reset();
  core.byte(FORMAT);
  core.f64(due);
  writeCore(profile);
  core.byte(1);
  const pages: (Uint8Array | undefined)[] = [core.take()];
  const byPage = new Map<number, [source: number, birth: number][]>();
  profile.sources.forEach((source, index) => {
    for (const birth of inOrder(source)) {
      const page = 1 + (birth % SERIES_PAGES);
      byPage.set(page, [...(byPage.get(page) ?? []), [index, birth]]);
    }
  });
  for (const [page, members] of byPage) {
    part.reset();
    part.whole(members.length);
    for (const [index, birth] of members) {
      part.whole(index);
      part.whole(birth);
      writeSeries(part, profile.sources[index]!.series.get(birth)!);
    }
    pages[page] = part.take();
  }
  return pages;
}

/**
 * All of it behind the core, if it fits one page. A series that did not change since the page was last written is copied from it:
 * an event touches few of a customer's series.
 */
function writeWhole(profile: Profile): Uint8Array | undefined {
  writeCore(profile);
  core.byte(0);
  for (const source of profile.sources) {
    core.whole(source.series.size);
    if (profile.sources.length === 1) return writeOnlySource(profile, source);
    for (const birth of inOrder(source)) {
      core.whole(birth);
      writeSeries(core, source.series.get(birth)!);
    }
  }
  return core.length > ONE_PAGE_BYTES ? undefined : core.view();
}

function writeOnlySource(profile: Profile, { series }: Source): Uint8Array | undefined {
  const kept = profile.kept?.births.length === series.size ? profile.kept : undefined;
  const births = kept?.births ?? [...series.keys()].sort((a, b) => a - b);
  const starts = kept?.starts ?? new Array<number>(births.length + 1).fill(0);
  // The start of the series before it is moved, so the old one of the next is still there when it is asked for.
  let from = kept === undefined ? 0 : starts[0]!;
  for (let i = 0; i < births.length; i++) {
    const one = series.get(births[i]!)!;
    const to = starts[i + 1]!;
    starts[i] = core.length;
    if (kept !== undefined && !one.changed) core.copy(kept.bytes, from, to);
    else {
      core.whole(births[i]!);
      writeSeries(core, one);
      one.changed = false;
    }
    from = to;
    if (core.length > ONE_PAGE_BYTES) {
      forget(profile);
      return undefined;
    }
  }
  starts[births.length] = core.length;
  const bytes = core.copyInto(kept?.bytes);
  if (kept === undefined || kept.bytes !== bytes) profile.kept = { bytes, births, starts };
  return core.view();
}

function forget(profile: Profile): void {
  profile.kept = undefined;
  for (const source of profile.sources) for (const series of source.series.values()) series.changed = true;
}

function inOrder(source: Source): number[] {
  return [...source.series.keys()].sort((a, b) => a - b);
}

export function dueOf(firstPage: Uint8Array): number {
  return new DataView(firstPage.buffer, firstPage.byteOffset, firstPage.byteLength).getFloat64(1);
}

/** Throws STATE_UNREADABLE for a format this version does not know. */
export function decodeProfile(key: string, pages: Pages): Profile {
  const reader = new ByteReader(pages[0]!);
  const format = reader.byte();
  if (format !== FORMAT) {
    throw new Fault('STATE_UNREADABLE', `A profile has format ${format}; this version reads format ${FORMAT}.`, {
      facts: { format },
    });
  }
  reader.f64();
  const profile = readCore(key, reader);
  if (reader.byte() === 0) {
    for (const source of profile.sources) {
      const count = reader.whole();
      for (let i = 0; i < count; i++) source.series.set(reader.whole(), readSeries(reader));
    }
    return profile;
  }
  for (const page of pages.slice(1)) {
    if (page === undefined) continue;
    const series = new ByteReader(page);
    const count = series.whole();
    for (let i = 0; i < count; i++) profile.sources[series.whole()]!.series.set(series.whole(), readSeries(series));
  }
  return profile;
}

function writeCore(profile: Profile): void {
  core.whole(profile.life);
  core.whole(profile.seq);
  core.extended(profile.asOf);
  core.extended(profile.firedThrough);
  core.extended(profile.tenure);
  core.signed(profile.rulesOffset);
  core.whole(profile.held.size);
  if (profile.held.size > 0) {
    const numbers = [...profile.held.keys()];
    if (numbers.length > 1) numbers.sort((a, b) => a - b);
    for (const number of numbers) {
      core.whole(number);
      core.extended(profile.held.get(number)!);
    }
  }
  core.whole(profile.sources.length);
  for (const source of profile.sources) writeSource(profile.key, source);
}

function readCore(key: string, reader: ByteReader): Profile {
  const profile = newProfile(key);
  profile.life = reader.whole();
  profile.seq = reader.whole();
  profile.asOf = reader.extended();
  profile.firedThrough = reader.extended();
  profile.tenure = reader.extended();
  profile.rulesOffset = reader.signed();
  const held = reader.whole();
  for (let i = 0; i < held; i++) profile.held.set(reader.whole(), reader.extended());
  const sources = reader.whole();
  for (let i = 0; i < sources; i++) readSource(profile, reader);
  return profile;
}

function writeSource(key: string, source: Source): void {
  const own = source.id === key;
  core.byte(own ? 1 : 0);
  if (!own) core.text(source.id);
  core.whole(source.traits.size);
  for (const [name, trait] of [...source.traits].sort(([a], [b]) => (a < b ? -1 : 1))) {
    core.text(name);
    core.extended(trait.at);
    core.u32(trait.high);
    core.u32(trait.low);
    writeTraitValue(trait.value);
  }
  const { recent } = source;
  core.whole(recent.seenAt.length);
  recent.writeBody(core);
}

function readSource(profile: Profile, reader: ByteReader): void {
  const source = sourceOf(profile, reader.byte() === 1 ? profile.key : reader.text());
  const traits = reader.whole();
  for (let i = 0; i < traits; i++) {
    const name = reader.text();
    const [at, high, low] = [reader.extended(), reader.u32(), reader.u32()];
    source.traits.set(name, { value: readTraitValue(reader), at, high, low });
  }
  source.recent.read(reader, reader.whole());
}

function writeTraitValue(value: TraitValue | undefined): void {
  if (value === undefined) core.byte(0);
  else if (value === null) core.byte(1);
  else if (typeof value === 'boolean') core.byte(value ? 3 : 2);
  else if (typeof value === 'number') {
    core.byte(4);
    core.f64(value);
  } else if (typeof value === 'string') {
    core.byte(5);
    core.text(value);
  } else {
    core.byte(6);
    core.whole(value.length);
    for (const member of value) core.text(member);
  }
}

function readTraitValue(reader: ByteReader): TraitValue | undefined {
  const tag = reader.byte();
  switch (tag) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
    case 3:
      return tag === 3;
    case 4:
      return reader.f64();
    case 5:
      return reader.text();
    default:
      return Array.from({ length: reader.whole() }, () => reader.text());
  }
}
