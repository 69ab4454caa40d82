/**
 * Profiles as pages (S4). Page 0 begins with the format and the due instant, so that timers are found without decoding.
 *
 *  1. A profile of at most ONE_PAGE_BYTES is one page. Beyond that page 0 keeps the core and each series has its place in a page
 *     of its own, so that an event rewrites only what it touched. Every page stays below 64 KB by the bounds of its series.
 *  2. Reading what was written gives an equal profile; writing it again gives equal bytes.
 *  3. Reading takes the core alone. Series, traits and ids stay in the pages until they are asked for (series-set.ts, source.ts,
 *     recent.ts), so the pages must not change as long as the profile is used.
 */
import { Fault } from '../../faults.ts';
import { ByteReader, ByteWriter, INSTANT_BYTES } from '../series/bytes.ts';
import { newProfile, sourceOf, type Profile } from './profile.ts';
import type { Source } from './source.ts';

const FORMAT = 4;
const ONE_PAGE_BYTES = 4096;
/** Series share pages by the number of their birth; page numbers fit a byte. */
const SERIES_PAGES = 250;

const core = new ByteWriter();
const part = new ByteWriter();
const reader = new ByteReader(new Uint8Array(0));

export type Pages = readonly (Uint8Array | undefined)[];

/** The only page may be a view that is valid until the next call. */
export function encodeProfile(profile: Profile, due: number): Pages {
  writeCore(profile, due);
  const { length } = core;
  core.byte(0);
  for (const source of profile.sources) {
    source.series.write(core);
    if (core.length > ONE_PAGE_BYTES) {
      core.cut(length);
      core.byte(1);
      return [core.take(), ...seriesPages(profile)];
    }
  }
  return [core.view()];
}

/** A page: for each source that has series on it, its index and those series. */
function seriesPages(profile: Profile): (Uint8Array | undefined)[] {
  const pages: ByteWriter[] = [];
  profile.sources.forEach(({ series }, index) => {
    series.writeApart(pageOf, (page) => {
      const writer = (pages[page] ??= new ByteWriter());
      writer.whole(index);
      return writer;
    });
  });
  return Array.from(pages, (page) => (page as ByteWriter | undefined)?.view());
}

/** Counted from the one behind the core. */
function pageOf(birth: number): number {
  return birth % SERIES_PAGES;
}

export function dueOf(firstPage: Uint8Array): number {
  return reader.open(firstPage, 1).instant();
}

/** Throws STATE_UNREADABLE for a format this version does not know. The pages must stay as they are (3). */
export function decodeProfile(key: string, pages: Pages): Profile {
  const first = pages[0]!;
  reader.open(first, 0);
  const format = reader.byte();
  if (format !== FORMAT) {
    throw new Fault('STATE_UNREADABLE', `A profile has format ${format}; this version reads format ${FORMAT}.`, {
      facts: { format },
    });
  }
  reader.skip(INSTANT_BYTES);
  const profile = readCore(key, first);
  if (reader.byte() === 0) {
    for (const source of profile.sources) source.series.rest(first, reader);
    return profile;
  }
  for (let number = 1; number < pages.length; number++) {
    const page = pages[number];
    if (page === undefined) continue;
    reader.open(page, 0);
    while (!reader.done) profile.sources[reader.whole()]!.series.rest(page, reader);
  }
  return profile;
}

function writeCore(profile: Profile, due: number): void {
  core.reset();
  core.byte(FORMAT);
  core.instant(due);
  core.whole(profile.life);
  core.whole(profile.seq);
  core.instant(profile.asOf);
  core.instant(profile.firedThrough);
  core.instant(profile.tenure);
  core.signed(profile.rulesOffset);
  profile.held.write(core);
  profile.stays.write(core);
  core.whole(profile.sources.length);
  for (const source of profile.sources) writeSource(profile.key, source);
}

function readCore(key: string, page: Uint8Array): Profile {
  const profile = newProfile(key);
  profile.life = reader.whole();
  profile.seq = reader.whole();
  profile.asOf = reader.instant();
  profile.firedThrough = reader.instant();
  profile.tenure = reader.instant();
  profile.rulesOffset = reader.signed();
  profile.held.rest(page, reader);
  profile.stays.read(reader);
  for (let count = reader.whole(); count > 0; count--) readSource(profile, page);
  return profile;
}

function writeSource(key: string, source: Source): void {
  const own = source.id === key;
  core.byte(own ? 1 : 0);
  if (!own) core.text(source.id);
  part.reset();
  source.writeTraits(part);
  core.whole(part.length);
  core.append(part);
  source.recent.write(core);
}

function readSource(profile: Profile, page: Uint8Array): void {
  const source = sourceOf(profile, reader.byte() === 1 ? profile.key : reader.text());
  const traits = reader.whole();
  source.restTraits(page, reader.at, reader.at + traits);
  reader.skip(traits);
  source.recent.rest(page, reader);
}
