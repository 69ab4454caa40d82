/** What of some files would be published: compared with what is live, in an order in which each record finds what it refers to. */
import type { DefinitionRecord } from '../../core/domain/events/definition-record.ts';
import type { Definition } from '../../core/domain/language/ast.ts';
import { EFFECTIVE_GRID_MS, type Catalogue } from '../../core/domain/language/catalogue.ts';
import { conditionsOf, referencesOf } from '../../core/domain/language/references.ts';
import { leavesIn, needsOf } from '../../core/domain/language/series-identity.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Authored, AuthoredFile } from './definition-files.ts';
import { atItsName } from './name-in-rule.ts';
import { mistakeIn, type FileMistake } from './place-in-file.ts';

export interface Step {
  readonly step: 'new' | 'changed' | 'unchanged' | 'not in the files';
  readonly kind: 'segment' | 'group' | 'table';
  readonly key: string;
  readonly version: number;
  readonly file: string | null;
  /** Its history is not all known: a series of it is born now (backfill is not available yet). */
  readonly startsEmpty: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** In force at once, because no event was journaled yet. */
  readonly immediate: boolean;
  readonly records: readonly DefinitionRecord[];
}

export interface PlanTerms {
  readonly author: string;
  readonly reason: string | null;
  readonly now: number;
  /** Events are there already. */
  readonly hasEvents: boolean;
}

export function planOf(files: readonly AuthoredFile[], catalogue: Catalogue, terms: PlanTerms): Plan {
  const live = new Set(
    [...catalogue.segments, ...catalogue.groups].flatMap(({ definition }) => seriesRead(definition)),
  );
  const steps: Step[] = [];
  const records: DefinitionRecord[] = [];
  for (const { key, what, file, body } of inOrder(files)) {
    const now = liveOf(catalogue, what.kind, key);
    const same = now !== undefined && formOf(now.what) === formOf(what);
    const isBorn = what.kind === 'definition' && seriesRead(what.definition).some((series) => !live.has(series));
    const step = same ? 'unchanged' : now === undefined ? 'new' : 'changed';
    const version = same ? now.version : (now?.version ?? 0) + 1;
    steps.push({ step, kind: kindOf(what), key, version, file, startsEmpty: !same && terms.hasEvents && isBorn });
    if (!same) records.push(recordFor(what, key, body, now?.offset ?? null, terms));
  }
  steps.push(...notIn(files, catalogue));
  return { steps, records: acceptable(records, catalogue), immediate: !terms.hasEvents };
}

/** Whether what is live under a key is what a file says: a file that is only reformatted is no new version. */
export function isLive({ key, what }: AuthoredFile, catalogue: Catalogue): boolean {
  const live = liveOf(catalogue, what.kind, key);
  return live !== undefined && formOf(live.what) === formOf(what);
}

/** What would not be accepted, each mistake with its place. */
export function refusedOf(
  files: readonly AuthoredFile[],
  catalogue: Catalogue,
  { records }: Plan,
): readonly FileMistake[] {
  return catalogue.check(records).flatMap((refusal) => {
    if (refusal === undefined) return [];
    const { file, placeOf, body } = files.find(({ key }) => key === refusal.key)!;
    const authored: unknown = JSON.parse(body);
    return refusal.mistakes.map((mistake) => mistakeIn(file, placeOf, atItsName(authored, mistake)));
  });
}

function recordFor(
  { kind }: Authored,
  key: string,
  body: string,
  basedOn: number | null,
  { author, reason, now, hasEvents }: PlanTerms,
): DefinitionRecord {
  // Before the first event there is nothing to be surprised by: in force at once.
  const effectiveFrom = hasEvents ? null : now - EFFECTIVE_GRID_MS;
  const recordKind = kind === 'table' ? 'table' : 'segment';
  return { kind: recordKind, key, basedOn, author, reason, publishedAt: now, effectiveFrom, body };
}

function notIn(files: readonly AuthoredFile[], catalogue: Catalogue): Step[] {
  const named = new Set(files.map(({ key }) => key));
  const live = [
    ...[...catalogue.segments, ...catalogue.groups].map(({ definition: { kind, key }, version }) => ({
      kind,
      key,
      version,
    })),
    ...[...catalogue.tables].map(([key, { version }]) => ({ kind: 'table' as const, key, version })),
  ];
  return live
    .filter(({ key }) => !named.has(key))
    .map((one) => ({ step: 'not in the files', ...one, file: null, startsEmpty: false }));
}

function kindOf(what: Authored): Step['kind'] {
  return what.kind === 'table' ? 'table' : what.definition.kind;
}

interface Live {
  readonly what: Authored;
  readonly version: number;
  readonly offset: number;
}

function liveOf(catalogue: Catalogue, kind: Authored['kind'], key: string): Live | undefined {
  if (kind === 'table') {
    const live = catalogue.table(key);
    return live === undefined ? undefined : { ...live, what: { kind, table: live.table } };
  }
  const live = catalogue.current(key);
  return live === undefined
    ? undefined
    : { version: live.version, offset: live.offset, what: { kind, definition: live.definition } };
}

function formOf(what: Authored): string {
  return canonicalJson(what.kind === 'table' ? what.table : what.definition);
}

/** What a definition reads of events and traits; what is remembered for its own sake begins with it anyway. */
function seriesRead(definition: Definition): readonly string[] {
  return conditionsOf(definition)
    .flatMap(leavesIn)
    .flatMap(needsOf)
    .map(({ identity }) => identity.text);
}

/** Tables first, then what is referred to before what refers to it; a cycle keeps its order and is refused by the catalogue. */
export function inOrder(files: readonly AuthoredFile[]): readonly AuthoredFile[] {
  const byKey = new Map(files.map((authored) => [authored.key, authored]));
  const placed = new Set<AuthoredFile>();
  const place = (authored: AuthoredFile, trail: ReadonlySet<string>): void => {
    if (placed.has(authored) || trail.has(authored.key)) return;
    for (const key of namesIn(authored.what)) {
      const target = byKey.get(key);
      if (target !== undefined) place(target, new Set([...trail, authored.key]));
    }
    placed.add(authored);
  };
  for (const authored of files) if (authored.what.kind === 'table') placed.add(authored);
  for (const authored of files) place(authored, new Set());
  return [...placed];
}

/** Keys of the segments and groups something rests on. */
export function namesIn(what: Authored): readonly string[] {
  return what.kind === 'table' ? [] : referencesOf(what.definition);
}

/**
 * What a change takes away (a member, a percentile) must not be asked for any more when its record comes: records that are
 * refused where they stand are moved behind those that are not, as long as that helps.
 */
function acceptable(records: readonly DefinitionRecord[], catalogue: Catalogue): readonly DefinitionRecord[] {
  let order = records;
  let refused = refusedAmong(order, catalogue);
  while (refused.size > 0) {
    const next = [...order.filter((one) => !refused.has(one)), ...order.filter((one) => refused.has(one))];
    const still = refusedAmong(next, catalogue);
    if (still.size >= refused.size) break;
    order = next;
    refused = still;
  }
  // Mistakes are told in the order in which the definitions rest on each other.
  return refused.size === 0 ? order : records;
}

function refusedAmong(records: readonly DefinitionRecord[], catalogue: Catalogue): ReadonlySet<DefinitionRecord> {
  const refusals = catalogue.check(records);
  return new Set(records.filter((_, index) => refusals[index] !== undefined));
}
