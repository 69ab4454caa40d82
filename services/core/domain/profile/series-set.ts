/**
 * The series of one source of a customer, by the number of their birth (D4). They rest as bytes behind a table of births and
 * lengths: only what somebody asks for is read, and what did not change is copied when the customer is written. An event touches
 * few of a customer's series.
 *
 * A shelf in a page: number of series, birth and length of each, then the series; births ascending. A small customer has one.
 */
import type { Series } from '../operators/operator.ts';
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
const bodies = new ByteWriter();

export class SeriesSet {
  readonly #shelves: Shelf[] = [];
  /** What was read, set or deleted (undefined); it takes the place of what rests. */
  readonly #taken: number[] = [];
  readonly #series: (Series | undefined)[] = [];

  /** Ascending; a copy. */
  get births(): readonly number[] {
    return order.births.slice(0, order.of(this.#shelves, this.#taken, this.#series));
  }

  get size(): number {
    return order.of(this.#shelves, this.#taken, this.#series);
  }

  get(birth: number): Series | undefined {
    const at = this.#taken.indexOf(birth);
    if (at >= 0) return this.#series[at];
    for (const shelf of this.#shelves) {
      const from = placeOn(shelf, birth);
      if (from < 0) continue;
      const series = readSeries(reader.open(shelf.page, from));
      series.changed = false;
      this.#taken.push(birth);
      this.#series.push(series);
      return series;
    }
    return undefined;
  }

  set(birth: number, series: Series): void {
    series.changed = true;
    this.#take(birth, series);
  }

  delete(birth: number): void {
    this.#take(birth, undefined);
  }

  /** Takes over a shelf that was written into a page, where it lies; the reader stands behind it afterwards. */
  rest(page: Uint8Array, from: ByteReader): void {
    const count = from.whole();
    const table = from.at;
    let length = 0;
    for (let left = count; left > 0; left--) {
      from.whole();
      length += from.whole();
    }
    this.#shelves.push({ page, count, table, start: from.at });
    from.skip(length);
  }

  /** Writes all of them as one shelf. */
  write(writer: ByteWriter): void {
    const count = order.of(this.#shelves, this.#taken, this.#series);
    writeShelf(writer, count);
    order.clear(count);
  }

  /** Writes them as one shelf for each page they belong to; `writerOf` is asked once for each. */
  writeApart(pageOf: (birth: number) => number, writerOf: (page: number) => ByteWriter): void {
    const count = order.of(this.#shelves, this.#taken, this.#series);
    const members = Map.groupBy(order.births.slice(0, count).keys(), (at) => pageOf(order.births[at]!));
    for (const [page, places] of members) writeShelf(writerOf(page), places.length, places);
    order.clear(count);
  }

  #take(birth: number, series: Series | undefined): void {
    const at = this.#taken.indexOf(birth);
    if (at >= 0) this.#series[at] = series;
    else {
      this.#taken.push(birth);
      this.#series.push(series);
    }
  }
}

/** Where a series begins in the page of its shelf; −1 if it is not there. */
function placeOn(shelf: Shelf, birth: number): number {
  reader.open(shelf.page, shelf.table);
  let from = shelf.start;
  for (let left = shelf.count; left > 0; left--) {
    const one = reader.whole();
    const length = reader.whole();
    if (one >= birth) return one === birth ? from : -1;
    from += length;
  }
  return -1;
}

/** All series of a set in order of their births, in arrays that are used over and over. */
class Order {
  readonly births: number[] = [];
  /** What was read or set; else undefined. */
  readonly series: (Series | undefined)[] = [];
  /** Where it rests; undefined where it does not. */
  readonly pages: (Uint8Array | undefined)[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];

  /** Lays them out; returns how many there are. */
  of(shelves: readonly Shelf[], taken: readonly number[], series: readonly (Series | undefined)[]): number {
    let count = 0;
    for (const { page, count: size, table, start } of shelves) {
      reader.open(page, table);
      let from = start;
      for (let left = size; left > 0; left--) {
        const birth = reader.whole();
        const to = from + reader.whole();
        count = this.#place(count, birth, page, from, to);
        from = to;
      }
    }
    for (let i = 0; i < taken.length; i++) {
      let at = this.#find(count, taken[i]!);
      const one = series[i];
      if (this.births[at] !== taken[i] || at === count) {
        if (one === undefined) continue;
        count = this.#place(count, taken[i]!, undefined, 0, 0);
        at = this.#find(count, taken[i]!);
      } else if (one === undefined) {
        count = this.#remove(count, at);
        continue;
      }
      this.series[at] = one;
    }
    return count;
  }

  /** Lets go of what it refers to. */
  clear(count: number): void {
    for (let i = 0; i < count; i++) this.series[i] = this.pages[i] = undefined;
  }

  #find(count: number, birth: number): number {
    let at = 0;
    while (at < count && this.births[at]! < birth) at += 1;
    return at;
  }

  #place(count: number, birth: number, page: Uint8Array | undefined, from: number, to: number): number {
    let at = count;
    for (; at > 0 && this.births[at - 1]! > birth; at--) this.#move(at - 1, at);
    this.births[at] = birth;
    this.series[at] = undefined;
    this.pages[at] = page;
    this.from[at] = from;
    this.to[at] = to;
    return count + 1;
  }

  #remove(count: number, at: number): number {
    for (let i = at; i < count - 1; i++) this.#move(i + 1, i);
    return count - 1;
  }

  #move(from: number, to: number): void {
    this.births[to] = this.births[from]!;
    this.series[to] = this.series[from];
    this.pages[to] = this.pages[from];
    this.from[to] = this.from[from]!;
    this.to[to] = this.to[from]!;
  }
}

const order = new Order();

/** Of what `order` has laid out: the first of them, or those at some places. */
function writeShelf(writer: ByteWriter, count: number, places?: readonly number[]): void {
  bodies.reset();
  writer.whole(count);
  for (let i = 0; i < count; i++) {
    const at = places === undefined ? i : places[i]!;
    const before = bodies.length;
    const series = order.series[at];
    if (series === undefined || (!series.changed && order.pages[at] !== undefined))
      bodies.copy(order.pages[at]!, order.from[at]!, order.to[at]!);
    else writeSeries(bodies, series);
    writer.whole(order.births[at]!);
    writer.whole(bodies.length - before);
  }
  writer.append(bodies);
}
