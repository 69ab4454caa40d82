/** Notes what a settled run reached: from the changes it told and from what explanations say at its end. */
import type { Change, Truth } from '../../services/core/domain/events/change.ts';
import type { Condition, Definition, LeafCondition, Membership } from '../../services/core/domain/language/ast.ts';
import type { SegmentNow } from '../../services/core/domain/evaluation/explain.ts';
import { isLeaf } from '../../services/core/domain/language/series-identity.ts';
import type { PartitionCounts } from '../../services/core/oracle/verify.ts';
import { startsAround } from './calendar-edges.ts';
import type { Coverage } from './coverage.ts';
import type { LiveRun } from './live-run.ts';
import { leavesByPath, logicIn, operatorsIn } from './operators-in.ts';
import { ZONES } from './rules/windows.ts';

export function noteReached(run: LiveRun, counts: PartitionCounts, coverage: Coverage): void {
  for (const name of ['late', 'tooLate', 'duplicates', 'deadLetters', 'facts'] as const)
    coverage.count(`input ${name}`, counts[name]);
  const definitions = new Versions(run);
  for (const definition of definitions.all) for (const logic of logicIn(definition)) coverage.count(logic);
  for (const { value } of run.changes) noteChange(value, definitions, coverage);
  for (const { told } of run.explain()) for (const row of told) noteRow(row, definitions, coverage);
}

/** Every version of every definition that was ever in a set. */
class Versions {
  readonly #definitions = new Map<string, Definition>();
  readonly #leaves = new Map<Definition, ReadonlyMap<string, LeafCondition>>();

  constructor(run: LiveRun) {
    for (const { segments, groups } of run.catalogue.sets)
      for (const { version, definition } of [...segments, ...groups])
        this.#definitions.set(`${definition.key} ${version}`, definition);
  }

  get all(): readonly Definition[] {
    return [...this.#definitions.values()];
  }

  /** Of a segment, or of the group of a member. */
  of({
    group,
    segment,
    version,
  }: {
    readonly group: string | null;
    readonly segment: string;
    readonly version: number;
  }): Definition | undefined {
    return this.#definitions.get(`${group ?? segment} ${version}`);
  }

  leaf(definition: Definition, path: string): LeafCondition | undefined {
    let leaves = this.#leaves.get(definition);
    if (leaves === undefined) this.#leaves.set(definition, (leaves = leavesByPath(definition)));
    return leaves.get(path);
  }
}

function noteChange(change: Change, definitions: Versions, coverage: Coverage): void {
  coverage.change(change);
  const definition = definitions.of(change);
  if (definition === undefined) return;
  for (const { path, was, is } of change.conditions) {
    const leaf = definitions.leaf(definition, path);
    if (leaf !== undefined) for (const truth of [was, is]) coverage.truth(operatorsIn(leaf), truth);
  }
  if (definition.kind === 'segment') noteExit(change, definition, coverage);
  else noteMove(change, definition, coverage);
}

function noteExit(
  { kind, cause, enteredAt, effectiveAt }: Change,
  { stability }: Membership,
  coverage: Coverage,
): void {
  const { maxStayMs } = stability;
  if (kind !== 'exited' || cause !== 'timer' || maxStayMs === null || enteredAt === null) return;
  if (effectiveAt === enteredAt + maxStayMs) coverage.count('state left by the maximum stay');
}

function noteMove(change: Change, group: Extract<Definition, { kind: 'group' }>, coverage: Coverage): void {
  const { from, to, cause, effectiveAt } = change;
  const place = (key: string | null): number => group.members.findIndex((member) => member.key === key);
  if (from === null) coverage.count('move first');
  else if (place(from) < 0) coverage.count('move out of a removed member');
  else if (place(to) < place(from)) coverage.count('move up');
  else if (group.demoteAt !== null && cause === 'timer' && isStart(effectiveAt))
    coverage.count('move down at a beginning');
  else if (cause === 'timer') coverage.count('move down by time');
  else coverage.count('move down at once');
}

/** Whether some calendar unit begins at an instant in one of the zones. */
function isStart(instant: number): boolean {
  return ZONES.some((zone) => startsAround(instant, zone).includes(instant));
}

const STATES: Readonly<Partial<Record<SegmentNow['state']['kind'], string>>> = {
  confirming: 'confirming',
  cooldown: 'cooling down',
  spent: 'spent',
  grace: 'in grace',
  minStay: 'held by the minimum stay',
  included: 'included',
  excluded: 'excluded',
  noConsent: 'without consent',
};

function noteRow(row: SegmentNow, definitions: Versions, coverage: Coverage): void {
  const state = STATES[row.state.kind];
  if (state !== undefined) coverage.count(`state ${state}`);
  const definition = definitions.of({ group: row.group, segment: row.key, version: row.version });
  if (definition === undefined) return;
  const truths = new Map(row.conditions.map(({ path, truth }) => [path, truth]));
  for (const [path, truth] of truths) {
    const leaf = definitions.leaf(definition, path);
    if (leaf !== undefined) coverage.truth(operatorsIn(leaf), truth);
  }
  const rule = ruleOf(definition, row);
  if (row.rule === 'unknown') {
    if (rule.unknown === 'out') coverage.count('root unknown as out');
    else if (rule.unknown === 'in' && row.member) coverage.count('root unknown as in');
    else if (rule.unknown === 'hold' && row.member) coverage.count('root unknown held');
  }
  const at = row.group === null ? 'enter' : `members.${row.key.split('/')[1]}.enter`;
  if (row.member && row.rule === 'true' && truthOf(rule.enter, at, truths) === 'false')
    coverage.count('state kept by stay');
}

function ruleOf(definition: Definition, row: Pick<SegmentNow, 'key'>): Membership {
  if (definition.kind === 'segment') return definition;
  return definition.members.find(({ key }) => row.key === `${definition.key}/${key}`)!;
}

/** Kleene over the truths of leaves by their paths. */
function truthOf(condition: Condition, path: string, truths: ReadonlyMap<string, Truth>): Truth {
  if (isLeaf(condition)) return truths.get(path) ?? 'unknown';
  if (condition.kind === 'not') {
    const part = truthOf(condition.of, `${path}.not`, truths);
    return part === 'unknown' ? part : part === 'true' ? 'false' : 'true';
  }
  const parts = condition.of.map((part, at) => truthOf(part, `${path}.${condition.kind}[${at}]`, truths));
  const count = (truth: Truth): number => parts.filter((part) => part === truth).length;
  const needed = condition.kind === 'atLeastOf' ? condition.n : condition.kind === 'all' ? parts.length : 1;
  if (count('true') >= needed) return 'true';
  return count('true') + count('unknown') < needed ? 'false' : 'unknown';
}
