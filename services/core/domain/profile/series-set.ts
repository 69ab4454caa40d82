/**
 * The series of one source of a customer, by the number of their birth (D4). They rest as bytes: only what somebody asks for is
 * read, and what did not change is copied when the customer is written. An event touches few of a customer's series.
 */
import type { Series } from '../operators/operator.ts';
import { ByteReader, type ByteWriter } from '../series/bytes.ts';
import { readSeries, writeSeries } from '../series/series-bytes.ts';

const reader = new ByteReader(new Uint8Array(0));

export class SeriesSet {
  /** Ascending. */
  readonly births: number[] = [];
  /** In parallel: what was read or set; else the page it rests in, and where. */
  readonly #read: (Series | undefined)[] = [];
  readonly #pages: (Uint8Array | undefined)[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];

  get size(): number {
    return this.births.length;
  }

  get(birth: number): Series | undefined {
    const at = this.births.indexOf(birth);
    return at < 0 ? undefined : this.at(at);
  }

  /** By index in `births`. */
  at(index: number): Series {
    let series = this.#read[index];
    if (series === undefined) {
      series = readSeries(reader.open(this.#pages[index]!, this.#from[index]!));
      series.changed = false;
      this.#read[index] = series;
    }
    return series;
  }

  set(birth: number, series: Series): void {
    let at = this.births.length;
    while (at > 0 && this.births[at - 1]! >= birth) at -= 1;
    if (this.births[at] === birth) {
      this.#read[at] = series;
      series.changed = true;
      return;
    }
    this.births.splice(at, 0, birth);
    this.#read.splice(at, 0, series);
    this.#pages.splice(at, 0, undefined);
    this.#from.splice(at, 0, 0);
    this.#to.splice(at, 0, 0);
  }

  delete(birth: number): void {
    const at = this.births.indexOf(birth);
    if (at >= 0) for (const array of [this.births, this.#read, this.#pages, this.#from, this.#to]) array.splice(at, 1);
  }

  /** Adds one that rests in a page. */
  rest(birth: number, page: Uint8Array, from: number, to: number): void {
    this.births.push(birth);
    this.#read.push(undefined);
    this.#pages.push(page);
    this.#from.push(from);
    this.#to.push(to);
  }

  /** Moves where all of them rest: their place was not known when they were added. */
  shift(by: number): void {
    for (let i = 0; i < this.#from.length; i++) {
      this.#from[i]! += by;
      this.#to[i]! += by;
    }
  }

  /** Puts those that were added in order of their births. */
  order(): void {
    const places = this.births.map((birth, at) => [birth, this.#pages[at]!, this.#from[at]!, this.#to[at]!] as const);
    places.sort(([a], [b]) => a - b);
    for (const array of [this.births, this.#read, this.#pages, this.#from, this.#to]) array.length = 0;
    for (const [birth, page, from, to] of places) this.rest(birth, page, from, to);
  }

  /** Whether its bytes are those it rests in. */
  isAsRead(index: number): boolean {
    return this.#pages[index] !== undefined && this.#read[index]?.changed !== true;
  }

  /** Writes one as it is now. */
  write(writer: ByteWriter, index: number): void {
    if (this.isAsRead(index)) writer.copy(this.#pages[index]!, this.#from[index]!, this.#to[index]!);
    else writeSeries(writer, this.#read[index]!);
  }
}
