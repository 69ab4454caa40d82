/** A customer's journal written by hand, and what an oracle makes of it, one line per transition. */
import { CustomerOracle, type Expected, type Transition } from '../../../services/core/oracle/history.ts';
import { forcesOf, type Force } from '../../../services/core/oracle/rules.ts';
import type { Fact, InputEvent } from '../../../services/core/domain/events/fact.ts';
import type { Input } from '../../../services/core/domain/events/header.ts';
import { Catalogue, type RuleSet } from '../../../services/core/domain/language/catalogue.ts';

const LATENESS_MS = 7 * 86_400_000;

/** Rule sets of authored segments; `published` gives each set its instant. Coverage is `always` unless said otherwise. */
export function ruleSets(
  published: readonly { at: number; segments?: readonly Record<string, unknown>[]; retire?: string; since?: number }[],
): readonly RuleSet[] {
  const catalogue = new Catalogue({ effectiveAfterMs: 0 });
  let offset = 0;
  const fold = (kind: 'segment' | 'retire' | 'coverage', key: string, at: number, body: unknown): void => {
    const basedOn = catalogue.current(key)?.offset ?? null;
    const record = {
      kind,
      key,
      basedOn,
      author: null,
      reason: null,
      publishedAt: at,
      effectiveFrom: at,
      body: JSON.stringify(body),
    };
    const refusal = catalogue.fold(offset, record);
    if (refusal !== undefined) throw new Error(JSON.stringify(refusal));
    offset += 1;
  };
  for (const { at, segments, retire, since } of published) {
    if (offset === 0 || since !== undefined) {
      for (const input of ['interactions', 'purchases', 'surveys']) {
        fold('coverage', input, at, { input, kinds: '*', since: since ?? 'always' });
      }
    }
    for (const segment of segments ?? []) fold('segment', segment['key'] as string, at, { name: 'test', ...segment });
    if (retire !== undefined) fold('retire', retire, at, {});
  }
  return catalogue.sets;
}

const INPUT_OF = (event: InputEvent): Input => {
  if ('direction' in event) return 'interactions';
  if ('amountMinor' in event) return 'purchases';
  if ('surveyId' in event) return 'surveys';
  return 'traits' in event ? 'profiles' : 'identities';
};

export interface Journal {
  /** Applies an event; `asOf` is only said of late ones, `rules` is the offset of the set it is decided under. */
  apply(event: InputEvent, more?: { asOf?: number; rules?: number; tooLate?: boolean }): Expected;
  settle(clock: number, rules?: number): void;
  readonly transitions: readonly Transition[];
  /** `seq kind number @instant cause`, in order. */
  lines(): readonly string[];
}

/** As after a replay: sets up to `firstRules` were in force before the first event, later ones come at their instant. */
function forces(sets: readonly RuleSet[], firstRules: number): readonly Force[] {
  const born = sets.filter((set) => set.offset > firstRules).map((set): [number, number] => [set.offset, set.dueAt]);
  return forcesOf(sets, { foundation: firstRules, early: firstRules, born }, Infinity);
}

export function journal(sets: readonly RuleSet[], firstRules: number, inForce = forces(sets, firstRules)): Journal {
  const transitions: Transition[] = [];
  const oracle = new CustomerOracle(LATENESS_MS, (transition) => transitions.push(transition));
  const until = (rules: number): readonly Force[] =>
    inForce.filter((force) => force.offset > oracle.rulesOffset && force.offset <= rules);
  let offset = 0;
  return {
    apply(event, more = {}) {
      const rules = more.rules ?? Math.max(oracle.rulesOffset, firstRules);
      const fact = {
        customerId: event.customerId,
        sourceId: event.customerId,
        life: 1,
        seq: oracle.seq,
        instant: event.occurredAt,
        asOf: more.asOf ?? event.occurredAt,
        decidedAt: event.occurredAt,
        rulesOffset: rules,
        segments: [],
        entered: [],
        exited: [],
        late: more.asOf !== undefined && more.asOf > event.occurredAt,
        tooLate: more.tooLate ?? false,
        history: false,
        input: INPUT_OF(event),
        offset,
        appendedAt: event.receivedAt,
        event,
      } as Fact;
      offset += 1;
      return oracle.apply(fact, until(rules));
    },
    settle(clock, rules = Infinity) {
      oracle.settle(clock, until(rules));
    },
    transitions,
    lines: () =>
      transitions.map(
        ({ seq, kind, number, effectiveAt, cause }) => `${seq} ${kind} ${number} @${effectiveAt} ${cause}`,
      ),
  };
}
