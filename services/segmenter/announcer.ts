/**
 * Tells what happened to a customer: changes as they are decided, the fact of an applied input, and the membership when it
 * changed. Owns nothing but the mark of what was last told in the running step.
 */
import type { ChangeCause, Held, Membership } from '../core/domain/events/change.ts';
import type { FactPrefix, InputEvent } from '../core/domain/events/fact.ts';
import type { Input } from '../core/domain/events/header.ts';
import type { Applied, AppliedRules, Customer, OnStep, StepCause } from '../core/domain/evaluation/customer.ts';
import type { Evaluation, Toggle } from '../core/domain/evaluation/evaluate.ts';
import { explainTransition } from '../core/domain/evaluation/explain.ts';
import type { RawRecord, TaskContext } from '../core/streams/processor.ts';
import type { SegmenterListener } from './listener.ts';
import { OUTPUT } from './outputs.ts';
import type { BareChange, Wire } from './wire.ts';

/** What made the segmenter look at the customer. */
export type Cause =
  | { readonly kind: 'record'; readonly record: RawRecord; readonly event: InputEvent }
  | { readonly kind: 'timer'; readonly at: number }
  | { readonly kind: 'definition' };

export class Announcer {
  readonly #wire: Wire;
  readonly #context: TaskContext<Customer>;
  readonly #listener: SegmenterListener;
  readonly #tellMemberships: boolean;
  /** Customers whose set changed since their membership was told, nearly always one. */
  readonly #untold = new Set<string>();

  constructor(wire: Wire, context: TaskContext<Customer>, listener: SegmenterListener, tellMemberships: boolean) {
    this.#wire = wire;
    this.#context = context;
    this.#listener = listener;
    this.#tellMemberships = tellMemberships;
  }

  /** A customer that is in no segment has a membership too, from its first fact on. */
  introduce(key: string): void {
    if (this.#tellMemberships) this.#untold.add(key);
  }

  /** For the evaluations of one call: each becomes its changes at once, while the customer stands there. */
  onStep(customer: Customer, cause: Cause): OnStep {
    return (step, evaluation, rules) => {
      evaluation.toggles.forEach((toggle, index) =>
        this.#change(customer, rules, step, evaluation, toggle, index, cause),
      );
      if (this.#tellMemberships) this.#untold.add(customer.profile.key);
    };
  }

  fact(
    customer: Customer,
    rules: AppliedRules,
    record: RawRecord,
    input: Input,
    event: InputEvent,
    instant: number,
    applied: Applied,
    flags: { readonly tooLate: boolean; readonly history: boolean },
  ): void {
    const { profile } = customer;
    const prefix: FactPrefix = {
      customerId: profile.key,
      sourceId: event.customerId,
      life: profile.life,
      seq: applied.seq,
      instant,
      asOf: profile.asOf === -Infinity ? instant : profile.asOf,
      decidedAt: this.#context.clock(),
      rulesOffset: rules.offset,
      segments: applied.before,
      entered: numbersOf(applied.toggles, true),
      exited: numbersOf(applied.toggles, false),
      late: applied.cause === 'late',
      tooLate: flags.tooLate,
      history: flags.history,
      input,
      offset: record.offset,
      appendedAt: record.timestamp,
    };
    const head = this.#wire.factPrefix(prefix, event);
    this.#context.outputs.emit(
      OUTPUT.facts,
      instant,
      record.key,
      head,
      this.#wire.factEvent(input, record.value!, event),
    );
  }

  /** Tells the set the customer holds now, if it changed since it was last told. */
  membership(customer: Customer, rules: AppliedRules, at = customer.profile.asOf): void {
    const { profile } = customer;
    if (!this.#untold.delete(profile.key)) return;
    const segments = rules.plan.rules.flatMap(({ key, number, version }): Held[] => {
      const enteredAt = profile.held.since(number);
      return enteredAt === null ? [] : [{ segment: key, number, version, enteredAt }];
    });
    const membership: Membership = {
      customerId: profile.key,
      life: profile.life,
      seq: profile.seq,
      asOf: profile.asOf === -Infinity ? at : profile.asOf,
      rulesOffset: rules.offset,
      segments,
    };
    this.#context.outputs.emit(OUTPUT.memberships, at, Buffer.from(profile.key), this.#wire.membership(membership));
  }

  #change(
    customer: Customer,
    rules: AppliedRules,
    step: StepCause,
    evaluation: Evaluation,
    toggle: Toggle,
    index: number,
    cause: Cause,
  ): void {
    const { profile } = customer;
    const { rule, from } = toggle;
    profile.seq += 1;
    const record = cause.kind === 'record' && step !== 'timer' ? cause.record : undefined;
    const change: BareChange = {
      customerId: profile.key,
      life: profile.life,
      seq: profile.seq,
      index,
      of: evaluation.toggles.length,
      segment: rule.key,
      number: rule.number,
      version: rule.version,
      group: rule.group,
      kind: toggle.kind,
      from: from?.member ?? null,
      fromNumber: from?.number ?? null,
      to: toggle.kind === 'moved' ? rule.member : null,
      effectiveAt: evaluation.at,
      decidedAt: this.#context.clock(),
      enteredAt: toggle.enteredAt,
      cause: step satisfies ChangeCause,
      causeId:
        step === 'definition'
          ? (rule.group ?? rule.key)
          : cause.kind === 'record' && record !== undefined
            ? cause.event.eventId
            : null,
      causeTopic: record?.topic ?? null,
      causeOffset: record?.offset ?? null,
      rulesOffset: rules.offset,
      segments: profile.held.numbers,
      idempotencyKey: `${profile.key}|${profile.life}|${profile.seq}`,
    };
    this.#listener.changed(rule.key, toggle.kind, step, record?.timestamp ?? null);
    const value = this.#wire.change(
      change,
      () => explainTransition(customer, rules, evaluation, toggle),
      evaluation.toggles,
    );
    this.#context.outputs.emit(OUTPUT.changes, evaluation.at, record?.key ?? Buffer.from(profile.key), value);
  }
}

/** What was entered, or exited; a move is both. */
function numbersOf(toggles: readonly Toggle[], entered: boolean): readonly number[] {
  if (toggles.length === 0) return NONE;
  const numbers = toggles.flatMap(({ kind, rule, from }) => {
    if (kind === 'moved') return entered ? [rule.number] : from === null ? [] : [from.number];
    return (kind === 'entered') === entered ? [rule.number] : [];
  });
  return numbers.sort((a, b) => a - b);
}

const NONE: readonly number[] = [];
