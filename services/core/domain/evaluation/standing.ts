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

/** Sixteen truths to a small integer. */
const WORD_SHIFT = 4;
const PER_WORD = 1 << WORD_SHIFT;
const ALL_UNKNOWN = 0xaaaa_aaaa | 0;

export class Standing implements TruthSource {
  readonly plan: Plan;
  /** Truths of comparisons by id; behind them of roots, and of what references to segments read (E4), by segment index. */
  readonly #words: number[];
  readonly #roots: number;
  readonly #references: number;
  /** By slot of the series: the first instant at which one of its comparisons flips by time alone; Infinity = never. */
  readonly #flips: number[];

  /** All of it false, and nothing to flip. */
  private constructor(plan: Plan) {
    const { words, roots, references, flips } = outlineOf(plan);
    this.plan = plan;
    // Copies of arrays: the cheapest way to begin.
    this.#words = words.slice();
    this.#flips = flips.slice();
    this.#roots = roots;
    this.#references = references;
  }

  /** Nothing judged yet: all of it unknown. */
  static blank(plan: Plan): Standing {
    const standing = new Standing(plan);
    standing.#words.fill(ALL_UNKNOWN);
    return standing;
  }

  /** What `remember` wrote; undefined when it was written under another plan. */
  static recall(plan: Plan, bytes: Uint8Array): Standing | undefined {
    reader.open(bytes, 0);
    if (reader.u32() !== plan.stamp) return undefined;
    const standing = new Standing(plan);
    let at = -1;
    for (let step = reader.whole(); step > 0; step = reader.whole()) {
      at += step;
      standing.#words[at] = reader.u32() | 0;
    }
    let slot = 0;
    while (!reader.done) {
      slot += reader.whole();
      standing.#flips[slot] = reader.instant();
    }
    return standing;
  }

  /**
   * As bytes, valid until the next call; they mean something to this process only. Words in which all are false are left out: of
   * many rules a customer meets few.
   */
  remember(): Uint8Array {
    writer.reset();
    writer.u32(this.plan.stamp);
    let before = -1;
    const words = this.#words;
    for (let at = 0; at < words.length; at++) {
      if (words[at] === 0) continue;
      writer.whole(at - before);
      writer.u32(words[at]!);
      before = at;
    }
    writer.whole(0);
    before = 0;
    for (let slot = 0; slot < this.#flips.length; slot++) {
      const flip = this.#flips[slot]!;
      if (flip === Infinity) continue;
      writer.whole(slot - before);
      writer.instant(flip);
      before = slot;
    }
    return writer.view();
  }

  truth(comparison: number): TruthCode {
    return this.#get(comparison);
  }

  setTruth(comparison: number, truth: TruthCode): void {
    this.#set(comparison, truth);
  }

  root(segment: number): TruthCode {
    return this.#get(this.#roots + segment);
  }

  setRoot(segment: number, truth: TruthCode): void {
    this.#set(this.#roots + segment, truth);
  }

  reference(segment: number): TruthCode {
    return this.#get(this.#references + segment);
  }

  /** E4: membership after stability; unknown when the root is unknown and the segment does not hold. */
  refreshReference(index: number, held: Held): boolean {
    const { live } = this.plan.segments[index]!;
    const unknown = this.root(index) === UNKNOWN && live.definition.unknown !== 'hold';
    const next: TruthCode = unknown ? UNKNOWN : held.has(live.number) ? TRUE : FALSE;
    if (this.reference(index) === next) return false;
    this.#set(this.#references + index, next);
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

  #get(at: number): TruthCode {
    return ((this.#words[at >>> WORD_SHIFT]! >>> ((at & (PER_WORD - 1)) << 1)) & 3) as TruthCode;
  }

  #set(at: number, truth: TruthCode): void {
    const shift = (at & (PER_WORD - 1)) << 1;
    this.#words[at >>> WORD_SHIFT] = (this.#words[at >>> WORD_SHIFT]! & ~(3 << shift)) | (truth << shift);
  }
}

/** What every standing under a plan begins with. */
interface Outline {
  readonly plan: Plan;
  readonly words: readonly number[];
  readonly roots: number;
  readonly references: number;
  readonly flips: readonly number[];
}

/** Of the plan last asked for: nearly always all customers are at one. */
let outline: Outline | undefined;

function outlineOf(plan: Plan): Outline {
  if (outline?.plan !== plan) {
    const comparisons = Math.ceil(plan.comparisons.length / PER_WORD);
    const segments = Math.ceil(plan.segments.length / PER_WORD);
    outline = {
      plan,
      words: new Array<number>(comparisons + 2 * segments).fill(0),
      roots: comparisons * PER_WORD,
      references: (comparisons + segments) * PER_WORD,
      flips: new Array<number>(plan.series.length).fill(Infinity),
    };
  }
  return outline;
}
