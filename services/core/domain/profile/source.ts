/** What is kept of a customer from one source id (I5). Its traits rest as bytes until somebody asks for them. */
import type { TraitValue } from '../events/profile.ts';
import { ByteReader, type ByteWriter } from '../series/bytes.ts';
import { Recent } from './recent.ts';
import { SeriesSet } from './series-set.ts';

/** A trait with who wrote it last: by instant, then by the hash of the event id. */
export interface Trait {
  /** Undefined once unset. */
  readonly value: TraitValue | undefined;
  readonly at: number;
  readonly high: number;
  readonly low: number;
}

const reader = new ByteReader(new Uint8Array(0));

export class Source {
  readonly id: string;
  readonly series: SeriesSet = new SeriesSet();
  readonly recent: Recent = new Recent();
  #traits: Map<string, Trait> | undefined = undefined;
  /** The page the traits rest in, and where, until they are read. */
  #page: Uint8Array | undefined = undefined;
  #from = 0;
  #to = 0;

  constructor(id: string) {
    this.id = id;
  }

  get traits(): Map<string, Trait> {
    if (this.#traits === undefined) {
      this.#traits = new Map();
      if (this.#page !== undefined) readTraits(this.#page, this.#from, this.#to, this.#traits);
    }
    return this.#traits;
  }

  /** By name, so that equal traits are equal bytes. */
  writeTraits(writer: ByteWriter): void {
    if (this.#traits === undefined) {
      if (this.#page !== undefined) writer.copy(this.#page, this.#from, this.#to);
      return;
    }
    const traits = [...this.#traits];
    if (traits.length > 1) traits.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, trait] of traits) {
      writer.text(name);
      writer.instant(trait.at);
      writer.u32(trait.high);
      writer.u32(trait.low);
      writeValue(writer, trait.value);
    }
  }

  /** Takes over what `writeTraits` wrote into a page, where it lies. */
  restTraits(page: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.#page = page;
    this.#from = from;
    this.#to = to;
  }
}

function readTraits(page: Uint8Array, from: number, to: number, traits: Map<string, Trait>): void {
  reader.open(page, from);
  while (reader.at < to) {
    const name = reader.text();
    const [at, high, low] = [reader.instant(), reader.u32(), reader.u32()];
    traits.set(name, { value: readValue(), at, high, low });
  }
}

function writeValue(writer: ByteWriter, value: TraitValue | undefined): void {
  if (value === undefined) writer.byte(0);
  else if (value === null) writer.byte(1);
  else if (typeof value === 'boolean') writer.byte(value ? 3 : 2);
  else if (typeof value === 'number') {
    writer.byte(4);
    writer.f64(value);
  } else if (typeof value === 'string') {
    writer.byte(5);
    writer.text(value);
  } else {
    writer.byte(6);
    writer.whole(value.length);
    for (const member of value) writer.text(member);
  }
}

function readValue(): TraitValue | undefined {
  const tag = reader.byte();
  switch (tag) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
    case 3:
      return tag === 3;
    case 4:
      return reader.f64();
    case 5:
      return reader.text();
    default:
      return Array.from({ length: reader.whole() }, () => reader.text());
  }
}
