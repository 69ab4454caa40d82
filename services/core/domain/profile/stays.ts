/**
 * What is remembered of a customer's entries and exits, beyond what is held (E5, E6): of the segments and groups whose rules need
 * it, by their number. It belongs to a birth (D4): a rule that comes to need it later begins with what is held then.
 */
import type { ByteReader, ByteWriter } from '../series/bytes.ts';

export interface Stays {
  readonly birth: number;
  /** The resolved rule (of a group: of the member the customer is in), and since when it is so, ms UTC. */
  holds: boolean;
  since: number;
  /** Newest entry and exit (of a group: move up and down); −∞ = none remembered. */
  entered: number;
  left: number;
  /** The longest stay is over, and the rule has not been false since. */
  spent: boolean;
  /** Of a group: numbers of the members whose rule holds, in order. */
  yes: readonly number[];
}

const HOLDS = 1;
const SPENT = 2;
const ENTERED = 4;
const LEFT = 8;
const YES = 16;
const SINCE = 32;

export class StayBook {
  /** By number of segment or group, in no order. */
  readonly #numbers: number[] = [];
  readonly #stays: Stays[] = [];

  get size(): number {
    return this.#numbers.length;
  }

  get(number: number): Stays | undefined {
    const at = this.#numbers.indexOf(number);
    return at < 0 ? undefined : this.#stays[at];
  }

  set(number: number, stays: Stays): void {
    const at = this.#numbers.indexOf(number);
    if (at >= 0) this.#stays[at] = stays;
    else {
      this.#numbers.push(number);
      this.#stays.push(stays);
    }
  }

  /** Forgets what belongs to none of some births. */
  keep(births: ReadonlySet<number>): void {
    for (let at = this.#numbers.length - 1; at >= 0; at--) {
      if (births.has(this.#stays[at]!.birth)) continue;
      this.#numbers.splice(at, 1);
      this.#stays.splice(at, 1);
    }
  }

  /** By number, so that equal books are equal bytes. */
  write(writer: ByteWriter): void {
    writer.whole(this.#numbers.length);
    if (this.#numbers.length === 0) return;
    const order = [...this.#numbers.keys()].sort((a, b) => this.#numbers[a]! - this.#numbers[b]!);
    for (const at of order) {
      writer.whole(this.#numbers[at]!);
      writeStays(writer, this.#stays[at]!);
    }
  }

  read(reader: ByteReader): void {
    for (let count = reader.whole(); count > 0; count--) {
      const number = reader.whole();
      this.#numbers.push(number);
      this.#stays.push(readStays(reader));
    }
  }
}

function writeStays(writer: ByteWriter, { birth, holds, since, entered, left, spent, yes }: Stays): void {
  writer.whole(birth);
  writer.byte(
    (holds ? HOLDS : 0) |
      (spent ? SPENT : 0) |
      (entered === -Infinity ? 0 : ENTERED) |
      (left === -Infinity ? 0 : LEFT) |
      (yes.length === 0 ? 0 : YES) |
      (since === -Infinity ? 0 : SINCE),
  );
  for (const instant of [since, entered, left]) if (instant !== -Infinity) writer.instant(instant);
  if (yes.length === 0) return;
  writer.whole(yes.length);
  for (const number of yes) writer.whole(number);
}

function readStays(reader: ByteReader): Stays {
  const birth = reader.whole();
  const flags = reader.byte();
  const instant = (flag: number): number => ((flags & flag) === 0 ? -Infinity : reader.instant());
  const since = instant(SINCE);
  const entered = instant(ENTERED);
  const left = instant(LEFT);
  const yes: number[] = [];
  if ((flags & YES) !== 0) for (let count = reader.whole(); count > 0; count--) yes.push(reader.whole());
  return { birth, holds: (flags & HOLDS) !== 0, since, entered, left, spent: (flags & SPENT) !== 0, yes };
}
