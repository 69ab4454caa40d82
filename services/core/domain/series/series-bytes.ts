/** Series as bytes: instants as differences, newest numbers short. Reading back gives the same series to the last bound. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { Latest } from './latest.ts';
import { Tape } from './tape.ts';
import { Tiles } from './tiles.ts';

const TILES = 0;
const TILES_NUMBERED = 1;
const TAPE = 2;
const TAPE_BARE = 3;
const LATEST = 4;

/** How an entry of numbered tiles begins: one event with its number, one without, or a folded tile. */
const ENTRY_ONE = 0;
const ENTRY_ONE_WITHOUT = 1;
const ENTRY_FOLDED = 2;

export function writeSeries(writer: ByteWriter, series: Tiles | Tape | Latest): void {
  switch (series.shape) {
    case 'tiles':
      writer.byte(series.numbered ? TILES_NUMBERED : TILES);
      writeTiles(writer, series);
      return;
    case 'tape': {
      const bare = series.values.every((value) => value === null);
      writer.byte(bare ? TAPE_BARE : TAPE);
      writeTape(writer, series, bare);
      return;
    }
    case 'latest':
      writer.byte(LATEST);
      writeLatest(writer, series);
      return;
  }
}

export function readSeries(reader: ByteReader): Tiles | Tape | Latest {
  const tag = reader.byte();
  switch (tag) {
    case TILES:
    case TILES_NUMBERED:
      return readTiles(reader, tag === TILES_NUMBERED);
    case TAPE:
    case TAPE_BARE:
      return readTape(reader, tag === TAPE_BARE);
    case LATEST:
      return readLatest(reader);
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

function writeTape(writer: ByteWriter, tape: Tape, bare: boolean): void {
  writer.whole(tape.keep);
  writer.extended(tape.completeFrom);
  writer.whole(tape.times.length);
  let previous = 0;
  for (let i = 0; i < tape.times.length; i++) {
    writer.signed(tape.times[i]! - previous);
    previous = tape.times[i]!;
    writer.u32(tape.hashHigh[i]!);
    writer.u32(tape.hashLow[i]!);
    if (bare) continue;
    const value = tape.values[i] ?? null;
    writer.byte(value === null ? 0 : 1);
    if (value !== null) writer.signed(value);
  }
}

function readTape(reader: ByteReader, bare: boolean): Tape {
  const tape = new Tape(reader.whole());
  tape.completeFrom = reader.extended();
  const length = reader.whole();
  let previous = 0;
  for (let i = 0; i < length; i++) {
    previous += reader.signed();
    tape.times.push(previous);
    tape.hashHigh.push(reader.u32());
    tape.hashLow.push(reader.u32());
    tape.values.push(bare || reader.byte() === 0 ? null : reader.signed());
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
