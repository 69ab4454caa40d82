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
    const numbers = this.numbers.slice();
    let place = numbers.length;
    while (place > 0 && numbers[place - 1]! > number) place -= 1;
    numbers.splice(place, 0, number);
    this.#since.splice(place, 0, at);
    this.numbers = numbers;
  }

  leave(number: number): void {
    const place = this.numbers.indexOf(number);
    if (place < 0) return;
    const numbers = this.numbers.slice();
    numbers.splice(place, 1);
    this.#since.splice(place, 1);
    this.numbers = numbers;
  }

  /** Adds one that was written. They come in ascending order. */
  rest(number: number, since: number): void {
    if (this.numbers === NONE) this.numbers = [number];
    else (this.numbers as number[]).push(number);
    this.#since.push(since);
  }
}
