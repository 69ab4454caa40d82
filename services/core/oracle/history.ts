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
import type { Truth } from '../domain/language/ast.ts';
import type { LiveSegment } from '../domain/language/catalogue.ts';
import { truthOf, truthOfLeaf, type Sight } from './evaluate.ts';
import type { Leaf } from './leaf.ts';
import type { Force, Place } from './rules.ts';
import { Trail, type Reach } from './trail.ts';
import { Traits } from './traits.ts';

export interface Transition {
  readonly seq: number;
  /** Place among the transitions of one evaluation, and how many there are. */
  readonly index: number;
  readonly of: number;
  readonly number: number;
  readonly version: number;
  readonly kind: 'entered' | 'exited';
  readonly effectiveAt: number;
  readonly cause: ChangeCause;
  /** Start of the stay that ends, on exit; else null. */
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
  readonly trail: Trail;
  truth: Truth;
  /** The truth stands while the trail has this version … */
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
  /** Everything due at or before this instant has been looked at. */
  private soughtThrough = -Infinity;
  private tenure = Infinity;
  private readonly traits = new Traits();
  private readonly trails = new Map<string, Trail>();
  private readonly roots = new Map<string, Truth>();
  private readonly versions = new Map<number, number>();
  private views: readonly View[] = [];
  private trailsInUse: ReadonlyMap<Trail, Reach> = new Map();
  private viewOf: ReadonlyMap<Leaf, View> = new Map();
  /** Whether rules or traits moved since the last evaluation, so that roots may differ though no leaf does. */
  private disturbed = false;

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
      this.soughtThrough = this.asOf;
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

  private bringUpTo(sets: readonly Force[]): void {
    for (const set of sets) {
      const known = this.asOf > -Infinity;
      if (known) this.fireTimers(set.dueAt - 1);
      this.rules = set;
      this.look(set);
      if (!known) continue;
      this.asOf = Math.max(this.asOf, set.dueAt);
      this.evaluate(this.asOf, set.coverageOnly ? 'backfill' : 'definition', undefined);
      this.soughtThrough = this.asOf;
    }
  }

  private fireTimers(through: number): void {
    if (this.asOf === -Infinity) return;
    for (;;) {
      const next = this.nextInstant(Math.max(this.asOf, this.soughtThrough));
      if (next > through) return;
      if (this.evaluate(next, 'timer', undefined)) this.asOf = next;
      this.soughtThrough = next;
    }
  }

  /** The first instant after the given one at which time alone could change a leaf. */
  private nextInstant(after: number): number {
    let next = Infinity;
    for (const view of this.views) next = Math.min(next, this.nextOf(view, after));
    return next;
  }

  private nextOf(view: View, after: number): number {
    if (isFresh(view, after)) return view.until;
    let next = Infinity;
    for (const delay of view.place.delays) {
      const event = view.trail.seen[view.trail.through(after - delay)];
      const known = view.place.leaf.kind === 'none' ? this.tenure : Infinity;
      const starts = [
        event?.at ?? Infinity,
        Math.max(view.place.completeFrom, view.trail.goneFrom),
        view.place.completeFrom,
        known,
      ];
      for (const start of starts) if (start + delay > after) next = Math.min(next, start + delay);
    }
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
    for (const [trail, reach] of this.trailsInUse) trail.fold(fact, reach, this.asOf - this.latenessMs);
  }

  /** Judges a leaf again unless neither an event nor time can have changed it since. True when its truth is another. */
  private judge(view: View, at: number, sight: Sight): boolean {
    if (isFresh(view, at)) return false;
    const before = view.truth;
    view.truth = truthOfLeaf(view.place.leaf, at, sight);
    view.until = this.nextOf(view, at);
    view.from = at;
    view.version = view.trail.version;
    return view.truth !== before;
  }

  /** Takes a set of rules into use: series that live on keep their events, new ones start empty (D4 is not there yet). */
  private look(set: Force): void {
    this.views = set.places.map((place) => {
      const trail = this.trails.get(place.name) ?? new Trail(place.series);
      this.trails.set(place.name, trail);
      return { place, trail, truth: 'unknown', version: -1, from: Infinity, until: -Infinity };
    });
    this.viewOf = new Map(this.views.map((view) => [view.place.leaf, view]));
    this.trailsInUse = new Map(this.views.map((view) => [view.trail, view.place.reach]));
    this.disturbed = true;
  }

  /** Evaluates every segment and tells what changed, in ascending number. True when the truth of a root changed (T2). */
  private evaluate(at: number, cause: ChangeCause, fact: Fact | undefined): boolean {
    const segments = this.rules?.segments ?? [];
    const memberships = new Map<string, Truth>();
    const sight: Sight = {
      trail: (leaf) => this.viewOf.get(leaf)!.trail,
      completeFrom: (leaf) => this.viewOf.get(leaf)!.place.completeFrom,
      tenure: this.tenure,
      trait: (name) => this.traits.get(name),
      memberOf: (key) => memberships.get(key) ?? 'unknown',
    };
    const judged = this.views.filter((view) => this.judge(view, at, sight));
    // Roots rest on leaves, traits and each other: where none of them moved, no root did.
    if (judged.length === 0 && !this.disturbed) return false;
    this.disturbed = false;
    const wanted = new Map<number, LiveSegment>();
    let moved = false;
    for (const segment of segments) {
      const { key, enter, unknown } = segment.definition;
      const root = truthOf(enter, at, sight, (leaf) => this.viewOf.get(leaf)!.truth);
      moved = moved || root !== (this.roots.get(key) ?? 'false');
      this.roots.set(key, root);
      const member =
        root === 'unknown'
          ? unknown === 'in' || (unknown === 'hold' && this.held.has(segment.number))
          : root === 'true';
      if (member) wanted.set(segment.number, segment);
      this.versions.set(segment.number, segment.version);
      // E4: a reference reads the membership; it is unknown while the root is, unless that holds on.
      memberships.set(key, root === 'unknown' && unknown !== 'hold' ? 'unknown' : member ? 'true' : 'false');
    }
    const retired = [...this.roots.keys()].filter((key) => !memberships.has(key));
    for (const key of retired) {
      moved = true;
      this.roots.delete(key);
    }
    this.tellChanges(wanted, at, cause, fact);
    return moved;
  }

  private tellChanges(
    wanted: ReadonlyMap<number, LiveSegment>,
    at: number,
    cause: ChangeCause,
    fact: Fact | undefined,
  ): void {
    const entered = [...wanted.keys()].filter((number) => !this.held.has(number));
    const exited = [...this.held.keys()].filter((number) => !wanted.has(number));
    const changed = [...entered, ...exited].sort((a, b) => a - b);
    changed.forEach((number, index) => {
      const enteredAt = this.held.get(number) ?? null;
      const kind = enteredAt === null ? 'entered' : 'exited';
      if (kind === 'entered') this.held.set(number, at);
      else this.held.delete(number);
      this.seq += 1;
      const version = this.versions.get(number)!;
      this.tell({
        seq: this.seq,
        index,
        of: changed.length,
        number,
        version,
        kind,
        effectiveAt: at,
        cause,
        enteredAt,
        fact,
      });
    });
  }
}

function isFresh(view: View, at: number): boolean {
  return view.version === view.trail.version && view.from <= at && at < view.until;
}

/** What is too late, and what is not acted on yet (identities, erasures), is journaled and changes nothing. */
function isFolded(fact: Fact): boolean {
  if (fact.tooLate || fact.input === 'identities') return false;
  return fact.input !== 'profiles' || fact.event.kind !== 'erase';
}
