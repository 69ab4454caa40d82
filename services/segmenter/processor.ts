/**
 * The segmenter: customers' events in; journal, changes and memberships out. One per task, deterministic (J3).
 *
 *  1. Every applied input becomes one fact, in the same transaction as state and changes (J1); duplicates write nothing.
 *  2. A customer is at the newest definitions before anything else happens to it (D3).
 *  3. What cannot be used goes to the dead letters whole (C4).
 *  4. (life, seq) of a customer's changes has no gaps; entered and exited alternate (S5).
 */
import { contentHash } from '../core/domain/events/event-content.ts';
import { hash64 } from '../core/domain/events/event-id.ts';
import type { InputEvent } from '../core/domain/events/fact.ts';
import { INPUTS, type Input } from '../core/domain/events/header.ts';
import { parseImportMark } from '../core/domain/events/import-mark.ts';
import type { Profile as ProfileEvent } from '../core/domain/events/profile.ts';
import { TaskRules, type PlanSource, type RulesMeta } from '../core/domain/evaluation/applied-rules.ts';
import {
  applyEvent,
  fireThrough,
  forgetSeries,
  moveTo,
  standingOf,
  type Applied,
  type AppliedRules,
  type Customer,
  type FoldedEvent,
} from '../core/domain/evaluation/customer.ts';
import type { EventRecord } from '../core/domain/evaluation/filter.ts';
import type { EventName } from '../core/domain/language/ast.ts';
import { wholeFrom, type Catalogue } from '../core/domain/language/catalogue.ts';
import { newProfile, sourceOf } from '../core/domain/profile/profile.ts';
import { Fault } from '../core/faults.ts';
import type { BroadcastSet, Head, Processor, RawRecord, TaskContext } from '../core/streams/processor.ts';
import { Announcer, type Cause } from './announcer.ts';
import { deadLetterHeaders } from './dead-letter.ts';
import type { SegmenterListener } from './listener.ts';
import { OUTPUT } from './outputs.ts';
import type { Wire } from './wire.ts';

/** Bounds of the rules, all from the configuration. */
export interface SegmenterLimits {
  /** Beyond this an event is journaled but not folded, ms (T5). */
  readonly latenessMs: number;
  /** An event may lie this far after its append time, ms (T1). */
  readonly futureMs: number;
  /** How long an event id is remembered, ms of append time, and how many per customer (C1). */
  readonly dedupWindowMs: number;
  readonly dedupIdsMax: number;
}

export interface SegmenterParts {
  readonly wire: Wire;
  readonly catalogue: Catalogue;
  readonly plans: PlanSource;
  readonly limits: SegmenterLimits;
  readonly listener: SegmenterListener;
  /** The declared end of a replay that is asked for at this start (T4); undefined otherwise. */
  readonly declaredInstant: number | undefined;
  readonly tellMemberships: boolean;
}

/** A record at the head of its input. */
export type Incoming =
  | { readonly kind: 'event'; readonly input: Input; readonly event: InputEvent }
  | { readonly kind: 'mark'; readonly input: Input }
  | { readonly kind: 'poison'; readonly input: Input; readonly fault: Fault };

interface SegmenterMeta {
  readonly rules: RulesMeta;
  readonly declared: number | null;
}

const EVENT_NAMES: Readonly<Record<Input, EventName | 'profile' | undefined>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
  profiles: 'profile',
  identities: undefined,
};

export class Segmenter implements Processor<Incoming> {
  readonly #parts: SegmenterParts;
  readonly #context: TaskContext<Customer>;
  readonly #rules: TaskRules;
  readonly #declared: number;
  readonly #announcer: Announcer;

  constructor(parts: SegmenterParts, context: TaskContext<Customer>) {
    this.#parts = parts;
    this.#context = context;
    const restored = context.restored as SegmenterMeta | undefined;
    this.#rules = new TaskRules(parts.catalogue, parts.plans, restored?.rules);
    this.#declared = restored === undefined ? (parts.declaredInstant ?? Infinity) : (restored.declared ?? Infinity);
    this.#announcer = new Announcer(parts.wire, context, parts.listener, parts.tellMemberships);
  }

  decode(record: RawRecord): Head<Incoming> {
    const input = INPUTS[record.input]!;
    try {
      const event = this.#parts.wire.decodeEvent(input, record.value);
      const problem = keyProblem(record, event);
      if (problem !== undefined) throw new Fault('EVENT_REFUSED', problem, { facts: { field: 'customerId' } });
      return { instant: event.occurredAt, event: { kind: 'event', input, event } };
    } catch (error) {
      if (record.value === null && parseImportMark(record.headers()) !== undefined)
        return { instant: -Infinity, event: { kind: 'mark', input } };
      const fault = error instanceof Fault ? error : new Fault('RECORD_UNDECODABLE', String(error), { cause: error });
      return { instant: -Infinity, event: { kind: 'poison', input, fault } };
    }
  }

  process(record: RawRecord, incoming: Incoming): void {
    switch (incoming.kind) {
      case 'event':
        this.#apply(record, incoming.input, incoming.event);
        return;
      case 'mark':
        this.#parts.listener.skipped(incoming.input, 'mark');
        return;
      case 'poison':
        this.deadLetter(record, incoming.fault);
        return;
    }
  }

  deadLetter(record: RawRecord, fault: Fault): void {
    this.#parts.listener.deadLetter(INPUTS[record.input]!, fault.code);
    this.#context.outputs.emit(
      OUTPUT.deadLetters,
      record.timestamp,
      record.key,
      record.value,
      undefined,
      deadLetterHeaders(record, 'segmenter', fault),
    );
  }

  fire(key: string, due: number): void {
    const customer = this.#load(key);
    if (customer === undefined) return;
    fireThrough(customer, this.#rules.current, due, this.#announcer.onStep(customer, { kind: 'timer', at: due }));
    this.#store(customer, due);
  }

  broadcast(set: BroadcastSet): void {
    this.#rules.apply(set.offset, this.#context.clock(), this.#context.mode() === 'replay');
  }

  touch(key: string): void {
    const customer = this.#context.state.get(key);
    if (customer !== undefined) this.#bringUpToDate(customer, 'if-changed');
  }

  meta(): SegmenterMeta {
    return { rules: this.#rules.meta, declared: this.#declared === Infinity ? null : this.#declared };
  }

  #apply(record: RawRecord, input: Input, event: InputEvent): void {
    const live = this.#context.mode() === 'live';
    const clock = this.#context.clock();
    if (event.occurredAt > (live ? record.timestamp + this.#parts.limits.futureMs : this.#declared)) {
      this.deadLetter(record, fromTheFuture(event, record, live));
      return;
    }
    const instant = live ? Math.min(event.occurredAt, record.timestamp) : event.occurredAt;
    const history = live && event.importId !== null;
    // Before anything is known of it: what the feed covers will come, or came, live under the same id (C2).
    if (history && this.#isCovered(input, event, instant)) {
      this.#parts.listener.skipped(input, 'covered');
      return;
    }
    const cause: Cause = { kind: 'record', record, event };
    const customer = this.#load(event.customerId) ?? this.#introduce(event.customerId);
    const { hi, lo } = hash64(event.eventId);
    if (this.#isKnown(customer, record, input, event, hi, lo, live ? record.timestamp : clock)) return;
    const tooLate = !history && (live ? record.timestamp : clock) - event.occurredAt > this.#parts.limits.latenessMs;
    const fold = this.#foldable(input, event, instant, hi, lo);
    const rules = this.#rules.current;
    if (fold === undefined || tooLate)
      this.#journalOnly(customer, rules, record, input, event, instant, { tooLate, history }, cause);
    else {
      this.#rules.saw(instant);
      const options = {
        latenessMs: this.#parts.limits.latenessMs,
        historyAt: history ? Math.max(clock, instant) : undefined,
      };
      const applied = applyEvent(customer, rules, fold, options, this.#announcer.onStep(customer, cause));
      this.#parts.listener.applied(input, { late: applied.cause === 'late', tooLate, history });
      this.#announcer.fact(customer, rules, record, input, event, instant, applied, { tooLate, history });
    }
    this.#store(customer, instant);
  }

  /** An event that is kept in the journal but changes nothing: beyond the lateness limit, or not acted on yet. */
  #journalOnly(
    customer: Customer,
    rules: AppliedRules,
    record: RawRecord,
    input: Input,
    event: InputEvent,
    instant: number,
    flags: { readonly tooLate: boolean; readonly history: boolean },
    cause: Cause,
  ): void {
    const { profile } = customer;
    if (!flags.tooLate) fireThrough(customer, rules, instant, this.#announcer.onStep(customer, cause));
    const applied: Applied = {
      cause: flags.tooLate ? 'late' : 'event',
      before: profile.held.numbers,
      seq: profile.seq,
      toggles: [],
    };
    this.#parts.listener.applied(input, { late: flags.tooLate, ...flags });
    if (input === 'identities') this.#parts.listener.notActedOn('identity');
    else if (input === 'profiles' && (event as ProfileEvent).kind === 'erase') this.#parts.listener.notActedOn('erase');
    this.#announcer.fact(customer, rules, record, input, event, instant, applied, flags);
  }

  /** C1: remembers the event's id; true when it was seen within the window. */
  #isKnown(
    customer: Customer,
    record: RawRecord,
    input: Input,
    event: InputEvent,
    hi: number,
    lo: number,
    seenAt: number,
  ): boolean {
    const { dedupWindowMs, dedupIdsMax } = this.#parts.limits;
    const { recent } = sourceOf(customer.profile, customer.profile.key);
    const content = record.value === null ? 0 : contentHash(record.value, event);
    recent.prune(seenAt - dedupWindowMs);
    const sighting = recent.look(seenAt - dedupWindowMs, record.input, hi, lo, content);
    if (sighting !== 'new') {
      this.#parts.listener.skipped(input, sighting);
      return true;
    }
    if (recent.remember(seenAt, record.input, hi, lo, content, dedupIdsMax)) this.#parts.listener.idsForgotten();
    return false;
  }

  /** C2: history is taken where the feed is not whole yet; profiles have no feed to be whole. */
  #isCovered(input: Input, event: InputEvent, instant: number): boolean {
    const name = EVENT_NAMES[input];
    if (name === undefined || name === 'profile') return false;
    const kind = (event as { readonly kind: string }).kind;
    const filter = { events: [name], where: [{ field: 'kind', test: { op: 'in', values: [kind] } }] } as const;
    return instant >= wholeFrom(this.#rules.coverage, filter);
  }

  #foldable(input: Input, event: InputEvent, instant: number, high: number, low: number): FoldedEvent | undefined {
    const name = EVENT_NAMES[input];
    if (name === undefined) return undefined;
    if (name === 'profile' && (event as ProfileEvent).kind === 'erase') return undefined;
    return { name, record: event as unknown as EventRecord, sourceId: event.customerId, instant, high, low };
  }

  /** The customer at the newest definitions (D3), or undefined when there is none. */
  #load(key: string): Customer | undefined {
    const customer = this.#context.state.get(key);
    if (customer !== undefined) this.#bringUpToDate(customer, 'always');
    return customer;
  }

  /**
   * D3, set by set; what made us look at the customer is no cause of what the sets change. `if-changed`: a customer in whom
   * nothing changes is not written; the slice's range answers for it.
   */
  #bringUpToDate(customer: Customer, write: 'always' | 'if-changed'): void {
    const { profile } = customer;
    const through = this.#context.evaluatedThrough(profile.key);
    if (through > profile.rulesOffset) this.#skipTo(customer, through);
    if (profile.rulesOffset >= this.#rules.current.offset) return;
    let from = this.#rules.at(profile.rulesOffset);
    const { seq } = profile;
    const due = dueOf(customer, from);
    for (const to of this.#rules.after(profile.rulesOffset)) {
      const step = this.#rules.isCoverageOnly(from, to) ? 'backfill' : 'definition';
      moveTo(customer, from, to, step, this.#announcer.onStep(customer, { kind: 'definition' }));
      from = to;
    }
    if (write === 'always' || profile.seq !== seq || dueOf(customer, from) !== due) this.#store(customer, profile.asOf);
  }

  /** A slice found nothing to change for this customer up to a set: it stands there without having been written (D3). */
  #skipTo(customer: Customer, offset: number): void {
    const rules = this.#rules.at(offset);
    const { profile } = customer;
    profile.rulesOffset = rules.offset;
    if (profile.asOf === -Infinity) return;
    profile.asOf = Math.max(profile.asOf, profile.firedThrough, rules.effectiveFrom);
    profile.firedThrough = profile.asOf;
    forgetSeries(profile, rules);
    customer.standing = undefined;
  }

  #store(customer: Customer, at: number): void {
    this.#announcer.membership(customer, this.#rules.current, at);
    customer.due = dueOf(customer, this.#rules.current);
    this.#context.state.put(customer.profile.key, customer, customer.due);
  }

  #introduce(key: string): Customer {
    const profile = newProfile(key);
    profile.rulesOffset = this.#rules.current.offset;
    this.#announcer.introduce(key);
    return { profile, standing: undefined, memory: undefined, due: Infinity };
  }
}

function dueOf(customer: Customer, rules: AppliedRules): number {
  return customer.profile.asOf === -Infinity ? Infinity : standingOf(customer, rules).nextFlip();
}

function keyProblem(record: RawRecord, event: InputEvent): string | undefined {
  if (event.customerId === '') return 'The event names no customer.';
  if (record.key === null) return 'The record has no key; it must be the customer id.';
  return isText(record.key, event.customerId)
    ? undefined
    : 'The key of the record is not the customer id of the event.';
}

/** Whether bytes are a text in UTF-8. Ids are nearly always ASCII. */
function isText(bytes: Uint8Array, text: string): boolean {
  if (bytes.length === text.length) {
    let at = 0;
    while (at < text.length && text.charCodeAt(at) === bytes[at]! && bytes[at]! < 128) at += 1;
    if (at === text.length) return true;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).equals(Buffer.from(text));
}

function fromTheFuture(event: InputEvent, record: RawRecord, live: boolean): Fault {
  const bound = live ? 'its append time' : 'the declared end of the history';
  return new Fault(
    'EVENT_FROM_THE_FUTURE',
    `The event is stamped ${new Date(event.occurredAt).toISOString()}, after ${bound}.`,
    {
      facts: { topic: record.topic, partition: record.partition, offset: record.offset, field: 'occurredAt' },
    },
  );
}
