import { describe, expect, it } from 'vitest';
import { decide, type Force } from '../../../../services/core/domain/evaluation/stability.ts';
import type { Membership } from '../../../../services/core/domain/language/ast.ts';
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../../../../services/core/domain/operators/operator.ts';
import type { Stays } from '../../../../services/core/domain/profile/stays.ts';

const H = 3_600_000;
const FREE: Force = { member: undefined, why: undefined, until: Infinity };

type Waits = Partial<Membership['stability']>;

/** One customer under one rule; hours since some instant go in and come out. */
class One {
  readonly #rule: Membership;
  readonly stays: Stays = {
    birth: 0,
    holds: false,
    since: -Infinity,
    entered: -Infinity,
    left: -Infinity,
    spent: false,
    yes: [],
  };
  #enteredAt: number | null = null;

  constructor(waits: Waits, unknown: Membership['unknown'] = 'out') {
    const none = { confirmMs: 0, graceMs: 0, minStayMs: 0, maxStayMs: null, cooldownMs: 0 };
    const enter = { kind: 'any', of: [] } as const;
    this.#rule = {
      enter,
      stay: enter,
      stability: { ...none, ...waits },
      unknown,
      include: [],
      exclude: [],
      consent: null,
    };
  }

  /** Evaluates at an hour, twice; says whether the customer is in, and when time alone would change that. */
  at(hour: number, enter: TruthCode, stay: TruthCode = FALSE, force: Force = FREE): readonly [boolean, number] {
    const before = this.#once(hour, enter, stay, force);
    const said = JSON.stringify(this.stays);
    const again = this.#once(hour, enter, stay, force);
    expect([again, JSON.stringify(this.stays)], 'evaluated again').toEqual([before, said]);
    return before;
  }

  #once(hour: number, enter: TruthCode, stay: TruthCode, force: Force): readonly [boolean, number] {
    const { member, deadline } = decide(this.#rule, enter, stay, this.stays, this.#enteredAt, force, hour * H);
    if (member !== (this.#enteredAt !== null)) this.#enteredAt = member ? hour * H : null;
    return [member, deadline / H];
  }
}

describe('stability (E5)', () => {
  it('confirms: enters when the rule has been true for that long, and not if it stopped meanwhile', () => {
    const one = new One({ confirmMs: 2 * H });
    expect(one.at(1, TRUE)).toEqual([false, 3]);
    expect(one.at(2, FALSE)).toEqual([false, Infinity]);
    expect(one.at(2.5, TRUE)).toEqual([false, 4.5]);
    expect(one.at(4.5, TRUE)).toEqual([true, Infinity]);
  });

  it('lets a weaker stay rule keep in whom the enter rule let in', () => {
    const one = new One({});
    expect(one.at(1, FALSE, TRUE)).toEqual([false, Infinity]);
    expect(one.at(2, TRUE, TRUE)).toEqual([true, Infinity]);
    expect(one.at(3, FALSE, TRUE)).toEqual([true, Infinity]);
    expect(one.at(4, FALSE, FALSE)).toEqual([false, Infinity]);
  });

  it('gives grace, and not before the shortest stay is over', () => {
    const one = new One({ graceMs: 2 * H, minStayMs: 6 * H });
    expect(one.at(0, TRUE)).toEqual([true, Infinity]);
    expect(one.at(1, FALSE)).toEqual([true, 6]);
    expect(one.at(5, TRUE)).toEqual([true, Infinity]);
    expect(one.at(5.5, FALSE)).toEqual([true, 7.5]);
    expect(one.at(7.5, FALSE)).toEqual([false, Infinity]);
  });

  it('ends the longest stay, and lets in again only after enter was false once', () => {
    const one = new One({ maxStayMs: 3 * H });
    expect(one.at(0, TRUE)).toEqual([true, 3]);
    expect(one.at(3, TRUE)).toEqual([false, Infinity]);
    expect(one.at(9, TRUE)).toEqual([false, Infinity]);
    expect(one.at(10, FALSE)).toEqual([false, Infinity]);
    expect(one.at(11, TRUE)).toEqual([true, 14]);
  });

  it('cools down before it lets in again', () => {
    const one = new One({ cooldownMs: 5 * H });
    one.at(0, TRUE);
    expect(one.at(1, FALSE)).toEqual([false, Infinity]);
    expect(one.at(2, TRUE)).toEqual([false, 6]);
    expect(one.at(6, TRUE)).toEqual([true, Infinity]);
  });

  it('resolves unknown first: out, in, or what it last was', () => {
    expect(new One({}, 'out').at(0, UNKNOWN)).toEqual([false, Infinity]);
    expect(new One({}, 'in').at(0, UNKNOWN)).toEqual([true, Infinity]);
    const holding = new One({}, 'hold');
    expect(holding.at(0, UNKNOWN)).toEqual([false, Infinity]);
    holding.at(1, TRUE);
    expect(holding.at(2, UNKNOWN)).toEqual([true, Infinity]);
    expect(holding.at(3, FALSE)).toEqual([false, Infinity]);
  });

  it('sets everything aside for a list, and goes on by the rule when that is over', () => {
    const one = new One({ confirmMs: 9 * H, graceMs: 2 * H });
    const included: Force = { member: true, why: 'include', until: 4 * H };
    expect(one.at(0, FALSE, FALSE, included)).toEqual([true, 4]);
    // The rule has been false all along, so its grace has long been over.
    expect(one.at(4, FALSE)).toEqual([false, Infinity]);
    one.at(5, TRUE);
    expect(one.at(14, TRUE)).toEqual([true, Infinity]);
    expect(one.at(15, TRUE, FALSE, { member: false, why: 'exclude', until: Infinity })).toEqual([false, Infinity]);
  });
});
