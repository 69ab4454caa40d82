/**
 * Runs the tests of definitions through the live evaluator, without a log: the definitions are in force from the beginning,
 * events arrive in the order given, and timers fire as the clock comes to them. Pure; holds compiled rules and nothing else.
 */
import { PlanSource, TaskRules } from '../../core/domain/evaluation/applied-rules.ts';
import {
  applyEvent,
  fireThrough,
  standingOf,
  type AppliedRules,
  type Customer,
  type OnStep,
} from '../../core/domain/evaluation/customer.ts';
import { explainCustomer, type SegmentNow } from '../../core/domain/evaluation/explain.ts';
import { either } from '../../core/domain/evaluation/stability.ts';
import type { DefinitionRecord } from '../../core/domain/events/definition-record.ts';
import { Catalogue } from '../../core/domain/language/catalogue.ts';
import { UNKNOWN } from '../../core/domain/operators/operator.ts';
import { newProfile } from '../../core/domain/profile/profile.ts';
import { moveInWords, type Expectation, type Expected, type ExpectedTransition, type TestCase } from './test-form.ts';

/** What came out otherwise than expected. */
export interface Miss {
  readonly expectation: Expectation;
  readonly key: string;
  readonly expected: Expected;
  readonly found: Expected;
  /** What could be said of it just then: of a segment one, of a group one for each member. */
  readonly why: readonly SegmentNow[];
}

export interface Outcome {
  readonly misses: readonly Miss[];
  /** All transitions of the definition, where the test says which it expects and they are others; else null. */
  readonly transitions: {
    readonly expected: readonly ExpectedTransition[];
    readonly found: readonly ExpectedTransition[];
  } | null;
}

export interface BenchTerms {
  readonly zone: string;
  /** Beyond this an event is journaled but not folded, ms (T5). */
  readonly latenessMs: number;
}

/** Coverage is declared per input of these. */
const COUNTED = ['interactions', 'purchases', 'surveys'];

/** The definitions that are in force in the tests. */
export class TestBench {
  readonly #records: readonly DefinitionRecord[];
  readonly #terms: BenchTerms;
  readonly #rules = new Map<number, AppliedRules>();

  /** `records` fit together; in an order in which the catalogue accepts them. */
  constructor(records: readonly DefinitionRecord[], terms: BenchTerms) {
    this.#records = records;
    this.#terms = terms;
  }

  /** `key`: of the definition the test stands in. */
  run(key: string, test: TestCase): Outcome {
    const rules = this.rulesFor(test.coverage);
    const found: ExpectedTransition[] = [];
    const run = new CustomerRun(test.customer, rules, this.#terms.latenessMs, noting(key, found));
    const misses: Miss[] = [];
    const waiting = [...test.given];
    for (const expectation of test.expect) {
      while (waiting.length > 0 && waiting[0]!.appendedAt <= expectation.at) run.take(waiting.shift()!);
      run.reach(expectation.at);
      for (const [about, expected] of expectation.memberships) {
        const is = run.standingIn(about);
        if (agrees(expected, is)) continue;
        const instead = is.unknown ? 'unknown' : is.member;
        misses.push({ expectation, key: about, expected, found: instead, why: run.whyOf(about, expectation.at) });
      }
    }
    for (const event of waiting) run.take(event);
    const { transitions } = test;
    const differ = transitions !== null && !sameTransitions(transitions, found);
    return { misses, transitions: differ ? { expected: transitions, found } : null };
  }

  /** The definitions in force from the beginning, where all feeds are whole since an instant. */
  rulesFor(coverage: number): AppliedRules {
    const known = this.#rules.get(coverage);
    if (known !== undefined) return known;
    const { zone } = this.#terms;
    const catalogue = new Catalogue({ zone });
    const since = coverage === -Infinity ? 'always' : coverage;
    const declared = COUNTED.map((input) => recordOf('coverage', input, JSON.stringify({ input, kinds: '*', since })));
    const last = [...declared, ...this.#records].reduce((offset, record) => {
      const refusal = catalogue.fold(offset, record);
      if (refusal !== undefined)
        throw new Error(`Invariant broken: ${refusal.key} was accepted before and is refused now`);
      return offset + 1;
    }, 0);
    const rules = new TaskRules(catalogue, new PlanSource(), undefined);
    rules.apply(last - 1, -Infinity, true);
    this.#rules.set(coverage, rules.current);
    return rules.current;
  }
}

/** A record as if it had been published before all time. */
export function recordOf(kind: DefinitionRecord['kind'], key: string, body: string): DefinitionRecord {
  return { kind, key, basedOn: null, author: null, reason: null, publishedAt: 0, effectiveFrom: null, body };
}

interface StandingIn {
  /** Of a segment whether in it, of a group which member. */
  readonly member: Expected;
  /** The rule cannot tell; of a group: nothing is known of the customer yet. */
  readonly unknown: boolean;
}

function agrees(expected: Expected, { member, unknown }: StandingIn): boolean {
  // A member of a group may be called so, too.
  return member === expected || (expected === 'unknown' && unknown);
}

function noting(key: string, found: ExpectedTransition[]): OnStep {
  return (cause, { at, toggles }) => {
    for (const { kind, rule, from } of toggles) {
      if ((rule.group ?? rule.key) !== key) continue;
      const what = kind === 'moved' ? moveInWords(from?.member ?? null, rule.member!) : kind;
      found.push({ at, what, cause });
    }
  };
}

function sameTransitions(expected: readonly ExpectedTransition[], found: readonly ExpectedTransition[]): boolean {
  if (expected.length !== found.length) return false;
  return expected.every((one, index) => {
    const other = found[index]!;
    return one.at === other.at && one.what === other.what && one.cause === other.cause;
  });
}

/** One customer on the way through one test. */
export class CustomerRun {
  readonly customer: Customer;
  readonly #rules: AppliedRules;
  readonly #latenessMs: number;
  readonly #onStep: OnStep;
  readonly #seen = new Set<string>();

  constructor(id: string, rules: AppliedRules, latenessMs: number, onStep: OnStep) {
    const profile = newProfile(id);
    profile.rulesOffset = rules.offset;
    this.customer = { profile, standing: undefined, memory: undefined, due: Infinity };
    this.#rules = rules;
    this.#latenessMs = latenessMs;
    this.#onStep = onStep;
  }

  take({ input, eventId, event, appendedAt }: TestCase['given'][number]): void {
    // As the segmenter does: a repeat changes nothing (C1), and what is too late is only journaled (T5).
    const id = `${input} ${eventId}`;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    if (appendedAt - event.instant > this.#latenessMs) return;
    const options = { latenessMs: this.#latenessMs, historyAt: undefined };
    applyEvent(this.customer, this.#rules, event, options, this.#onStep);
  }

  /** The clock stands at an instant: everything due by then has happened. */
  reach(at: number): void {
    fireThrough(this.customer, this.#rules, at, this.#onStep);
  }

  /** Numbers of the segments and members it is in, ascending. */
  get held(): readonly number[] {
    return this.customer.profile.held.numbers;
  }

  standingIn(key: string): StandingIn {
    const { profile } = this.customer;
    const unit = this.#rules.plan.unit(key);
    if (unit === undefined) throw new Error(`Invariant broken: ${key} is not among the definitions in force`);
    if (unit.kind === 'group') {
      const held = unit.rules.find(({ number }) => profile.held.has(number));
      return { member: held?.member ?? false, unknown: held === undefined };
    }
    const { rule } = unit;
    const member = profile.held.has(rule.number);
    if (profile.asOf === -Infinity) return { member, unknown: true };
    const standing = standingOf(this.customer, this.#rules);
    const enter = standing.root(rule.root);
    const root = member ? either(enter, standing.root(rule.root + 1)) : enter;
    return { member, unknown: root === UNKNOWN };
  }

  /** Of everything; empty before the first event. */
  explain(at: number): readonly SegmentNow[] {
    return this.customer.profile.asOf === -Infinity ? [] : explainCustomer(this.customer, this.#rules, at);
  }

  whyOf(key: string, at: number): readonly SegmentNow[] {
    return this.explain(at).filter((one) => one.key === key || one.group === key);
  }
}
