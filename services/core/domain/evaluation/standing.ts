/**
 * Where a customer stands under one plan: truths of comparisons and roots, and when time alone changes them. It can always be
 * computed again from the profile and the plan; `remember` keeps it beside the profile as bytes, so that nearly always it need
 * not be.
 */
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../operators/operator.ts';
import type { Held } from '../profile/held.ts';
import { ByteReader, ByteWriter } from '../series/bytes.ts';
import type { Plan, TruthSource } from './plan.ts';

const reader = new ByteReader(new Uint8Array(0));
const writer = new ByteWriter();

export class Standing implements TruthSource {
  readonly plan: Plan;
  /** By comparison id. */
  readonly #truths: Truths;
  /** By segment index: truth of the root, and what a reference to it reads (E4). */
  readonly #roots: Truths;
  readonly #references: Truths;
  /** By slot of the series: the first instant at which one of its comparisons flips by time alone; Infinity = never. */
  readonly #flips: number[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.#truths = new Truths(plan.comparisons.length);
    this.#roots = new Truths(plan.segments.length);
    this.#references = new Truths(plan.segments.length);
    this.#flips = new Array<number>(plan.series.length).fill(Infinity);
  }

  /** Nothing judged yet: all of it unknown. */
  static blank(plan: Plan): Standing {
    const standing = new Standing(plan);
    for (const truths of [standing.#truths, standing.#roots, standing.#references]) truths.forget();
    return standing;
  }

  /** What `remember` wrote; undefined when it was written under another plan. */
  static recall(plan: Plan, bytes: Uint8Array): Standing | undefined {
    reader.open(bytes, 0);
    if (reader.u32() !== plan.stamp) return undefined;
    const standing = new Standing(plan);
    standing.#truths.read(reader);
    standing.#roots.read(reader);
    standing.#references.read(reader);
    let slot = 0;
    while (!reader.done) {
      slot += reader.whole();
      standing.#flips[slot] = reader.f64();
    }
    return standing;
  }

  /** As bytes, valid until the next call; they mean something to this process only. */
  remember(): Uint8Array {
    writer.reset();
    writer.u32(this.plan.stamp);
    this.#truths.write(writer);
    this.#roots.write(writer);
    this.#references.write(writer);
    let before = 0;
    for (let slot = 0; slot < this.#flips.length; slot++) {
      const flip = this.#flips[slot]!;
      if (flip === Infinity) continue;
      writer.whole(slot - before);
      writer.f64(flip);
      before = slot;
    }
    return writer.view();
  }

  truth(comparison: number): TruthCode {
    return this.#truths.get(comparison);
  }

  setTruth(comparison: number, truth: TruthCode): void {
    this.#truths.set(comparison, truth);
  }

  root(segment: number): TruthCode {
    return this.#roots.get(segment);
  }

  setRoot(segment: number, truth: TruthCode): void {
    this.#roots.set(segment, truth);
  }

  reference(segment: number): TruthCode {
    return this.#references.get(segment);
  }

  /** E4: membership after stability; unknown when the root is unknown and the segment does not hold. */
  refreshReference(index: number, held: Held): boolean {
    const { live } = this.plan.segments[index]!;
    const unknown = this.#roots.get(index) === UNKNOWN && live.definition.unknown !== 'hold';
    const next: TruthCode = unknown ? UNKNOWN : held.has(live.number) ? TRUE : FALSE;
    if (this.#references.get(index) === next) return false;
    this.#references.set(index, next);
    return true;
  }

  flip(slot: number): number {
    return this.#flips[slot]!;
  }

  setFlip(slot: number, flip: number): void {
    this.#flips[slot] = flip;
  }

  /** The first instant at which anything flips by time alone. */
  nextFlip(): number {
    const flips = this.#flips;
    let next = Infinity;
    for (let slot = 0; slot < flips.length; slot++) if (flips[slot]! < next) next = flips[slot]!;
    return next;
  }

  /** The series in which something flips at or before an instant. */
  flippingBy(at: number): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.#flips.length; slot++) if (this.#flips[slot]! <= at) slots.push(slot);
    return slots;
  }
}

/** Truths by number, sixteen to a small integer. */
class Truths {
  readonly #words: number[];

  constructor(count: number) {
    this.#words = new Array<number>((count + 15) >>> 4).fill(0);
  }

  get(at: number): TruthCode {
    return ((this.#words[at >>> 4]! >>> ((at & 15) << 1)) & 3) as TruthCode;
  }

  set(at: number, truth: TruthCode): void {
    const shift = (at & 15) << 1;
    this.#words[at >>> 4] = (this.#words[at >>> 4]! & ~(3 << shift)) | (truth << shift);
  }

  /** Makes all of them unknown. */
  forget(): void {
    this.#words.fill(0xaaaa_aaaa | 0);
  }

  /** Words in which all are false are left out: of many rules a customer meets few. */
  write(to: ByteWriter): void {
    const words = this.#words;
    let before = -1;
    for (let at = 0; at < words.length; at++) {
      if (words[at] === 0) continue;
      to.whole(at - before);
      to.u32(words[at]!);
      before = at;
    }
    to.whole(0);
  }

  read(from: ByteReader): void {
    let at = -1;
    for (let step = from.whole(); step > 0; step = from.whole()) {
      at += step;
      this.#words[at] = from.u32() | 0;
    }
  }
}
