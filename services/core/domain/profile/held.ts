/** The segments a customer holds, by number, and since when. */
const NONE: readonly number[] = [];

export class Held {
  /** Ascending; replaced, never changed in place once the customer is read. */
  numbers: readonly number[] = NONE;
  /** In parallel: entered at, ms UTC. */
  readonly #since: number[] = [];

  get size(): number {
    return this.numbers.length;
  }

  has(number: number): boolean {
    return this.numbers.includes(number);
  }

  /** When a segment was entered; null if it is not held. */
  since(number: number): number | null {
    return this.#since[this.numbers.indexOf(number)] ?? null;
  }

  /** By index in `numbers`. */
  sinceAt(index: number): number {
    return this.#since[index]!;
  }

  enter(number: number, at: number): void {
    const { numbers } = this;
    const since = this.#since;
    const grown = new Array<number>(numbers.length + 1);
    let place = numbers.length;
    for (; place > 0 && numbers[place - 1]! > number; place--) {
      grown[place] = numbers[place - 1]!;
      since[place] = since[place - 1]!;
    }
    grown[place] = number;
    since[place] = at;
    for (let i = 0; i < place; i++) grown[i] = numbers[i]!;
    this.numbers = grown;
  }

  leave(number: number): void {
    const place = this.numbers.indexOf(number);
    if (place < 0) return;
    this.numbers = this.numbers.filter((held) => held !== number);
    const since = this.#since;
    for (let i = place; i < since.length - 1; i++) since[i] = since[i + 1]!;
    since.pop();
  }

  /** Adds one that was written. They come in ascending order. */
  rest(number: number, since: number): void {
    if (this.numbers === NONE) this.numbers = [number];
    else (this.numbers as number[]).push(number);
    this.#since.push(since);
  }
}
