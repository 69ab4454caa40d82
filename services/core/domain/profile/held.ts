/** The segments a customer holds, by number, and since when. Instants rest as bytes until somebody asks for them. */
import { ByteReader, INSTANT_BYTES, type ByteWriter } from '../series/bytes.ts';

const NONE: readonly number[] = [];
const NO_BYTES = new Uint8Array(0);

const reader = new ByteReader(NO_BYTES);

export class Held {
  /** Ascending; replaced, never changed in place once the customer is read. */
  numbers: readonly number[] = NONE;
  /** In parallel: entered at, ms UTC; undefined while they rest in the page, where it says. */
  #since: number[] | undefined = undefined;
  #page: Uint8Array = NO_BYTES;
  #from = 0;

  get size(): number {
    return this.numbers.length;
  }

  has(number: number): boolean {
    return this.numbers.includes(number);
  }

  /** When a segment was entered; null if it is not held. */
  since(number: number): number | null {
    const index = this.numbers.indexOf(number);
    return index < 0 ? null : this.#instants()[index]!;
  }

  enter(number: number, at: number): void {
    const { numbers } = this;
    let place = numbers.length;
    while (place > 0 && numbers[place - 1]! > number) place -= 1;
    const since = this.#instants();
    insert(since, place, at);
    const grown = numbers.slice();
    insert(grown, place, number);
    this.numbers = grown;
  }

  leave(number: number): void {
    const place = this.numbers.indexOf(number);
    if (place < 0) return;
    const since = this.#instants();
    remove(since, place);
    const left = this.numbers.slice();
    remove(left, place);
    this.numbers = left;
  }

  write(writer: ByteWriter): void {
    const { numbers } = this;
    writer.whole(numbers.length);
    for (let i = 0; i < numbers.length; i++) writer.whole(numbers[i]!);
    const since = this.#since;
    if (since === undefined) writer.copy(this.#page, this.#from, this.#from + numbers.length * INSTANT_BYTES);
    else for (let i = 0; i < since.length; i++) writer.instant(since[i]!);
  }

  /** Takes over what `write` wrote into a page, where it lies; the reader stands behind it afterwards. */
  rest(page: Uint8Array, from: ByteReader): void {
    const count = from.whole();
    if (count === 0) return;
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(from.whole());
    this.numbers = numbers;
    this.#page = page;
    this.#from = from.at;
    from.skip(count * INSTANT_BYTES);
  }

  #instants(): number[] {
    if (this.#since !== undefined) return this.#since;
    const since: number[] = [];
    if (this.numbers.length > 0) reader.open(this.#page, this.#from);
    for (let i = 0; i < this.numbers.length; i++) since.push(reader.instant());
    this.#since = since;
    return since;
  }
}

function insert(list: number[], place: number, value: number): void {
  list.push(value);
  for (let i = list.length - 1; i > place; i--) list[i] = list[i - 1]!;
  list[place] = value;
}

function remove(list: number[], place: number): void {
  for (let i = place; i < list.length - 1; i++) list[i] = list[i + 1]!;
  list.pop();
}
