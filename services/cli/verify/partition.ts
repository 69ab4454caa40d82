/** One partition as `verify` reads it: decoded records of every topic, and the task's own word from its changelog. */
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import type { RulesMeta } from '../../core/domain/evaluation/applied-rules.ts';
import { decodeProfile, dueOf } from '../../core/domain/profile/codec.ts';
import { Fault } from '../../core/faults.ts';
import type { At, Batches, InputRecord, PartitionReaders, Snapshot, Standing } from '../../core/oracle/readers.ts';
import { isMetaKey, isPageKey, keyOf, pageOf } from '../../core/streams/changelog-keys.ts';
import { hashOf } from '../../core/streams/key-order.ts';
import type { Log } from '../../core/streams/log.ts';
import { decodeMeta, type Meta } from '../../core/streams/meta.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import type { TopicNames } from '../../platform/topics/topic-plan.ts';
import { readDeadLetter } from '../dead-letters/dead-letter.ts';
import { readTopic, type TopicRecord } from '../read-topic.ts';

const BATCH_RECORDS = 512;
/** Records with this header begin or end an import; they carry no event. */
const IMPORT_MARK = 'tributary-import';

export interface Source {
  readonly log: Log;
  readonly registry: Registry;
  readonly topics: TopicNames;
  readonly signal: AbortSignal;
}

/** Undefined when the partition's task has never committed. */
export async function openPartition(source: Source, partition: number): Promise<PartitionReaders | undefined> {
  const { registry, topics } = source;
  // First of all: what is read later can only be newer, and is left alone.
  const stored = await readChangelog(source, partition);
  if (stored === undefined) return undefined;
  const { meta, profiles } = stored;
  const rules = (meta.processor as { readonly rules: RulesMeta }).rules;
  return {
    partition,
    task: {
      positions: Object.fromEntries(INPUTS.map((input) => [input, meta.positions[topics[input]] ?? 0])) as Record<
        Input,
        number
      >,
      clock: meta.clock,
      rulesOffset: rules.applied,
      rulesHistory: rules,
      standing: (customerId) => profiles.get(customerId)?.standing,
    },
    inputs: (input) => decoded(source, topics[input], partition, (record) => inputRecord(registry, input, record)),
    facts: () =>
      decoded(source, topics.facts, partition, ({ offset, value }) => at(offset, registry.decode('fact', value))),
    changes: () =>
      decoded(source, topics.changes, partition, ({ offset, value }) => at(offset, registry.decode('change', value))),
    memberships: () =>
      decoded(source, topics.memberships, partition, ({ offset, key, value }) =>
        at(offset, {
          customerId: Buffer.from(key ?? []).toString('utf8'),
          membership: value === null ? null : registry.decode('membership', value),
        }),
      ),
    deadLetters: () =>
      decoded(source, topics.deadLetters, partition, (record) => {
        const { original } = readDeadLetter(record);
        return at(record.offset, {
          topic: original?.topic ?? '',
          partition: original?.partition ?? -1,
          offset: original?.offset ?? -1,
        });
      }),
    profiles: () => snapshots([...profiles.values()].map(({ snapshot }) => snapshot)),
  };
}

function at<T>(offset: number, value: T): At<T> {
  return { offset, value };
}

async function* decoded<T>(
  { log, signal }: Source,
  topic: string,
  partition: number,
  decode: (record: TopicRecord) => T,
): Batches<T> {
  let batch: T[] = [];
  for await (const record of readTopic(log, topic, {
    from: 'beginning',
    follow: false,
    signal,
    partitions: [partition],
  })) {
    batch.push(decode(record));
    if (batch.length < BATCH_RECORDS) continue;
    yield batch;
    batch = [];
  }
  if (signal.aborted) throw new Fault('INTERRUPTED', 'The verification was stopped');
  yield batch;
}

async function* snapshots(values: readonly Snapshot[]): Batches<Snapshot> {
  await Promise.resolve();
  yield values;
}

function inputRecord(registry: Registry, input: Input, record: TopicRecord): InputRecord {
  const { offset, timestamp, value, headers } = record;
  return {
    offset,
    timestamp,
    mark: headers.some(({ key }) => key === IMPORT_MARK),
    event: () => {
      try {
        return registry.decodeEvent(input, value);
      } catch (error) {
        // What cannot be decoded has to be a dead letter; that is for the verification to say.
        if (error instanceof Fault && error.action === 'dead-letter') return undefined;
        throw error;
      }
    },
  };
}

interface StoredProfile {
  readonly standing: Standing;
  readonly snapshot: Snapshot;
}

async function readChangelog(
  { log, topics, signal }: Source,
  partition: number,
): Promise<{ readonly meta: Meta; readonly profiles: ReadonlyMap<string, StoredProfile> } | undefined> {
  const { changelog } = topics;
  const pages = new Map<string, (Uint8Array | undefined)[]>();
  let meta: Meta | undefined;
  const options = { from: 'beginning', follow: false, signal, partitions: [partition] } as const;
  for await (const { key, value, offset } of readTopic(log, changelog, options)) {
    if (key === null) continue;
    if (isMetaKey(key)) {
      if (value !== null) meta = decodeMeta(value, { changelog, partition, offset });
    } else if (isPageKey(key)) {
      const customer = keyOf(key);
      const known = pages.get(customer) ?? [];
      // A copy: the record's bytes would keep the whole fetch alive.
      known[pageOf(key)] = value === null ? undefined : Uint8Array.from(value);
      pages.set(customer, known);
    }
  }
  if (signal.aborted) throw new Fault('INTERRUPTED', 'The verification was stopped');
  if (meta === undefined) return undefined;
  const profiles = new Map<string, StoredProfile>();
  for (const [customerId, own] of pages) {
    if (own[0] !== undefined) profiles.set(customerId, storedProfile(customerId, own, meta));
  }
  return { meta, profiles };
}

function storedProfile(customerId: string, pages: readonly (Uint8Array | undefined)[], meta: Meta): StoredProfile {
  const profile = decodeProfile(customerId, pages);
  // A slice that found nothing to change has not written the profile (D3): the range of its hash answers for it.
  const sliced = meta.ranges.find((range) => hashOf(customerId) < range.below)?.offset ?? -1;
  const rulesOffset = Math.max(profile.rulesOffset, sliced);
  return {
    standing: { timersThrough: Math.min(meta.clock, dueOf(pages[0]!) - 1), rulesOffset },
    snapshot: {
      customerId,
      seq: profile.seq,
      asOf: rulesOffset > profile.rulesOffset ? null : profile.asOf,
      segments: profile.held.numbers,
    },
  };
}
