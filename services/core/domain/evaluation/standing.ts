/**
 * Where a customer stands under one plan: truths of comparisons and roots, and when time alone changes them. It can always be
 * computed again from the profile and the plan; `remember` keeps it beside the profile as bytes, so that nearly always it need
 * not be.
 */
import type { TruthCode } from '../operators/operator.ts';
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
  /** Truths of comparisons by id; behind them of roots. */
  readonly #words: number[];
  readonly #roots: number;
  /**
   * The flip groups in which something flips by time alone, and when; in no order. Of many comparisons few flip, so only those are
   * kept.
   */
  readonly #groups: number[] = [];
  readonly #flips: number[] = [];

  /** All of it false, and nothing to flip. */
  private constructor(plan: Plan) {
    const { words, roots } = outlineOf(plan);
    this.plan = plan;
    // A copy of an array: the cheapest way to begin.
    this.#words = words.slice();
    this.#roots = roots;
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
    while (!reader.done) {
      standing.#groups.push(reader.whole());
      standing.#flips.push(reader.instant());
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
    for (let i = 0; i < this.#groups.length; i++) {
      writer.whole(this.#groups[i]!);
      writer.instant(this.#flips[i]!);
    }
    return writer.view();
  }

  truth(comparison: number): TruthCode {
    return this.#get(comparison);
  }

  setTruth(comparison: number, truth: TruthCode): void {
    this.#set(comparison, truth);
  }

  root(place: number): TruthCode {
    return this.#get(this.#roots + place);
  }

  setRoot(place: number, truth: TruthCode): void {
    this.#set(this.#roots + place, truth);
  }

  /** When something of a group flips by time alone; Infinity = never. */
  setFlip(group: number, flip: number): void {
    const groups = this.#groups;
    let at = groups.length - 1;
    while (at >= 0 && groups[at] !== group) at -= 1;
    if (flip !== Infinity) {
      if (at < 0) {
        groups.push(group);
        this.#flips.push(flip);
      } else this.#flips[at] = flip;
    } else if (at >= 0) {
      const [lastGroup, lastFlip] = [groups.pop()!, this.#flips.pop()!];
      if (at < groups.length) {
        groups[at] = lastGroup;
        this.#flips[at] = lastFlip;
      }
    }
  }

  /** The first instant at which anything flips by time alone. */
  nextFlip(): number {
    const flips = this.#flips;
    let next = Infinity;
    for (let i = 0; i < flips.length; i++) if (flips[i]! < next) next = flips[i]!;
    return next;
  }

  /** The groups in which something flips at or before an instant, ascending. */
  flippingBy(at: number): number[] {
    const due: number[] = [];
    for (let i = 0; i < this.#flips.length; i++) if (this.#flips[i]! <= at) due.push(this.#groups[i]!);
    return due.length > 1 ? due.sort((a, b) => a - b) : due;
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
}

/** Of the plan last asked for: nearly always all customers are at one. */
let outline: Outline | undefined;

function outlineOf(plan: Plan): Outline {
  if (outline?.plan !== plan) {
    const comparisons = Math.ceil(plan.comparisons.length / PER_WORD);
    const roots = Math.ceil(plan.roots / PER_WORD);
    outline = { plan, words: new Array<number>(comparisons + roots).fill(0), roots: comparisons * PER_WORD };
  }
  return outline;
}
