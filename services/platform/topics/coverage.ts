/**
 * The coverage `topics apply` declares (E3): an input that it created is whole since then, for every kind. It is written
 * behind the creation. If the process ended in between, the next run finds an input without coverage: while that is empty
 * nothing has been missed and it is whole since now; once it has records, only a person knows since when.
 */
import { EFFECTIVE_GRID_MS } from '../../core/domain/language/catalogue.ts';
import type { Input } from '../../core/domain/events/header.ts';
import type { DeclaredCoverage } from '../../core/domain/events/import-mark.ts';
import type { Log } from '../../core/streams/log.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import type { Registry } from '../registry/registry.ts';
import type { TopicNames } from './topic-plan.ts';

const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 1_000;
const text = new TextEncoder();

export interface CoverageGap {
  /** Inputs without declared coverage that are still empty. */
  readonly toDeclare: readonly Input[];
  /** Inputs without declared coverage that have records already. */
  readonly unknown: readonly Input[];
}

/** Looks only at inputs that exist. */
export async function coverageGap(
  log: Log,
  registry: Registry,
  names: TopicNames,
  inputs: readonly Input[],
): Promise<CoverageGap> {
  const declared = await declaredInputs(log, registry, names.definitions);
  const open = inputs.filter((input) => !declared.has(input));
  const empty = await Promise.all(open.map((input) => isEmpty(log, names[input])));
  return {
    toDeclare: open.filter((_, index) => empty[index]),
    unknown: open.filter((_, index) => !empty[index]),
  };
}

export async function declareCoverage(
  log: Log,
  registry: Registry,
  definitionsTopic: string,
  inputs: readonly Input[],
  since: number,
): Promise<void> {
  if (inputs.length === 0) return;
  const batch = new RecordBatchBuilder();
  for (const input of inputs) {
    const coverage: DeclaredCoverage = { input, kinds: '*', since };
    const key = `coverage-${input}`;
    const value = registry.encodeView('definition', {
      kind: 'coverage',
      key,
      basedOn: null,
      author: 'topics apply',
      reason: 'the topic was created',
      publishedAt: since,
      // At once: nothing is there yet that it could change, and no later record has to wait for it.
      effectiveFrom: since - EFFECTIVE_GRID_MS,
      body: JSON.stringify(coverage),
    });
    batch.append(since, text.encode(key), value);
  }
  await log.append({ topic: definitionsTopic, partition: 0 }, batch.finish());
}

async function declaredInputs(log: Log, registry: Registry, topic: string): Promise<ReadonlySet<string>> {
  const place = { topic, partition: 0 };
  const [end] = await log.endOffsets([place]);
  const declared = new Set<string>();
  let offset = end?.logStartOffset ?? 0;
  while (offset < (end?.lastStableOffset ?? 0)) {
    const [fetched] = await log.fetch([{ ...place, offset, maxBytes: FETCH_BYTES }], {
      isolation: 'read_committed',
      maxWaitMs: FETCH_WAIT_MS,
    });
    if (fetched === undefined) break;
    for (let index = 0; index < fetched.records.length; index += 1) {
      const { kind, body } = registry.decode('definition', fetched.records.value(index));
      if (kind === 'coverage') declared.add((JSON.parse(body) as DeclaredCoverage).input);
    }
    offset = fetched.nextOffset;
  }
  return declared;
}

async function isEmpty(log: Log, topic: string): Promise<boolean> {
  const [spec] = await log.describeTopics([topic]);
  const partitions = Array.from({ length: spec?.partitions ?? 0 }, (_, partition) => ({ topic, partition }));
  const ends = await log.endOffsets(partitions);
  return ends.every(({ highWatermark }) => highWatermark === 0);
}
