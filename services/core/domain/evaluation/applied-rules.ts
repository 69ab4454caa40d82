/**
 * The rule sets as one task has applied them (D2, D3): which are in force, since when, and since when each series is complete
 * in this task. Compiled plans are made on demand; nearly always all customers are at the newest.
 *
 *  1. A series that some live segment needed before the first event is complete from the beginning of the feed. One that is born
 *     later starts empty and is complete from its birth: beyond every instant the task had seen then.
 *  2. Everything is a function of the catalogue and of what `meta` holds, so a restart continues with equal answers.
 */
import type { Catalogue, Coverage, RuleSet } from '../language/catalogue.ts';
import type { AppliedRules } from './customer.ts';
import { compilePlan, type Plan } from './plan.ts';

export interface RulesMeta {
  /** Sets up to this offset were in force before the first event (D2, replay); −1 = none. */
  foundation: number;
  /** Offset of the set in force; −1 = none. */
  applied: number;
  /** Largest instant of an event so far; null before the first. */
  newest: number | null;
  /** Sets up to this offset were applied before the first event: their series miss nothing of it; −1 = none. */
  early: number;
  /** [offset of a set applied after the first event, instant from which series born with it are complete]. */
  born: [number, number][];
}

const COMPILED_MAX = 8;

/** Before the first definition: nothing to judge, customers are known and journaled all the same. */
const NO_RULES: AppliedRules = {
  offset: -1,
  effectiveFrom: -Infinity,
  plan: compilePlan({
    offset: -1,
    dueAt: -Infinity,
    segments: [],
    groups: [],
    tables: new Map(),
    coverage: new Map(),
    coverageOnly: false,
  }),
  births: { numbers: [], bornAt: [] },
};

export class TaskRules {
  readonly #catalogue: Catalogue;
  readonly #plans: PlanSource;
  readonly #meta: RulesMeta;
  readonly #applied = new Map<number, AppliedRules>();
  #current: AppliedRules;

  constructor(catalogue: Catalogue, plans: PlanSource, meta: RulesMeta | undefined) {
    this.#catalogue = catalogue;
    this.#plans = plans;
    this.#meta =
      meta === undefined
        ? { foundation: -1, applied: -1, newest: null, early: -1, born: [] }
        : { ...meta, born: [...meta.born] };
    this.#current = this.at(this.#meta.applied);
  }

  get meta(): RulesMeta {
    return this.#meta;
  }

  /** The newest set in force; empty while no definition is. */
  get current(): AppliedRules {
    return this.#current;
  }

  /** As declared by the sets in force (E3). */
  get coverage(): Coverage {
    return this.#current.offset < 0 ? new Map() : this.#set(this.#current.offset).coverage;
  }

  saw(instant: number): void {
    if (this.#meta.newest === null || instant > this.#meta.newest) this.#meta.newest = instant;
  }

  /** A set comes into force. `replay`: before the first event, whenever it was published. */
  apply(offset: number, clock: number, replay: boolean): void {
    const { newest, born } = this.#meta;
    if (newest === null) this.#meta.early = offset;
    else born.push([offset, Math.max(newest, clock, this.#set(offset).dueAt) + 1]);
    if (replay && newest === null) this.#meta.foundation = offset;
    this.#meta.applied = offset;
    this.#current = this.at(offset);
  }

  /** The applied set a profile is at; offsets between sets count as the set below. */
  at(offset: number): AppliedRules {
    if (offset < 0) return NO_RULES;
    const known = this.#applied.get(offset);
    if (known !== undefined) return known;
    const set = this.#set(offset);
    const plan = this.#plans.planOf(set);
    const births = plan.series.map((series) => this.#catalogue.birthOf(series.identity.text, set.offset));
    const applied: AppliedRules = {
      offset: set.offset,
      effectiveFrom: set.offset <= this.#meta.foundation ? -Infinity : set.dueAt,
      plan,
      births: {
        numbers: births.map((birth) => birth.number),
        bornAt: births.map((birth) => this.#completeFrom(birth.offset)),
      },
    };
    if (this.#applied.size >= COMPILED_MAX) this.#applied.delete(this.#applied.keys().next().value!);
    this.#applied.set(offset, applied);
    return applied;
  }

  /**
   * The sets between a profile's and the current one, in order, as this task applied them: those of one instant as one (D2), but
   * for one that was in force already when another of its instant was published.
   */
  after(offset: number): AppliedRules[] {
    const current = this.#current;
    if (offset >= current.offset) return [];
    const applied = this.#meta.born.filter(([born]) => born > offset).map(([born]) => this.at(born));
    // Before the first event there is nobody whom a set in between could have changed.
    return applied.at(-1)?.offset === current.offset ? applied : [...applied, current];
  }

  /** Whether only coverage changed from a set to a later one. */
  isCoverageOnly(from: AppliedRules, to: AppliedRules): boolean {
    const between = this.#catalogue.sets.filter((set) => set.offset > from.offset && set.offset <= to.offset);
    return between.every((set) => set.coverageOnly);
  }

  #completeFrom(birthOffset: number): number {
    if (birthOffset <= this.#meta.early) return -Infinity;
    // Sets of one instant are applied as one: a birth belongs to the first applied set at or after it.
    return this.#meta.born.find(([offset]) => offset >= birthOffset)?.[1] ?? Infinity;
  }

  #set(offset: number): RuleSet {
    const set = this.#catalogue.sets.findLast((candidate) => candidate.offset <= offset);
    if (set === undefined) throw new Error(`no rule set at offset ${offset}`);
    return set;
  }
}

/** Compiled plans, shared by the tasks of a thread. */
export class PlanSource {
  readonly #plans = new Map<number, Plan>();

  planOf(set: RuleSet): Plan {
    let plan = this.#plans.get(set.offset);
    if (plan === undefined) {
      plan = compilePlan(set);
      if (this.#plans.size >= COMPILED_MAX) this.#plans.delete(this.#plans.keys().next().value!);
      this.#plans.set(set.offset, plan);
    }
    return plan;
  }
}
