import { describe, expect, it } from 'vitest';
import { hash64 } from '../../../../services/core/domain/events/event-id.ts';
import type { InputEvent } from '../../../../services/core/domain/events/fact.ts';
import {
  applyEvent,
  fireThrough,
  moveTo,
  standingOf,
  type AppliedRules,
  type Customer,
} from '../../../../services/core/domain/evaluation/customer.ts';
import { evaluate } from '../../../../services/core/domain/evaluation/evaluate.ts';
import { explainCustomer, explainTransition } from '../../../../services/core/domain/evaluation/explain.ts';
import type { EventRecord } from '../../../../services/core/domain/evaluation/filter.ts';
import { compilePlan } from '../../../../services/core/domain/evaluation/plan.ts';
import { Standing } from '../../../../services/core/domain/evaluation/standing.ts';
import { Catalogue } from '../../../../services/core/domain/language/catalogue.ts';
import { newProfile } from '../../../../services/core/domain/profile/profile.ts';
import { interaction, profile, purchase } from '../../oracle/events.ts';

type Entry = Readonly<Record<string, unknown>>;

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const contacts = { event: 'interaction', where: { kind: 'contact' } };
const count = (n: number, hours: number, events: Entry = contacts): Entry => ({
  count: { ...events, within: `${hours}h` },
  atLeast: n,
});

interface Rules {
  readonly since?: number | 'always' | undefined;
  readonly segments: Readonly<Record<string, Entry>>;
}

/** One rule set, compiled, with its series complete since always. `since`: completeness of all inputs; undefined = never declared. */
function rulesOf({ since, segments }: Rules, offset = 0): AppliedRules {
  const catalogue = new Catalogue();
  let at = 0;
  const publish = (kind: 'segment' | 'coverage', key: string, body: Entry): void => {
    const record = { kind, key, basedOn: null, author: null, reason: null, publishedAt: 0, effectiveFrom: 0 };
    expect(catalogue.fold(at++, { ...record, body: JSON.stringify(body) })).toBeUndefined();
  };
  if (since !== undefined)
    for (const input of ['interactions', 'purchases', 'surveys'])
      publish('coverage', input, { input, kinds: '*', since });
  for (const [key, body] of Object.entries(segments))
    publish('segment', key, 'group' in body ? body : { key, name: `The ${key}`, ...body });
  const plan = compilePlan(catalogue.sets.at(-1)!);
  const births = { numbers: plan.series.map(({ slot }) => slot), bornAt: plan.series.map(() => -Infinity) };
  return { offset, effectiveFrom: -Infinity, plan, births };
}

interface Told {
  readonly what: string;
  readonly reason: string;
}

/** A customer at some rules, and what is told of it. */
class One {
  readonly customer: Customer = { profile: newProfile('ada'), standing: undefined, memory: undefined, due: Infinity };
  readonly told: Told[] = [];
  rules: AppliedRules;
  #ids = 0;

  constructor(rules: AppliedRules) {
    this.rules = rules;
  }

  event(name: 'interaction' | 'purchase' | 'profile', event: InputEvent): void {
    const { hi, lo } = hash64(`event-${(this.#ids += 1)}`);
    const folded = {
      name,
      record: event as unknown as EventRecord,
      sourceId: 'ada',
      instant: event.occurredAt,
      high: hi,
      low: lo,
    };
    applyEvent(this.customer, this.rules, folded, { latenessMs: 7 * 24 * HOUR, historyAt: undefined }, this.#onStep());
  }

  contact(at: number): void {
    this.event('interaction', interaction({ eventId: 'x', occurredAt: at }));
  }

  buy(at: number): void {
    this.event('purchase', purchase({ eventId: 'x', occurredAt: at }));
  }

  trait(at: number, traits: Entry): void {
    this.event('profile', profile({ eventId: 'x', occurredAt: at, traits: traits as Record<string, string> }));
  }

  until(at: number): void {
    fireThrough(this.customer, this.rules, at, this.#onStep());
  }

  moveTo(rules: AppliedRules): void {
    const from = this.rules;
    this.rules = rules;
    moveTo(this.customer, from, rules, 'definition', this.#onStep());
  }

  /** Keys of the segments held. */
  get held(): readonly string[] {
    const { numbers } = this.customer.profile.held;
    return this.rules.plan.rules.filter(({ number }) => numbers.includes(number)).map(({ key }) => key);
  }

  #onStep(): Parameters<typeof fireThrough>[3] {
    return (cause, evaluation, rules) => {
      for (const toggle of evaluation.toggles) {
        const { reason } = explainTransition(this.customer, rules, evaluation, toggle);
        const { key } = toggle.rule;
        const verb = toggle.kind === 'exited' ? 'leaves' : 'enters';
        this.told.push({ what: `${verb} ${key} at ${(evaluation.at - NOW) / HOUR}h by ${cause}`, reason });
      }
    };
  }
}

describe('cost of an event (E1)', () => {
  it('only comparisons over touched series are judged, whatever else there is', () => {
    const rules = rulesOf({
      since: 'always',
      segments: {
        callers: { enter: { any: [count(1, 1), count(3, 24)] } },
        buyers: {
          enter: {
            all: [
              count(1, 24, { event: 'purchase' }),
              { sum: { event: 'purchase', of: 'amountBaseMinor' }, atLeast: 1 },
            ],
          },
        },
        mixed: { enter: { any: [{ segment: 'callers' }, { not: { segment: 'buyers' } }] } },
        pages: { enter: count(1, 24, { event: 'interaction', where: { kind: 'page_view' } }) },
        pro: { enter: { trait: 'plan', equals: 'pro' } },
      },
    });
    const judged: string[] = [];
    for (const comparison of rules.plan.comparisons) {
      if (comparison.kind !== 'series') continue;
      const { operator } = comparison;
      const { judge } = operator;
      operator.judge = (...given) => {
        judged.push(comparison.text);
        judge(...given);
      };
    }
    const ada = new One(rules);
    // The first event of a customer is judged by everything: all of it was unknown.
    ada.contact(NOW);
    expect(judged).toHaveLength(5);
    judged.length = 0;
    ada.contact(NOW + 1);
    expect(judged).toEqual(['at least 1 contact in the last hour', 'at least 3 contacts in the last day']);
    judged.length = 0;
    ada.buy(NOW + 2);
    expect(judged).toHaveLength(2);
    judged.length = 0;
    ada.trait(NOW + 3, { plan: 'pro' });
    ada.event('interaction', interaction({ eventId: 'x', occurredAt: NOW + 4, kind: 'search' }));
    expect(judged).toEqual([]);
    // And a timer judges the series in which something flips, no more.
    ada.until(NOW + HOUR + 1);
    expect(judged).toEqual(['at least 1 contact in the last hour', 'at least 3 contacts in the last day']);
    expect(ada.held).toEqual(['buyers', 'pro']);
  });

  it('a look at which nothing flips leaves no trace, and the flip comes at its instant all the same', () => {
    const MINUTE = 60_000;
    const rules = rulesOf({
      since: 'always',
      segments: { busy: { enter: { count: { ...contacts, within: '24h' }, atLeast: { trait: 'limit' } } } },
    });
    const ada = new One(rules);
    ada.event('profile', profile({ eventId: 'x', occurredAt: NOW, traits: { limit: 5 } }));
    for (let n = 1; n <= 100; n++) ada.contact(NOW + n * MINUTE);
    const { profile: state } = ada.customer;
    // The contacts leave the window one by one; of each 64 edges one is looked at.
    ada.until(NOW + 24 * HOUR + 90 * MINUTE);
    expect([state.asOf, state.firedThrough]).toEqual([NOW + 100 * MINUTE, NOW + 100 * MINUTE]);
    ada.until(NOW + 48 * HOUR);
    expect(state.asOf).toBe(NOW + 24 * HOUR + 96 * MINUTE);
  });

  it('a place on a list that ends begins the grace of the member, and leaves its trace (T2, E6)', () => {
    const listed = {
      customer: 'ada',
      author: 'ann',
      reason: 'a promise',
      expires: new Date(NOW + 3 * HOUR).toISOString(),
    };
    const vip = { enter: count(9, 24), grace: '2h', include: [listed] };
    const tiers = {
      group: 'tiers',
      name: 'Tiers',
      order: ['vip', 'plain'],
      default: 'plain',
      members: { vip, plain: {} },
    };
    const ada = new One(rulesOf({ since: 'always', segments: { tiers } }));
    ada.contact(NOW);
    expect(ada.held).toEqual(['tiers/vip']);
    ada.until(NOW + 4 * HOUR);
    expect([ada.held, ada.customer.profile.asOf]).toEqual([['tiers/vip'], NOW + 3 * HOUR]);
    ada.until(NOW + 9 * HOUR);
    expect([ada.held, ada.customer.profile.asOf]).toEqual([['tiers/plain'], NOW + 5 * HOUR]);
  });

  it('evaluating twice at one instant changes nothing (E5)', () => {
    const rules = rulesOf({
      since: 'always',
      segments: { a: { enter: count(1, 1) }, b: { enter: { not: { segment: 'a' } } } },
    });
    const ada = new One(rules);
    ada.contact(NOW);
    const { customer } = ada;
    const again = evaluate(customer.profile, standingOf(customer, rules), rules.births, customer.profile.asOf, 'all');
    expect([again.flips, again.toggles, again.rootChanged]).toEqual([[], [], false]);
  });

  it('what is computed again from the profile is what was there', () => {
    const rules = rulesOf({
      since: NOW - 10 * HOUR,
      segments: {
        a: { enter: count(2, 5), unknown: 'in' },
        b: { enter: { not: { segment: 'a' } }, unknown: 'hold' },
        c: { enter: { none: { event: 'purchase', within: '3h' } } },
      },
    });
    const ada = new One(rules);
    for (const at of [0, 1, 4, 30]) {
      ada.contact(NOW + at * HOUR);
      const lived = standingOf(ada.customer, rules);
      ada.customer.standing = undefined;
      const again = standingOf(ada.customer, rules);
      expect(again).not.toBe(lived);
      expect(again.remember()).toEqual(lived.remember().slice());
      expect(Standing.recall(rules.plan, lived.remember().slice())!.remember()).toEqual(again.remember().slice());
      expect(again.nextFlip()).toBe(lived.nextFlip());
    }
  });
});

describe('completeness (E3)', () => {
  const since = NOW - HOUR;
  const truths = (rules: AppliedRules, at: number): readonly string[] => {
    const ada = new One(rules);
    ada.event('interaction', interaction({ eventId: 'x', occurredAt: at, kind: 'search' }));
    ada.contact(at);
    return explainCustomer(ada.customer, rules).map(({ key, rule }) => `${key} ${rule}`);
  };

  it('a count is at least what was seen: true early, unknown until the window is whole, then false', () => {
    const segments = {
      one: { enter: count(1, 2) },
      two: { enter: count(2, 2) },
      'at-most-none': { enter: { count: { ...contacts, within: '2h' }, atMost: 0 } },
    };
    expect(truths(rulesOf({ since, segments }), NOW)).toEqual(['one true', 'two unknown', 'at-most-none false']);
    expect(truths(rulesOf({ since, segments }), NOW + HOUR)).toEqual(['one true', 'two false', 'at-most-none false']);
    expect(truths(rulesOf({ segments }), NOW)).toEqual(['one true', 'two unknown', 'at-most-none false']);
  });

  it('it matures by time alone, to the millisecond', () => {
    const rules = rulesOf({
      since,
      segments: { few: { enter: { count: { ...contacts, within: '5h' }, lessThan: 3 } } },
    });
    const ada = new One(rules);
    ada.contact(NOW);
    ada.until(NOW + 3 * HOUR);
    expect(ada.told).toEqual([]);
    ada.until(NOW + 10 * HOUR);
    expect(ada.told.map(({ what }) => what)).toEqual(['enters few at 4h by timer']);
  });

  it('absence needs the feed, and the customer known, for as long as it takes', () => {
    const enter = { none: { ...contacts, within: '3h' } };
    const silent = (feed: number | 'always' | undefined): readonly string[] => {
      const ada = new One(rulesOf({ since: feed, segments: { silent: { enter } } }));
      ada.buy(NOW);
      ada.until(NOW + 100 * HOUR);
      return ada.told.map(({ what }) => what);
    };
    // Known since NOW only.
    expect(silent('always')).toEqual(['enters silent at 3h by timer']);
    // The feed is whole later than the customer is known.
    expect(silent(NOW + 2 * HOUR)).toEqual(['enters silent at 5h by timer']);
    expect(silent(undefined)).toEqual([]);
  });

  it('a late event that shows the customer was known before lets absence begin earlier', () => {
    const rules = rulesOf({
      since: 'always',
      segments: { silent: { enter: { none: { ...contacts, within: '3h' } } } },
    });
    const ada = new One(rules);
    ada.buy(NOW);
    ada.buy(NOW - 10 * HOUR);
    expect(ada.told.map(({ what }) => what)).toEqual(['enters silent at 0h by late']);
  });

  it('a count of nothing needs no tenure: a new customer has made none', () => {
    const rules = rulesOf({
      since: 'always',
      segments: { none: { enter: { count: { ...contacts, within: '720h' }, equals: 0 } } },
    });
    const ada = new One(rules);
    ada.buy(NOW);
    expect(ada.held).toEqual(['none']);
  });
});

describe('unknown, and references (E4)', () => {
  const withPolicy = (unknown: string): Rules => ({
    since: 'always',
    segments: {
      base: { enter: { trait: 'plan', equals: 'pro' }, unknown },
      in: { enter: { segment: 'base' } },
      'not-in': { enter: { not: { segment: 'base' } } },
    },
  });

  it('out: while the rule is unknown nobody is in, and references do not know either way', () => {
    const ada = new One(rulesOf(withPolicy('out')));
    ada.contact(NOW);
    expect(ada.held).toEqual([]);
    ada.trait(NOW + HOUR, { plan: 'free' });
    expect(ada.held).toEqual(['not-in']);
    ada.trait(NOW + 2 * HOUR, { plan: 'pro' });
    expect(ada.held).toEqual(['base', 'in']);
  });

  it('in: while the rule is unknown everybody is in, and references do not know either way', () => {
    const ada = new One(rulesOf(withPolicy('in')));
    ada.contact(NOW);
    expect(ada.held).toEqual(['base']);
    ada.trait(NOW + HOUR, { plan: 'free' });
    expect(ada.held).toEqual(['not-in']);
  });

  it('hold: nothing resolved yet is out, then what it last was; references read that', () => {
    const ada = new One(rulesOf(withPolicy('hold')));
    ada.contact(NOW);
    expect(ada.held).toEqual(['not-in']);
    ada.trait(NOW + HOUR, { plan: 'pro' });
    expect(ada.held).toEqual(['base', 'in']);
    ada.trait(NOW + 2 * HOUR, { plan: null });
    expect(ada.held).toEqual(['base', 'in']);
    ada.trait(NOW + 3 * HOUR, { plan: 'free' });
    ada.trait(NOW + 4 * HOUR, { plan: null });
    expect(ada.held).toEqual(['not-in']);
  });

  it('three values are joined as Kleene does: what decides, decides, whatever is unknown', () => {
    const unknown = { trait: 'plan', equals: 'pro' };
    const [yes, no] = [count(1, 1), count(9, 1)];
    const rules = rulesOf({
      since: 'always',
      segments: {
        'all-false': { enter: { not: { all: [unknown, no] } } },
        'any-true': { enter: { any: [unknown, yes] } },
        'all-unknown': { enter: { all: [unknown, yes] }, unknown: 'in' },
        'any-unknown': { enter: { any: [unknown, no] }, unknown: 'in' },
        'not-unknown': { enter: { not: unknown }, unknown: 'in' },
        known: { enter: { not: { trait: 'plan', known: true } } },
      },
    });
    const ada = new One(rules);
    ada.contact(NOW);
    expect(explainCustomer(ada.customer, rules).map(({ key, rule }) => `${key} ${rule}`)).toEqual([
      'all-false true',
      'any-true true',
      'all-unknown unknown',
      'any-unknown unknown',
      'not-unknown unknown',
      'known true',
    ]);
  });
});

describe('why', () => {
  it('names the conditions that speak for the transition, not those that only changed', () => {
    const rules = rulesOf({
      since: 'always',
      segments: {
        loud: { enter: { any: [count(2, 2), { all: [count(1, 1), { not: { trait: 'plan', equals: 'pro' } }] }] } },
      },
    });
    const ada = new One(rules);
    ada.trait(NOW, { plan: 'free' });
    ada.contact(NOW + HOUR / 2);
    ada.until(NOW + 9 * HOUR);
    expect(ada.told.map(({ reason }) => reason)).toEqual([
      '1 contact in the last hour (at least 1)',
      'no contacts in the last hour (needs at least 1)',
    ]);
  });

  it('under a not, what became false speaks for it', () => {
    const rules = rulesOf({ since: 'always', segments: { calm: { enter: { not: count(1, 1) } } } });
    const ada = new One(rules);
    ada.buy(NOW);
    ada.contact(NOW + HOUR);
    ada.until(NOW + 9 * HOUR);
    expect(ada.told.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      'enters calm at 0h by event: no contacts in the last hour (needs at least 1)',
      'leaves calm at 1h by event: 1 contact in the last hour (at least 1)',
      'enters calm at 2h by timer: no contacts in the last hour (needs at least 1)',
    ]);
  });

  it('names a segment that was entered or left, and one that became known without either', () => {
    const rules = rulesOf({
      since: NOW,
      segments: {
        busy: { enter: count(2, 4) },
        idle: { enter: { not: { segment: 'busy' } } },
      },
    });
    const ada = new One(rules);
    ada.contact(NOW + HOUR);
    ada.until(NOW + 4 * HOUR);
    ada.contact(NOW + 4.5 * HOUR);
    ada.until(NOW + 9 * HOUR);
    expect(ada.told.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      // Four hours after the feed is whole one contact is known to be all there was: busy was never entered.
      'enters idle at 4h by timer: not in "The busy"',
      'enters busy at 4.5h by event: 2 contacts in the last 4 hours (at least 2)',
      'leaves idle at 4.5h by event: now in "The busy"',
      'leaves busy at 5h by timer: 1 contact in the last 4 hours (needs at least 2)',
      'enters idle at 5h by timer: no longer in "The busy"',
    ]);
  });

  it('tells what is so now, from when it is known, and what comes next', () => {
    const rules = rulesOf({
      since: NOW - HOUR,
      segments: { busy: { enter: count(2, 4) }, vip: { enter: { trait: 'plan', equals: 'pro' } } },
    });
    const ada = new One(rules);
    ada.contact(NOW);
    ada.contact(NOW + HOUR);
    const { seq, asOf, firedThrough } = ada.customer.profile;
    const [busy, vip] = explainCustomer(ada.customer, rules);
    expect(busy).toMatchObject({
      key: 'busy',
      member: true,
      rule: 'true',
      enteredAt: NOW + HOUR,
      inWords: 'at least 2 contacts in the last 4 hours',
      next: { at: NOW + 4 * HOUR, entered: false },
    });
    expect(busy!.conditions).toEqual([
      {
        path: 'enter',
        sentence: '2 contacts in the last 4 hours (at least 2)',
        truth: 'true',
        value: 2,
        threshold: 'at least 2',
        since: NOW - HOUR,
      },
    ]);
    expect(vip).toMatchObject({ member: false, rule: 'unknown', next: null });
    // Looking ahead lets the time of a copy run, not the customer's.
    expect(ada.customer.profile).toMatchObject({ seq, asOf, firedThrough });
  });

  it('a retired segment is left because it was retired, whatever the new rules look at', () => {
    const ada = new One(rulesOf({ since: 'always', segments: { busy: { enter: count(1, 9) } } }));
    ada.contact(NOW);
    const rules = rulesOf(
      { since: 'always', segments: { ghost: { enter: count(99, 9) }, calm: { enter: { not: count(1, 9) } } } },
      9,
    );
    // Another catalogue: the number of `busy` is not live in it, for both are below it there.
    const later = { ...rules, plan: renumbered(rules, 7) };
    ada.moveTo(later);
    expect(ada.told.slice(1).map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
      'leaves busy at 0h by definition: the segment was retired',
    ]);
  });
});

/** The plan with segment numbers moved up. */
function renumbered({ plan }: AppliedRules, by: number): AppliedRules['plan'] {
  const units = plan.units.map((unit) =>
    unit.kind === 'group'
      ? unit
      : { ...unit, number: unit.number + by, rule: { ...unit.rule, number: unit.rule.number + by } },
  );
  const rules = units.flatMap((unit) => (unit.kind === 'group' ? unit.rules : [unit.rule]));
  return { ...plan, units, rules, rule: (number) => rules.find((rule) => rule.number === number) };
}
