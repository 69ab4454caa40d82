/**
 * Plays a history through the segmenter as a task would: one call at a time, timers by (due, key), definitions before
 * anything due at or after them, state through its bytes. Everything is in memory and nothing waits, so that thousands of
 * histories fit a second's worth of patience; the runtime itself has its own tests.
 */
import type { Change, Membership } from '../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Fact, FactPrefix, InputEvent } from '../../services/core/domain/events/fact.ts';
import { INPUTS, type Input } from '../../services/core/domain/events/header.ts';
import { PlanSource, TaskRules, type RulesMeta } from '../../services/core/domain/evaluation/applied-rules.ts';
import type { Customer } from '../../services/core/domain/evaluation/customer.ts';
import { explainCustomer, type SegmentNow } from '../../services/core/domain/evaluation/explain.ts';
import { Catalogue } from '../../services/core/domain/language/catalogue.ts';
import { Fault } from '../../services/core/faults.ts';
import type { At, Origin } from '../../services/core/oracle/readers.ts';
import { compareKeys, hashOf } from '../../services/core/streams/key-order.ts';
import type { RawRecord, TaskContext } from '../../services/core/streams/processor.ts';
import type { Header } from '../../services/core/streams/record-batch.ts';
import { Slices, untouchedRanges } from '../../services/core/streams/slices.ts';
import { silentSegmenterListener } from '../../services/segmenter/listener.ts';
import { OUTPUT } from '../../services/segmenter/outputs.ts';
import { Segmenter } from '../../services/segmenter/processor.ts';
import { customerCodec } from '../../services/segmenter/topology.ts';
import type { Wire } from '../../services/segmenter/wire.ts';
import {
  DEDUP_WINDOW_MS,
  FUTURE_MS,
  LATENESS_MS,
  type History,
  type Opening,
  type Publication,
  type Step,
} from './histories.ts';

export const TOPICS: Readonly<Record<Input, string>> = {
  interactions: 'i',
  purchases: 'p',
  surveys: 's',
  profiles: 't',
  identities: 'l',
};
const CLOCK_DELAY_MS = 500;

export interface Appended {
  readonly offset: number;
  readonly timestamp: number;
  readonly event: InputEvent | undefined;
}

/** Records as JSON; what the product's own wire does with them is tested with it. */
const JSON_WIRE: Wire = {
  decodeEvent(_input, value) {
    try {
      return JSON.parse(Buffer.from(value ?? []).toString()) as InputEvent;
    } catch (cause) {
      throw new Fault('RECORD_UNDECODABLE', 'The value is not JSON', { cause });
    }
  },
  factPrefix: (prefix) => Buffer.from(JSON.stringify(prefix)),
  factEvent: (_input, value) => value,
  change: (change, explain) => Buffer.from(JSON.stringify({ ...change, ...explain() })),
  membership: (membership) => Buffer.from(JSON.stringify(membership)),
};

/** A customer between commits, as the state store keeps it. */
interface Resting {
  readonly pages: readonly (Uint8Array | undefined)[];
  readonly memory: Uint8Array | undefined;
}

export interface Explained {
  readonly customerId: string;
  readonly told: readonly SegmentNow[];
}

export class LiveRun {
  readonly catalogue: Catalogue;
  readonly inputs: Readonly<Record<Input, Appended[]>> = {
    interactions: [],
    purchases: [],
    surveys: [],
    profiles: [],
    identities: [],
  };
  readonly facts: At<Fact>[] = [];
  readonly changes: At<Change>[] = [];
  readonly memberships: At<{ customerId: string; membership: Membership | null }>[] = [];
  readonly deadLetters: At<Origin>[] = [];
  clock: number;
  #now: number;
  #replay: boolean;
  #applied = -1;
  #published = 0;
  readonly #resting = new Map<string, Resting>();
  readonly #hot = new Map<string, Customer>();
  readonly #dues = new Map<string, number>();
  readonly #dirty = new Set<string>();
  readonly #plans = new PlanSource();
  #slices = new Slices(this.#sliceKeys(), untouchedRanges(), -1);
  #segmenter: Segmenter;
  /** As long as nothing happens. */
  #explained: readonly Explained[] | undefined = undefined;

  constructor(opening: Opening) {
    this.catalogue = new Catalogue({ effectiveAfterMs: 5000, zone: opening.zone });
    this.#now = opening.startMs;
    this.clock = -Infinity;
    this.#replay = opening.mode === 'replay';
    for (const publication of opening.founding) this.#publish(publication);
    this.#segmenter = this.#own(undefined);
    // In replay all definitions so far are in force before the first event, live they come with the clock (D2).
    this.#comeIntoForce();
  }

  /** Plays a whole history, to its end. */
  static play(history: History): LiveRun {
    const run = new LiveRun(history);
    for (const step of history.steps) run.step(step);
    run.settle();
    return run;
  }

  /** Lets all that is due by now come, and leaves a state in which nothing waits. */
  settle(): void {
    this.#explained = undefined;
    if (this.#replay) {
      this.#replay = false;
      this.#now = Math.max(this.#now, this.clock);
    }
    this.#advance(this.#now - CLOCK_DELAY_MS);
    this.#fire(Infinity);
    this.#slice(Infinity);
    this.#fire(Infinity);
    this.#commit();
  }

  /** Moves the clock on and settles there; nothing else happens. */
  settleAt(clock: number): void {
    this.#now = Math.max(this.#now, clock + CLOCK_DELAY_MS);
    this.settle();
  }

  /** The first instant at which time alone changes anything of anybody; Infinity = never. */
  get nextDue(): number {
    return Math.min(Infinity, ...this.#dues.values());
  }

  /** Whether all that was published is in force. */
  get isUpToDate(): boolean {
    return (this.catalogue.sets.at(-1)?.offset ?? -1) <= this.#applied;
  }

  get rulesOffset(): number {
    return this.#applied;
  }

  get rulesMeta(): RulesMeta {
    return this.#segmenter.meta().rules;
  }

  /** What explanations say of every customer now; of a settled run. */
  explain(): readonly Explained[] {
    return (this.#explained ??= this.#explain());
  }

  #explain(): readonly Explained[] {
    const rules = new TaskRules(this.catalogue, this.#plans, this.rulesMeta);
    return this.customers().map((customer) => {
      const { profile } = customer;
      // A slice that found nothing to change has not written the profile (D3).
      const at = rules.at(Math.max(profile.rulesOffset, this.#slices.through(profile.key)));
      if (at.offset > profile.rulesOffset) {
        profile.rulesOffset = at.offset;
        if (profile.asOf > -Infinity) profile.asOf = Math.max(profile.asOf, profile.firedThrough, at.effectiveFrom);
        profile.firedThrough = profile.asOf;
      }
      return { customerId: profile.key, told: explainCustomer(customer, at, this.clock) };
    });
  }

  customers(): readonly Customer[] {
    return [...this.#resting].map(([key, { pages }]) => customerCodec.decode(key, pages, undefined));
  }

  step(step: Step): void {
    switch (step.kind) {
      case 'pass':
        this.#now = step.to;
        if (!this.#replay) this.#advance(this.#now - CLOCK_DELAY_MS);
        return;
      case 'record':
        this.#append(step.input, step.damaged ? undefined : step.event);
        return;
      case 'publish':
        this.#publish(step.publication);
        return;
      case 'fire':
        this.#fire(step.atMost);
        return;
      case 'slice':
        this.#slice(step.atMost);
        return;
      case 'restart':
        this.#commit();
        for (const [key, { pages }] of this.#resting) this.#resting.set(key, { pages, memory: undefined });
        this.#slices = new Slices(this.#sliceKeys(), this.#slices.ranges, this.#applied);
        this.#segmenter = this.#own(JSON.parse(JSON.stringify(this.#segmenter.meta())));
        return;
    }
  }

  #append(input: Input, event: InputEvent | undefined): void {
    const { length: offset } = this.inputs[input];
    this.inputs[input].push({ offset, timestamp: this.#now, event });
    const record: RawRecord = {
      input: INPUTS.indexOf(input),
      topic: TOPICS[input],
      partition: 0,
      offset,
      timestamp: this.#now,
      key: Buffer.from(event?.customerId ?? 'ada'),
      value: Buffer.from(event === undefined ? 'junk' : JSON.stringify(event)),
      headers: () => [],
    };
    const head = this.#segmenter.decode(record);
    if (this.#replay) {
      // K2: in replay every timer due by the next event's instant fires before it.
      this.#advance(head.instant);
      this.#fire(Infinity);
    } else this.#advance(this.#now - CLOCK_DELAY_MS);
    this.#segmenter.process(record, head.event);
  }

  #advance(clock: number): void {
    this.clock = Math.max(this.clock, clock);
    this.#comeIntoForce();
  }

  #comeIntoForce(): void {
    for (;;) {
      const { sets } = this.catalogue;
      const first = sets.findIndex((set) => set.offset > this.#applied);
      if (first < 0) return;
      let last = first;
      while (sets[last + 1]?.dueAt === sets[first]!.dueAt) last += 1;
      const set = { offset: sets[last]!.offset, dueAt: sets[last]!.dueAt };
      if (!this.#replay && set.dueAt > this.clock) return;
      this.#segmenter.broadcast(set);
      this.#applied = set.offset;
      this.#slices.begin(set.offset);
    }
  }

  #publish(publication: Publication): void {
    const key = publication.kind === 'coverage' ? 'coverage' : publication.key;
    const record: DefinitionRecord = {
      kind: publication.kind,
      key,
      basedOn: this.#liveOffset(publication.kind, key),
      author: null,
      reason: null,
      publishedAt: this.#now,
      effectiveFrom: publication.effectiveInMs === null ? null : this.#now + publication.effectiveInMs,
      body: publication.kind === 'retire' ? '{}' : JSON.stringify(publication.body),
    };
    // A record that is refused is refused by every reader alike (D1).
    this.catalogue.fold(this.#published++, record);
  }

  #liveOffset(kind: Publication['kind'], key: string): number | null {
    const live = kind === 'table' ? this.catalogue.table(key) : this.catalogue.current(key);
    return live?.offset ?? null;
  }

  #fire(atMost: number): void {
    for (let fired = 0; fired < atMost; fired++) {
      let next: string | undefined;
      for (const [key, due] of this.#dues) {
        if (due > this.clock) continue;
        const best = next === undefined ? Infinity : this.#dues.get(next)!;
        if (due < best || (due === best && compareKeys(key, next!) < 0)) next = key;
      }
      if (next === undefined) return;
      this.#segmenter.fire(next, this.#dues.get(next)!);
    }
  }

  #slice(atMost: number): void {
    if (this.#slices.pending)
      this.#slices.advance(
        (key) => this.#segmenter.touch(key),
        atMost,
        () => false,
      );
  }

  #commit(): void {
    for (const key of this.#dirty) {
      const customer = this.#hot.get(key)!;
      const pages = copyOf(customerCodec.encode(customer));
      this.#resting.set(key, { pages, memory: customerCodec.remember!(customer)?.slice() });
    }
    this.#dirty.clear();
    this.#hot.clear();
  }

  #own(restored: unknown): Segmenter {
    const context: TaskContext<Customer> = {
      partition: 0,
      state: {
        get: (key) => this.#get(key),
        put: (key, customer, due) => {
          this.#hot.set(key, customer);
          this.#dirty.add(key);
          this.#dues.set(key, due);
        },
        remove: () => {
          throw new Error('nothing is removed yet');
        },
        size: this.#dues.size,
      },
      outputs: { emit: (...said) => this.#emit(...said) },
      clock: () => this.clock,
      mode: () => (this.#replay ? 'replay' : 'live'),
      evaluatedThrough: (key) => this.#slices.through(key),
      restored,
    };
    const limits = {
      latenessMs: LATENESS_MS,
      futureMs: FUTURE_MS,
      dedupWindowMs: DEDUP_WINDOW_MS,
      dedupIdsMax: 10_000,
    };
    return new Segmenter(
      {
        wire: JSON_WIRE,
        catalogue: this.catalogue,
        plans: this.#plans,
        limits,
        listener: silentSegmenterListener,
        declaredInstant: undefined,
        tellMemberships: true,
      },
      context,
    );
  }

  #get(key: string): Customer | undefined {
    const hot = this.#hot.get(key);
    if (hot !== undefined) return hot;
    const resting = this.#resting.get(key);
    if (resting === undefined) return undefined;
    const customer = customerCodec.decode(key, resting.pages, resting.memory);
    this.#hot.set(key, customer);
    return customer;
  }

  #emit(
    output: number,
    _timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    rest?: Uint8Array,
    headers: readonly Header[] = [],
  ): void {
    const text = value === null ? '' : Buffer.from(value).toString();
    switch (output) {
      case OUTPUT.facts: {
        const prefix = JSON.parse(text) as FactPrefix;
        const event = JSON.parse(Buffer.from(rest!).toString()) as InputEvent;
        this.facts.push({ offset: this.facts.length, value: { ...prefix, event } as Fact });
        return;
      }
      case OUTPUT.changes:
        this.changes.push({ offset: this.changes.length, value: JSON.parse(text) as Change });
        return;
      case OUTPUT.memberships: {
        const membership = JSON.parse(text) as Membership;
        const customerId = Buffer.from(key!).toString();
        this.memberships.push({ offset: this.memberships.length, value: { customerId, membership } });
        return;
      }
      default:
        this.deadLetters.push({ offset: this.deadLetters.length, value: originOf(headers) });
    }
  }

  #sliceKeys(): ConstructorParameters<typeof Slices>[0] {
    const dues = this.#dues;
    return {
      get size() {
        return dues.size;
      },
      keysBetween: (from, to) =>
        [...dues.keys()].filter((key) => hashOf(key) >= from && hashOf(key) < to).sort((a, b) => hashOf(a) - hashOf(b)),
    };
  }
}

function copyOf(pages: readonly (Uint8Array | undefined)[]): readonly (Uint8Array | undefined)[] {
  return pages.map((page) => (page === undefined ? undefined : Uint8Array.from(page)));
}

function originOf(headers: readonly Header[]): Origin {
  const text = (key: string): string => Buffer.from(headers.find((header) => header.key === key)!.value!).toString();
  return {
    topic: text('__streams.errors.topic'),
    partition: Number(text('__streams.errors.partition')),
    offset: Number(text('__streams.errors.offset')),
  };
}
