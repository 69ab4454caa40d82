/**
 * A rule set compiled: numbered slots instead of names. Shared by all customers and tasks that are at this set; holds nothing
 * of any customer.
 *
 *  1. Series and comparisons are shared: equal conditions of different segments are one comparison over one series (S1).
 *  2. Units (segments and groups) stand in topological order of their references; one pass over them gives one consistent set (E1).
 *  3. An event finds its series by input and kind; comparisons and units that do not depend on them are not looked at.
 *  4. What flips by time alone flips by *flip group*: a series with its plain comparisons, any other comparison, or a unit with
 *     its deadlines.
 */
import type { Condition, Definition, EventName, LeafCondition, Membership } from '../language/ast.ts';
import type { LiveGroup, LiveSegment, RuleSet } from '../language/catalogue.ts';
import { consentTrait } from '../language/dependencies.ts';
import { referencesOf } from '../language/references.ts';
import { isLeaf } from '../language/series-identity.ts';
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../operators/operator.ts';
import { ComparisonPlans, type ComparisonPlan, type SeriesPlan } from './comparisons.ts';

/** Truths of comparisons by id. */
export interface TruthSource {
  truth(comparison: number): TruthCode;
}

export type Root = (source: TruthSource) => TruthCode;

/** Where something stands in a rule; `negated`: under an odd number of `not`, so that its being false speaks for the rule. */
interface Place {
  readonly path: string;
  readonly negated: boolean;
}

export interface Leaf extends Place {
  readonly id: number;
}

/** A rule that decides about a membership: a segment's, or of one member of a group. */
export interface RulePlan {
  readonly number: number;
  /** As it is told: KEY, of a member GROUP/MEMBER. */
  readonly key: string;
  readonly name: string;
  readonly version: number;
  /** Key of the group and of the member in it; null for a segment. */
  readonly group: string | null;
  readonly member: string | null;
  readonly membership: Membership;
  readonly enter: Root;
  readonly stay: Root | null;
  /** Where the truths of `enter` and, behind it, `stay` stand. */
  readonly root: number;
  readonly leaves: readonly Leaf[];
}

interface UnitBase {
  readonly index: number;
  readonly key: string;
  /** What it remembers is kept under its number, of the birth in this slot; −1: nothing is remembered. */
  readonly number: number;
  readonly stays: number;
  readonly flipGroup: number;
  /** Comparisons that read its membership, judged when it is settled. */
  readonly watchers: number[];
}

export type SegmentUnit = UnitBase & { readonly kind: 'segment'; readonly rule: RulePlan; readonly live: LiveSegment };

export type GroupUnit = UnitBase & {
  readonly kind: 'group';
  readonly live: LiveGroup;
  /** Best first. */
  readonly rules: readonly RulePlan[];
  readonly fallback: RulePlan;
  readonly order: readonly string[];
};

export type Unit = SegmentUnit | GroupUnit;

export interface Plan {
  /** Tells plans of one process apart: no two have the same. */
  readonly stamp: number;
  readonly offset: number;
  readonly series: readonly SeriesPlan[];
  readonly comparisons: readonly ComparisonPlan[];
  /** Topological order. */
  readonly units: readonly Unit[];
  /** Rules by ascending number. */
  readonly rules: readonly RulePlan[];
  /** How many truths of roots there are. */
  readonly roots: number;
  readonly flipGroups: number;
  /** Slots of series with a comparison that looks at the customer's tenure. */
  readonly absences: readonly number[];
  /** Ids of the comparisons that look at no series and no membership, or at several: judged by themselves. */
  readonly general: readonly number[];
  /** Comparisons by the trait they depend on; and units that do so themselves (consents, the zone of a demotion). */
  readonly traits: ReadonlyMap<string, readonly number[]>;
  readonly unitTraits: ReadonlyMap<string, readonly number[]>;
  /** Slots of what is remembered of a trait's writes. */
  readonly writes: ReadonlyMap<string, readonly SeriesPlan[]>;
  unit(key: string): Unit | undefined;
  rule(number: number): RulePlan | undefined;
  /** What a flip group stands for. */
  comparisonOf(flipGroup: number): number | undefined;
  unitOf(flipGroup: number): number | undefined;
  /** Series an event may belong to, by input and kind. */
  candidates(event: EventName, kind: string): readonly SeriesPlan[];
}

export function compilePlan(set: RuleSet): Plan {
  return new Compiler(set).plan();
}

class Compiler {
  readonly #set: RuleSet;
  readonly #comparisons: ComparisonPlans;
  #roots = 0;

  constructor(set: RuleSet) {
    this.#set = set;
    this.#comparisons = new ComparisonPlans(set);
  }

  plan(): Plan {
    const ordered = topological([...this.#set.segments, ...this.#set.groups]);
    const drafts = ordered
      .map((live, index) => this.#unit(live, index))
      // Only now is it known whose entries and exits others ask for.
      .map((unit): Unit => ({ ...unit, stays: this.#comparisons.staysSlot(unit.live.definition) }));
    const { series, comparisons } = this.#comparisons;
    const general = comparisons.filter((one) => one.kind === 'general');
    const firstGeneral = series.length;
    general.forEach((one, at) => (one.flipGroup = firstGeneral + at));
    const firstUnit = firstGeneral + general.length;
    const units = drafts.map((unit): Unit => ({ ...unit, flipGroup: firstUnit + unit.index }));
    const byKey = new Map(units.map((unit) => [unit.key, unit]));
    this.#link(units, byKey);
    const rules = units.flatMap((unit) => (unit.kind === 'segment' ? [unit.rule] : unit.rules));
    const byNumber = new Map(rules.map((rule) => [rule.number, rule]));
    return {
      stamp: newStamp(),
      offset: this.#set.offset,
      series,
      comparisons,
      units,
      rules: rules.sort((a, b) => a.number - b.number),
      roots: this.#roots,
      flipGroups: firstUnit + units.length,
      absences: this.#comparisons.absences(),
      general: general.filter((one) => one.watches === null).map(({ id }) => id),
      traits: this.#comparisons.traits(),
      unitTraits: unitTraits(units),
      writes: this.#comparisons.writes(),
      unit: (key) => byKey.get(key),
      rule: (number) => byNumber.get(number),
      comparisonOf: (group) => general[group - firstGeneral]?.id,
      unitOf: (group) => units[group - firstUnit]?.index,
      candidates: this.#comparisons.candidates(),
    };
  }

  #unit(live: LiveSegment | LiveGroup, index: number): Unit {
    const { definition, number } = live;
    const base = {
      index,
      key: definition.key,
      number,
      stays: -1,
      flipGroup: 0,
      watchers: [],
    };
    if (definition.kind === 'segment') {
      const told = {
        number,
        key: definition.key,
        name: definition.name,
        version: live.version,
        group: null,
        member: null,
      };
      return {
        ...base,
        kind: 'segment',
        rule: this.#rule(definition, told, 'enter', 'stay'),
        live: live as LiveSegment,
      };
    }
    const group = live as LiveGroup;
    const rules = definition.members.map((member) => {
      const told = {
        number: group.numbers.get(member.key)!,
        key: `${definition.key}/${member.key}`,
        name: member.name,
        version: live.version,
        group: definition.key,
        member: member.key,
      };
      const place = `members.${member.key}`;
      return this.#rule(member, told, `${place}.enter`, `${place}.stay`);
    });
    const fallback = rules.find(({ member }) => member === definition.default)!;
    const order = definition.members.map(({ key }) => key);
    return { ...base, kind: 'group', live: group, rules, fallback, order };
  }

  #rule(
    membership: Membership,
    told: Pick<RulePlan, 'number' | 'key' | 'name' | 'version' | 'group' | 'member'>,
    enterAt: string,
    stayAt: string,
  ): RulePlan {
    const leaves: Leaf[] = [];
    const root = this.#roots;
    this.#roots += 2;
    const enter = this.#root(membership.enter, { path: enterAt, negated: false }, leaves);
    const stay =
      membership.stay === null ? null : this.#root(membership.stay, { path: stayAt, negated: false }, leaves);
    return { ...told, membership, enter, stay, root, leaves };
  }

  #root(condition: Condition, place: Place, leaves: Leaf[]): Root {
    const { path, negated } = place;
    if (isLeaf(condition)) return this.#leaf(condition, place, leaves);
    if (condition.kind === 'not') {
      const part = this.#root(condition.of, { path: `${path}.not`, negated: !negated }, leaves);
      return (source) => negate(part(source));
    }
    const parts = condition.of.map((part, at) =>
      this.#root(part, { path: `${path}.${condition.kind}[${at}]`, negated }, leaves),
    );
    if (condition.kind === 'atLeastOf') return atLeastOf(condition.n, parts);
    return condition.kind === 'all' ? allOf(parts) : anyOf(parts);
  }

  #leaf(condition: LeafCondition, place: Place, leaves: Leaf[]): Root {
    const { id } = this.#comparisons.of(condition);
    leaves.push({ ...place, id });
    return (source) => source.truth(id);
  }

  /** Who is to be looked at when a comparison or a membership changes. */
  #link(units: readonly Unit[], byKey: ReadonlyMap<string, Unit>): void {
    const { comparisons } = this.#comparisons;
    for (const unit of units) {
      const rules = unit.kind === 'segment' ? [unit.rule] : unit.rules;
      for (const { leaves } of rules) {
        for (const { id } of leaves) {
          const users = comparisons[id]!.units;
          if (!users.includes(unit.index)) users.push(unit.index);
        }
      }
    }
    for (const comparison of comparisons) {
      if (comparison.kind === 'general' && comparison.watches !== null)
        byKey.get(comparison.watches)!.watchers.push(comparison.id);
    }
  }
}

let stamps = 0;

function newStamp(): number {
  stamps += 1;
  return stamps;
}

function unitTraits(units: readonly Unit[]): ReadonlyMap<string, readonly number[]> {
  const needed = new Map<string, number[]>();
  for (const unit of units) {
    const rules = unit.kind === 'segment' ? [unit.rule] : unit.rules;
    const names = rules.flatMap(({ membership: { consent } }) => (consent === null ? [] : [consentTrait(consent)]));
    if (unit.kind === 'group' && unit.live.definition.demoteAt?.zone.ofCustomer === true) names.push('timezone');
    for (const name of new Set(names)) needed.set(name, [...(needed.get(name) ?? []), unit.index]);
  }
  return needed;
}

/** Kleene: false wins over unknown in all, true in any. */
function allOf(parts: readonly Root[]): Root {
  return (source) => {
    let truth: TruthCode = TRUE;
    for (const part of parts) {
      const own = part(source);
      if (own === FALSE) return FALSE;
      if (own === UNKNOWN) truth = UNKNOWN;
    }
    return truth;
  };
}

function anyOf(parts: readonly Root[]): Root {
  return (source) => {
    let truth: TruthCode = FALSE;
    for (const part of parts) {
      const own = part(source);
      if (own === TRUE) return TRUE;
      if (own === UNKNOWN) truth = UNKNOWN;
    }
    return truth;
  };
}

function atLeastOf(n: number, parts: readonly Root[]): Root {
  return (source) => {
    let certain = 0;
    let possible = 0;
    for (const part of parts) {
      const own = part(source);
      if (own === TRUE) certain += 1;
      else if (own === UNKNOWN) possible += 1;
    }
    return certain >= n ? TRUE : certain + possible < n ? FALSE : UNKNOWN;
  };
}

function negate(truth: TruthCode): TruthCode {
  return truth === UNKNOWN ? UNKNOWN : truth === TRUE ? FALSE : TRUE;
}

/** References first; the catalogue has refused cycles. */
function topological<T extends { readonly definition: Definition }>(lives: readonly T[]): T[] {
  const byKey = new Map(lives.map((live) => [live.definition.key, live]));
  const ordered: T[] = [];
  const placed = new Set<string>();
  const place = (live: T): void => {
    const { key } = live.definition;
    if (placed.has(key)) return;
    placed.add(key);
    for (const next of referencesOf(live.definition)) {
      const target = byKey.get(next);
      if (target !== undefined) place(target);
    }
    ordered.push(live);
  };
  lives.forEach(place);
  return ordered;
}
