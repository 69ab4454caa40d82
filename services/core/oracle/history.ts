/**
 * Folds one customer's journal into what must have been decided: every transition with its instant and cause, and the set
 * that is held. As plainly as possible: at each event, and at each instant at which time alone could change anything,
 * every segment is evaluated again from the customer's whole history. No timer, no aggregate and no bound of the live
 * evaluator is used; the two share only the meaning of names (events, time, syntax tree).
 *
 *  1. Steps happen in T2's order: timers due at or before an event, each at its instant; then the event.
 *  2. asOf never goes back, and every transition is effective at it.
 *  3. A set of rules is applied before anything that came later under it (D3).
 */
import type { Fact } from '../domain/events/fact.ts';
import type { ChangeCause } from '../domain/events/change.ts';
import type { LeafCondition, Truth } from '../domain/language/ast.ts';
import { nextInstant } from './instants.ts';
import { truthOfLeaf, type OwnLeaf } from './leaf.ts';
import { Memberships, type Difference } from './memberships.ts';
import type { Force, Place } from './rules.ts';
import type { Feed, Sight } from './sight.ts';
import { Trail, type Reach } from './trail.ts';
import { Traits } from './traits.ts';

export interface Transition {
  readonly seq: number;
  /** Place among the transitions of one evaluation, and how many there are. */
  readonly index: number;
  readonly of: number;
  /** Of a move: of the member that is moved to. */
  readonly number: number;
  readonly version: number;
  readonly kind: 'entered' | 'exited' | 'moved';
  /** Keys of the members of a group, where it is a move; null before the first. */
  readonly from: string | null;
  readonly to: string | null;
  readonly effectiveAt: number;
  readonly cause: ChangeCause;
  /** Start of the stay that ends, on exit or move; else null. */
  readonly enteredAt: number | null;
  /** The fact that caused it; undefined when time or a definition did. */
  readonly fact: Fact | undefined;
}

/** What an oracle says of one fact, beside the transitions it has told. */
export interface Expected {
  readonly asOf: number;
  readonly late: boolean;
  readonly seq: number;
  readonly segments: readonly number[];
  readonly entered: readonly number[];
  readonly exited: readonly number[];
}

/** One leaf of the rules in force, with the events it looks at and what it last was. */
interface View {
  readonly place: Place;
  readonly trails: readonly Trail[];
  truth: Truth;
  /** The truth stands while the trails and traits have these versions together … */
  version: number;
  /** … from this instant … */
  from: number;
  /** … until this one, exclusively: the next at which time could change it. */
  until: number;
}

export class CustomerOracle {
  asOf = -Infinity;
  seq = 0;
  /** Since when each held segment is held, by number. */
  readonly held = new Map<number, number>();
  private readonly tell: (transition: Transition) => void;
  private rules: Force | undefined;
  private tenure = Infinity;
  private readonly traits = new Traits();
  private readonly trails = new Map<string, Trail>();
  private readonly memberships = new Memberships();
  private views: readonly View[] = [];
  private feeds: ReadonlyMap<string, Feed & { readonly reach: Reach }> = new Map();
  private customer = '';
  /** Whether rules or traits moved since the last evaluation, so that roots may differ though no leaf does. */
  private disturbed = false;
  /** The instant everything was last decided at; a timer without trace may lie beyond asOf. */
  private decidedAt = -Infinity;

  private readonly latenessMs: number;

  /** `tell` receives the expected transitions in order; `latenessMs` is the limit of T5. */
  constructor(latenessMs: number, tell: (transition: Transition) => void) {
    this.latenessMs = latenessMs;
    this.tell = tell;
  }

  get rulesOffset(): number {
    return this.rules?.offset ?? -1;
  }

  /** Applies a fact. `sets`: every set after the one last applied that is in force for it, ascending. */
  apply(fact: Fact, sets: readonly Force[]): Expected {
    this.customer = fact.customerId;
    this.bringUpTo(sets);
    // The journal says how far this customer's timers had been let go when the event came (J3).
    this.fireTimers(fact.tooLate ? fact.asOf : Math.max(fact.instant, fact.asOf));
    const before = { seq: this.seq, segments: this.segments(), held: new Set(this.held.keys()) };
    let late = fact.tooLate;
    if (isFolded(fact)) {
      // Imported history tells what holds now, not what would have held then: its fact carries the clock it came at (C2).
      const at = fact.history ? fact.asOf : fact.instant;
      const earliest = Math.max(this.asOf, this.rules?.dueAt ?? -Infinity);
      late = at < earliest && !fact.history;
      this.asOf = Math.max(at, earliest);
      this.fold(fact);
      this.evaluate(this.asOf, fact.history ? 'backfill' : late ? 'late' : 'event', fact);
    }
    const after = this.segments();
    return {
      // A customer of whom only unfolded facts are known has no now of its own yet.
      asOf: this.asOf === -Infinity ? fact.instant : this.asOf,
      late,
      seq: before.seq,
      segments: before.segments,
      entered: after.filter((number) => !before.held.has(number)),
      exited: before.segments.filter((number) => !this.held.has(number)),
    };
  }

  /** After the last fact: applies the sets that came into force, then lets timers go through the task clock. */
  settle(clock: number, sets: readonly Force[]): void {
    this.bringUpTo(sets);
    this.fireTimers(clock);
  }

  /** Numbers of the segments held, ascending. */
  segments(): readonly number[] {
    return [...this.held.keys()].sort((a, b) => a - b);
  }

  /** The truth of a leaf of the rules in force, as it was last judged: what an explanation has to say. */
  truthOf(leaf: LeafCondition): Truth {
    return this.memberships.leafTruth(leaf);
  }

  private bringUpTo(sets: readonly Force[]): void {
    for (const set of sets) {
      const known = this.asOf > -Infinity;
      if (known) this.fireTimers(set.dueAt - 1);
      this.rules = set;
      this.look(set);
      if (!known) continue;
      this.asOf = Math.max(this.asOf, set.dueAt);
      this.evaluate(this.asOf, set.coverageOnly ? 'backfill' : 'definition', undefined);
    }
  }

  private fireTimers(through: number): void {
    if (this.asOf === -Infinity) return;
    for (;;) {
      const next = this.nextInstant();
      if (next > through) return;
      if (this.evaluate(next, 'timer', undefined)) this.asOf = next;
    }
  }

  /** The first instant after the last evaluation at which time alone could change anything. */
  private nextInstant(): number {
    let next = this.memberships.due;
    for (const { until } of this.views) if (until < next) next = until;
    return next;
  }

  private fold(fact: Fact): void {
    if (fact.instant < this.tenure) {
      this.tenure = fact.instant;
      for (const view of this.views) view.from = Infinity;
    }
    if (fact.input === 'profiles') {
      this.traits.fold(fact);
      this.disturbed = true;
    }
    for (const { trail, reach } of this.feeds.values()) trail.fold(fact, reach, this.asOf - this.latenessMs);
  }

  /** Judges a leaf again unless neither an event nor time can have changed it since. True when its truth is another. */
  private judge(view: View, at: number, sight: Sight): boolean {
    const version = this.versionOf(view);
    if (view.version === version && view.from <= at && at < view.until) return false;
    const before = view.truth;
    view.truth = truthOfLeaf(view.place.leaf, at, sight);
    view.until = nextInstant(view.place.leaf, at, sight);
    view.from = at;
    view.version = version;
    return view.truth !== before;
  }

  private versionOf({ trails }: View): number {
    let version = this.traits.version;
    for (const trail of trails) version += trail.version;
    return version;
  }

  /** Takes a set of rules into use: series that live on keep their events, new ones start empty (D4 is not there yet). */
  private look(set: Force): void {
    const feeds = new Map<string, Feed & { readonly reach: Reach }>();
    for (const [text, { series, name, completeFrom, reach }] of set.sources) {
      const trail = this.trails.get(name) ?? new Trail(series);
      this.trails.set(name, trail);
      feeds.set(text, { trail, completeFrom, reach });
    }
    this.feeds = feeds;
    this.views = set.places.map((place) => {
      const trails = place.needs.map((need) => feeds.get(need.identity.text)!.trail);
      return { place, trails, truth: 'unknown', version: -1, from: Infinity, until: -Infinity };
    });
    this.memberships.look(set);
    this.disturbed = true;
  }

  /** Evaluates everything and tells what changed, in ascending number. True when time leaves a trace (T2). */
  private evaluate(at: number, cause: ChangeCause, fact: Fact | undefined): boolean {
    const { rules } = this;
    if (rules === undefined) return false;
    const sight: Sight = {
      customer: this.customer,
      tenure: this.tenure,
      feed: (need) => this.feeds.get(need.identity.text)!,
      trait: (name) => this.traits.get(name),
      score: (model) => this.traits.score(model),
      consent: (purpose) => this.traits.consent(purpose),
      cut: (table, percentile) => rules.tables.get(table)?.table.cuts.get(percentile),
    };
    let judged = false;
    for (const view of this.views) judged = this.judge(view, at, sight) || judged;
    // What is decided rests on leaves, traits, lists and deadlines: where none of them moved, nothing did.
    const goesBack = at < this.decidedAt;
    if (!judged && !goesBack && !this.disturbed && at < this.memberships.due) return false;
    this.disturbed = false;
    this.decidedAt = at;
    const own = (leaf: OwnLeaf): Truth => this.views[rules.placeOf.get(leaf)!.index]!.truth;
    const { differences, changed } = this.memberships.evaluate(at, own, sight);
    differences.forEach((difference, index) => this.note(difference, index, differences.length, at, cause, fact));
    return changed;
  }

  private note(
    difference: Difference,
    index: number,
    of: number,
    at: number,
    cause: ChangeCause,
    fact: Fact | undefined,
  ): void {
    const { number, version, kind, from, to, leaves, enteredAt } = difference;
    if (kind === 'exited') this.held.delete(number);
    else this.held.set(number, at);
    if (leaves !== null) this.held.delete(leaves);
    this.seq += 1;
    this.tell({ seq: this.seq, index, of, number, version, kind, from, to, effectiveAt: at, cause, enteredAt, fact });
  }
}

/** What is too late, and what is not acted on yet (identities, erasures), is journaled and changes nothing. */
function isFolded(fact: Fact): boolean {
  if (fact.tooLate || fact.input === 'identities') return false;
  return fact.input !== 'profiles' || fact.event.kind !== 'erase';
}
