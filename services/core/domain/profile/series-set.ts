/**
 * The series of one source of a customer, by the number of their birth (D4). They rest as bytes behind a table of births and
 * lengths: only what somebody asks for is read, and what did not change is copied when the customer is written. An event touches
 * few of a customer's series.
 *
 * A shelf in a page: number of series, birth and length of each, then the series; births ascending. A small customer has one.
 */
import type { AnySeries } from '../series/series-bytes.ts';
import { ByteReader, ByteWriter } from '../series/bytes.ts';
import { readSeries, writeSeries } from '../series/series-bytes.ts';

interface Shelf {
  readonly page: Uint8Array;
  readonly count: number;
  /** Where births and lengths begin, and the series. */
  readonly table: number;
  readonly start: number;
}

const reader = new ByteReader(new Uint8Array(0));
/** Series that changed, as bytes. */
const changed = new ByteWriter();

export class SeriesSet {
  readonly #shelves: Shelf[] = [];
  /** What was read, set or deleted (undefined); it takes the place of what rests. */
  readonly #taken: number[] = [];
  readonly #series: (AnySeries | undefined)[] = [];

  /** Ascending; a copy. */
  get births(): readonly number[] {
    return layout.births.slice(0, this.#layOut());
  }

  get size(): number {
    return this.#layOut();
  }

  get(birth: number): AnySeries | undefined {
    const taken = this.#taken.indexOf(birth);
    if (taken >= 0) return this.#series[taken];
    this.#layOut();
    const at = layout.find(birth);
    if (at < 0) return undefined;
    const series = readSeries(reader.open(layout.pages[at]!, layout.from[at]!));
    series.changed = false;
    this.#taken.push(birth);
    this.#series.push(series);
    layout.series[at] = series;
    return series;
  }

  set(birth: number, series: AnySeries): void {
    series.changed = true;
    this.#take(birth, series);
  }

  delete(birth: number): void {
    this.#take(birth, undefined);
  }

  /** Takes over a shelf that was written into a page, where it lies; the reader stands behind it afterwards. */
  rest(page: Uint8Array, from: ByteReader): void {
    const isFirst = this.#shelves.length === 0;
    if (!isFirst) layout.forget(this);
    const count = from.whole();
    const table = from.at;
    const length = isFirst ? layout.begin(this, page, count, from) : lengthIn(count, from);
    this.#shelves.push({ page, count, table, start: from.at });
    from.skip(length);
  }

  /** Writes all of them as one shelf. */
  write(writer: ByteWriter): void {
    writeShelf(writer, this.#layOut());
    layout.forget(this);
  }

  /** Writes them as one shelf for each page they belong to; `writerOf` is asked once for each. */
  writeApart(pageOf: (birth: number) => number, writerOf: (page: number) => ByteWriter): void {
    const count = this.#layOut();
    const members = Map.groupBy(layout.births.slice(0, count).keys(), (at) => pageOf(layout.births[at]!));
    for (const [page, places] of members) writeShelf(writerOf(page), places.length, places);
    layout.forget(this);
  }

  #layOut(): number {
    return layout.owner === this ? layout.count : layout.of(this, this.#shelves, this.#taken, this.#series);
  }

  #take(birth: number, series: AnySeries | undefined): void {
    layout.forget(this);
    const at = this.#taken.indexOf(birth);
    if (at >= 0) this.#series[at] = series;
    else {
      this.#taken.push(birth);
      this.#series.push(series);
    }
  }
}

/**
 * All series of one set in order of their births, in arrays that are used over and over. Nearly always a customer is read, looked
 * at and written before the next one: what was laid out when it was read serves to the end.
 */
class Layout {
  /** Whose series these are, as they stand now. */
  owner: SeriesSet | undefined = undefined;
  count = 0;
  readonly births: number[] = [];
  /** What was read or set; else undefined. */
  readonly series: (AnySeries | undefined)[] = [];
  /** Where it rests; undefined where it does not. */
  readonly pages: (Uint8Array | undefined)[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];

  /** Lays them out; returns how many there are. */
  of(
    owner: SeriesSet,
    shelves: readonly Shelf[],
    taken: readonly number[],
    series: readonly (AnySeries | undefined)[],
  ): number {
    this.owner = owner;
    this.count = 0;
    for (const { page, count, table, start } of shelves) {
      reader.open(page, table);
      let from = start;
      for (let left = count; left > 0; left--) {
        const birth = reader.whole();
        const to = from + reader.whole();
        this.#place(birth, page, from, to);
        from = to;
      }
    }
    for (let i = 0; i < taken.length; i++) {
      const one = series[i];
      let at = this.find(taken[i]!);
      if (one === undefined) {
        if (at >= 0) this.#remove(at);
        continue;
      }
      if (at < 0) at = this.#place(taken[i]!, undefined, 0, 0);
      this.series[at] = one;
    }
    return this.count;
  }

  /** Lays out the first shelf of a set while its table is read; returns the length of its series. */
  begin(owner: SeriesSet, page: Uint8Array, count: number, table: ByteReader): number {
    const { births, series, pages, from, to } = this;
    this.owner = owner;
    this.count = count;
    let length = 0;
    for (let at = 0; at < count; at++) {
      births[at] = table.whole();
      series[at] = undefined;
      pages[at] = page;
      from[at] = length;
      length += table.whole();
      to[at] = length;
    }
    const start = table.at;
    for (let at = 0; at < count; at++) {
      from[at]! += start;
      to[at]! += start;
    }
    return length;
  }

  /** Index of a birth; −1 if it is not there. */
  find(birth: number): number {
    const { births, count } = this;
    for (let at = 0; at < count; at++) if (births[at]! >= birth) return births[at] === birth ? at : -1;
    return -1;
  }

  /** A set changes in another way than by being read: it is laid out again when it is next asked. */
  forget(owner: SeriesSet): void {
    if (this.owner === owner) this.owner = undefined;
  }

  #place(birth: number, page: Uint8Array | undefined, from: number, to: number): number {
    let at = this.count;
    for (; at > 0 && this.births[at - 1]! > birth; at--) this.#move(at - 1, at);
    this.births[at] = birth;
    this.series[at] = undefined;
    this.pages[at] = page;
    this.from[at] = from;
    this.to[at] = to;
    this.count += 1;
    return at;
  }

  #remove(at: number): void {
    this.count -= 1;
    for (let i = at; i < this.count; i++) this.#move(i + 1, i);
  }

  #move(from: number, to: number): void {
    this.births[to] = this.births[from]!;
    this.series[to] = this.series[from];
    this.pages[to] = this.pages[from];
    this.from[to] = this.from[from]!;
    this.to[to] = this.to[from]!;
  }
}

const layout = new Layout();

/** The bytes of the series on a shelf whose table the reader stands before; behind it afterwards. */
function lengthIn(count: number, table: ByteReader): number {
  let length = 0;
  for (let left = count; left > 0; left--) {
    table.whole();
    length += table.whole();
  }
  return length;
}

/** Of what is laid out: the first of them, or those at some places. What was laid out is used up. */
function writeShelf(writer: ByteWriter, count: number, places?: readonly number[]): void {
  const { births, series, pages, from, to } = layout;
  changed.reset();
  writer.whole(count);
  for (let i = 0; i < count; i++) {
    const at = places === undefined ? i : places[i]!;
    const one = series[at];
    if (one !== undefined && (one.changed || pages[at] === undefined)) {
      pages[at] = undefined;
      from[at] = changed.length;
      writeSeries(changed, one);
      to[at] = changed.length;
    }
    writer.whole(births[at]!);
    writer.whole(to[at]! - from[at]!);
  }
  // Neighbours are nearly always neighbours where they rest, too: they go over in one piece.
  for (let i = 0; i < count;) {
    const at = places === undefined ? i : places[i]!;
    const page = pages[at];
    let end = to[at]!;
    for (i++; i < count; i++) {
      const next = places === undefined ? i : places[i]!;
      if (pages[next] !== page || from[next] !== end) break;
      end = to[next]!;
    }
    if (page === undefined) writer.appendPart(changed, from[at]!, end);
    else writer.copy(page, from[at]!, end);
  }
}
