/** What the oracle says of every customer, rule by rule and leaf by leaf, where a settled run stands. */
import type { Membership } from '../../services/core/domain/language/ast.ts';
import { truthOf } from '../../services/core/oracle/condition.ts';
import type { CustomerOracle } from '../../services/core/oracle/history.ts';
import { either } from '../../services/core/oracle/numbers.ts';
import type { Live } from '../../services/core/oracle/rules.ts';
import { leavesAt } from './operators-in.ts';
import type { LiveRun } from './live-run.ts';

/** Verdicts in the words of verdicts.ts, by customer and key (of a member GROUP/MEMBER). */
export function oracleVerdicts(
  run: LiveRun,
  oracles: ReadonlyMap<string, CustomerOracle>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const { segments, groups } = run.catalogue.sets.findLast(({ offset }) => offset <= run.rulesOffset) ?? NOTHING;
  const rules = [...segments, ...groups].flatMap(rulesIn);
  return new Map(
    [...oracles].map(([customerId, oracle]) => [
      customerId,
      new Map(rules.map((rule) => [rule.key, verdictOf(rule, oracle)])),
    ]),
  );
}

const NOTHING = { segments: [], groups: [] };

interface Rule {
  readonly key: string;
  readonly number: number;
  /** Where it stands in its definition. */
  readonly at: string;
  readonly membership: Membership;
}

function rulesIn({ number, definition, ...live }: Live): readonly Rule[] {
  if (definition.kind === 'segment') return [{ key: definition.key, number, at: '', membership: definition }];
  const numbers = 'numbers' in live ? live.numbers : new Map<string, number>();
  return definition.members.map((membership) => ({
    key: `${definition.key}/${membership.key}`,
    number: numbers.get(membership.key)!,
    at: `members.${membership.key}.`,
    membership,
  }));
}

function verdictOf({ number, at, membership }: Rule, oracle: CustomerOracle): string {
  const enteredAt = oracle.held.get(number);
  const { enter, stay } = membership;
  const leafTruth: Parameters<typeof truthOf>[1] = (leaf) => oracle.truthOf(leaf);
  const own = truthOf(enter, leafTruth);
  const truth = enteredAt !== undefined && stay !== null ? either(own, truthOf(stay, leafTruth)) : own;
  const leaves = [...leavesAt(enter, `${at}enter`), ...(stay === null ? [] : leavesAt(stay, `${at}stay`))];
  leaves.sort(([a], [b]) => (a < b ? -1 : 1));
  const truths = leaves.map(([path, leaf]) => `${path} ${oracle.truthOf(leaf)}`);
  return [`rule ${truth}`, enteredAt === undefined ? 'out' : `in since ${enteredAt}`, ...truths].join(', ');
}
