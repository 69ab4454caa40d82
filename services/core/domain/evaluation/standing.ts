/**
 * Where a customer stands under one plan: truths of comparisons and roots, membership, next flips. It can always be computed
 * again from the profile and the plan, and is: only memberships rest in the profile.
 */
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../operators/operator.ts';
import type { Profile } from '../profile/profile.ts';
import type { Plan, TruthSource } from './plan.ts';

export class Standing implements TruthSource {
  readonly plan: Plan;
  /** By comparison id. */
  readonly truth: Uint8Array;
  readonly flip: Float64Array;
  /** By segment index: truth of the root, membership, and what a reference to it reads (E4). */
  readonly root: Uint8Array;
  readonly held: Uint8Array;
  readonly reference: Uint8Array;
  /** Numbers of the segments held, ascending; replaced, never changed in place. */
  numbers: readonly number[] = [];
  #next = Infinity;
  /** Whether #next is the minimum; else it is a lower bound that some comparison had. */
  #known = true;

  constructor(plan: Plan, profile: Profile) {
    this.plan = plan;
    this.truth = new Uint8Array(plan.comparisons.length).fill(UNKNOWN);
    this.flip = new Float64Array(plan.comparisons.length).fill(Infinity);
    this.root = new Uint8Array(plan.segments.length).fill(UNKNOWN);
    this.held = new Uint8Array(plan.segments.length);
    this.reference = new Uint8Array(plan.segments.length).fill(UNKNOWN);
    for (const segment of plan.segments) if (profile.held.has(segment.live.number)) this.held[segment.index] = 1;
    this.refreshNumbers();
  }

  /** E4: membership after stability; unknown when the root is unknown and the segment does not hold. */
  refreshReference(index: number): boolean {
    const unknown = this.root[index] === UNKNOWN && this.plan.segments[index]!.live.definition.unknown !== 'hold';
    const next: TruthCode = unknown ? UNKNOWN : this.held[index] === 1 ? TRUE : FALSE;
    if (this.reference[index] === next) return false;
    this.reference[index] = next;
    return true;
  }

  refreshNumbers(): void {
    const numbers: number[] = [];
    for (const index of this.plan.byNumber) {
      if (this.held[index] === 1) numbers.push(this.plan.segments[index]!.live.number);
    }
    this.numbers = numbers;
  }

  /** Sets when a comparison flips next; `nextFlip` follows. */
  setFlip(id: number, flip: number): void {
    const before = this.flip[id]!;
    if (flip === before) return;
    this.flip[id] = flip;
    if (flip <= this.#next) this.#next = flip;
    else if (before === this.#next) this.#known = false;
  }

  /** The first instant at which anything flips by time alone. */
  nextFlip(): number {
    if (!this.#known) {
      let next = Infinity;
      const { flip } = this;
      for (let i = 0; i < flip.length; i++) if (flip[i]! < next) next = flip[i]!;
      this.#next = next;
      this.#known = true;
    }
    return this.#next;
  }
}
