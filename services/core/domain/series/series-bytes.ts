/** Series as bytes: instants as differences, newest numbers short. Reading back gives the same series to the last bound. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { Ends } from './ends.ts';
import { EventLog } from './event-log.ts';
import { Latest } from './latest.ts';
import { Tape } from './tape.ts';
import { Tiles } from './tiles.ts';
import { readEntryValue, writeEntryValue, ValuesSeen } from './entry-value.ts';

/** Whatever is kept of events. */
export type AnySeries = Tiles | Tape | Latest | Ends | EventLog;

const TILES = 0;
const TILES_NUMBERED = 1;
const TAPE = 2;
const TAPE_BARE = 3;
const LATEST = 4;
const TAPE_OF_TEXTS = 5;
const ENDS = 6;
const LOG = 7;

/** How an entry of numbered tiles begins: one event with its number, one without, or a folded tile. */
const ENTRY_ONE = 0;
const ENTRY_ONE_WITHOUT = 1;
const ENTRY_FOLDED = 2;

export function writeSeries(writer: ByteWriter, series: AnySeries): void {
  switch (series.shape) {
    case 'tiles':
      writer.byte(series.numbered ? TILES_NUMBERED : TILES);
      writeTiles(writer, series);
      return;
    case 'tape': {
      const form = formOf(series);
      writer.byte(form);
      writeTape(writer, series, form);
      return;
    }
    case 'latest':
      writer.byte(LATEST);
      writeLatest(writer, series);
      return;
    case 'ends':
      writer.byte(ENDS);
      writeEnds(writer, series);
      return;
    case 'log':
      writer.byte(LOG);
      writeLog(writer, series);
      return;
  }
}

export function readSeries(reader: ByteReader): AnySeries {
  const tag = reader.byte();
  switch (tag) {
    case TILES:
    case TILES_NUMBERED:
      return readTiles(reader, tag === TILES_NUMBERED);
    case TAPE:
    case TAPE_BARE:
    case TAPE_OF_TEXTS:
      return readTape(reader, tag);
    case LATEST:
      return readLatest(reader);
    case ENDS:
      return readEnds(reader);
    case LOG:
      return readLog(reader);
    default:
      throw new Error(`unknown series tag ${tag}`);
  }
}

function writeTiles(writer: ByteWriter, tiles: Tiles): void {
  writer.extended(tiles.completeFrom);
  writer.byte((tiles.base === undefined ? 0 : 1) | (tiles.counts.length === 0 ? 0 : 2));
  if (tiles.base !== undefined) {
    writer.whole(tiles.base.count);
    if (tiles.numbered) {
      writer.whole(tiles.base.known);
      writer.signed(tiles.base.sum);
      writer.extended(tiles.base.min);
      writer.extended(tiles.base.max);
    }
  }
  writer.whole(tiles.times.length);
  let previous = 0;
  for (let i = 0; i < tiles.times.length; i++) {
    writer.signed(tiles.times[i]! - previous);
    previous = tiles.times[i]!;
    if (tiles.numbered) writeNumbers(writer, tiles, i);
    else if (tiles.counts.length > 0) writer.whole(tiles.counts[i]!);
  }
}

function writeNumbers(writer: ByteWriter, tiles: Tiles, i: number): void {
  const count = tiles.countAt(i);
  if (count === 1) {
    writer.byte(tiles.known[i] === 1 ? ENTRY_ONE : ENTRY_ONE_WITHOUT);
    if (tiles.known[i] === 1) writer.signed(tiles.sums[i]!);
    return;
  }
  writer.byte(ENTRY_FOLDED);
  writer.whole(count);
  writer.whole(tiles.known[i]!);
  writer.signed(tiles.sums[i]!);
  writer.extended(tiles.mins[i]!);
  writer.extended(tiles.maxs[i]!);
}

function readTiles(reader: ByteReader, numbered: boolean): Tiles {
  const tiles = new Tiles(numbered);
  tiles.completeFrom = reader.extended();
  const flags = reader.byte();
  if ((flags & 1) !== 0) {
    const count = reader.whole();
    tiles.base = numbered
      ? { count, known: reader.whole(), sum: reader.signed(), min: reader.extended(), max: reader.extended() }
      : { count, known: 0, sum: 0, min: Infinity, max: -Infinity };
  }
  const length = reader.whole();
  let previous = 0;
  for (let i = 0; i < length; i++) {
    previous += reader.signed();
    tiles.times.push(previous);
    const entry = numbered ? readNumbers(reader, tiles) : (flags & 2) !== 0 ? reader.whole() : 1;
    if ((flags & 2) !== 0) tiles.counts.push(entry);
  }
  return tiles;
}

/** Reads the numbers of one entry into the series; returns how many events it holds. */
function readNumbers(reader: ByteReader, tiles: Tiles): number {
  const form = reader.byte();
  const count = form === ENTRY_FOLDED ? reader.whole() : 1;
  const known = form === ENTRY_FOLDED ? reader.whole() : form === ENTRY_ONE ? 1 : 0;
  const sum = form === ENTRY_ONE_WITHOUT ? 0 : reader.signed();
  tiles.known.push(known);
  tiles.sums.push(sum);
  tiles.mins.push(form === ENTRY_FOLDED ? reader.extended() : form === ENTRY_ONE ? sum : Infinity);
  tiles.maxs.push(form === ENTRY_FOLDED ? reader.extended() : form === ENTRY_ONE ? sum : -Infinity);
  return count;
}

type TapeForm = typeof TAPE | typeof TAPE_BARE | typeof TAPE_OF_TEXTS;

function formOf(tape: Tape): TapeForm {
  let form: TapeForm = TAPE_BARE;
  for (const value of tape.values) {
    if (typeof value === 'string') return TAPE_OF_TEXTS;
    if (value !== null) form = TAPE;
  }
  return form;
}

function writeTape(writer: ByteWriter, tape: Tape, form: TapeForm): void {
  writer.whole(tape.keep);
  writer.extended(tape.completeFrom);
  writer.whole(tape.times.length);
  const seen = form === TAPE_OF_TEXTS ? new ValuesSeen() : undefined;
  let previous = 0;
  for (let i = 0; i < tape.times.length; i++) {
    writer.signed(tape.times[i]! - previous);
    previous = tape.times[i]!;
    writer.u32(tape.hashHigh[i]!);
    writer.u32(tape.hashLow[i]!);
    if (form === TAPE_BARE) continue;
    const value = tape.values[i] ?? null;
    if (seen !== undefined) {
      writeEntryValue(writer, value, seen);
      continue;
    }
    writer.byte(value === null ? 0 : 1);
    if (value !== null) writer.signed(value as number);
  }
}

function readTape(reader: ByteReader, form: TapeForm): Tape {
  const tape = new Tape(reader.whole());
  tape.completeFrom = reader.extended();
  const length = reader.whole();
  const seen = form === TAPE_OF_TEXTS ? new ValuesSeen() : undefined;
  let previous = 0;
  for (let i = 0; i < length; i++) {
    previous += reader.signed();
    tape.times.push(previous);
    tape.hashHigh.push(reader.u32());
    tape.hashLow.push(reader.u32());
    if (seen !== undefined) tape.values.push(readEntryValue(reader, seen));
    else tape.values.push(form === TAPE_BARE || reader.byte() === 0 ? null : reader.signed());
  }
  return tape;
}

/** In order of the values, so that equal series are equal bytes. */
function writeLatest(writer: ByteWriter, latest: Latest): void {
  writer.extended(latest.completeFrom);
  writer.whole(latest.values.length);
  let previous = 0;
  for (let i = 0; i < latest.values.length; i++) {
    writer.text(latest.values[i]!);
    writer.signed(latest.instants[i]! - previous);
    previous = latest.instants[i]!;
  }
}

function readLatest(reader: ByteReader): Latest {
  const latest = new Latest();
  latest.completeFrom = reader.extended();
  const size = reader.whole();
  let previous = 0;
  for (let i = 0; i < size; i++) {
    latest.values.push(reader.text());
    previous += reader.signed();
    latest.instants.push(previous);
  }
  return latest;
}

function writeEnds(writer: ByteWriter, ends: Ends): void {
  writer.whole(ends.count);
  if (ends.count === 0) return;
  writer.signed(ends.oldest);
  writer.u32(ends.hashHigh);
  writer.u32(ends.hashLow);
  writer.whole(ends.newest - ends.oldest);
  writeEntryValue(writer, ends.value, new ValuesSeen());
}

function readEnds(reader: ByteReader): Ends {
  const ends = new Ends();
  ends.count = reader.whole();
  if (ends.count === 0) return ends;
  ends.oldest = reader.signed();
  ends.hashHigh = reader.u32();
  ends.hashLow = reader.u32();
  ends.newest = ends.oldest + reader.whole();
  ends.value = readEntryValue(reader, new ValuesSeen());
  return ends;
}

/** Whether entries of a log have keys, whether they have values. */
const LOG_KEYS = 1;
const LOG_VALUES = 2;

function writeLog(writer: ByteWriter, log: EventLog): void {
  writer.extended(log.completeFrom);
  const { length } = log.times;
  const keyed = log.keys.some((key) => key !== null);
  const valued = log.values.some((value) => value !== null);
  writer.byte((keyed ? LOG_KEYS : 0) | (valued ? LOG_VALUES : 0));
  writer.whole(length);
  const keys = new ValuesSeen();
  const values = new ValuesSeen();
  let previous = 0;
  for (let i = 0; i < length; i++) {
    writer.signed(log.times[i]! - previous);
    previous = log.times[i]!;
    writer.u32(log.hashHigh[i]!);
    writer.u32(log.hashLow[i]!);
    writer.whole(log.bits[i]!);
    if (keyed) writeEntryValue(writer, log.keys[i]!, keys);
    if (valued) writeEntryValue(writer, log.values[i]!, values);
  }
}

function readLog(reader: ByteReader): EventLog {
  const log = new EventLog();
  log.completeFrom = reader.extended();
  const flags = reader.byte();
  const length = reader.whole();
  const keys = new ValuesSeen();
  const values = new ValuesSeen();
  let previous = 0;
  for (let i = 0; i < length; i++) {
    previous += reader.signed();
    log.times.push(previous);
    log.hashHigh.push(reader.u32());
    log.hashLow.push(reader.u32());
    log.bits.push(reader.whole());
    log.keys.push((flags & LOG_KEYS) === 0 ? null : (readEntryValue(reader, keys) as string | null));
    log.values.push((flags & LOG_VALUES) === 0 ? null : readEntryValue(reader, values));
  }
  return log;
}
