/** The order of a commit, with the reason for each step. It is here and nowhere else. */
import type { AppendSkew } from './clock.ts';
import { META_KEY } from './changelog-keys.ts';
import type { AppendResult, GroupPosition, TransactionalProducer } from './log.ts';
import { encodeMeta, type Meta } from './meta.ts';
import type { BatchWriter, OutputBuffer } from './output-buffer.ts';
import type { StateStore } from './state.ts';

export interface CommitParts<V> {
  readonly producer: TransactionalProducer;
  readonly group: string;
  readonly partition: number;
  readonly state: StateStore<V>;
  readonly changelog: BatchWriter;
  readonly outputs: OutputBuffer;
  /** The meta record this commit writes. */
  readonly meta: Meta;
  readonly skew: AppendSkew;
  readonly now: () => number;
}

export interface Committed {
  readonly changelogBytes: number;
  readonly bytes: number;
}

/**
 * Makes the work since the last commit durable and visible, whole. If it rejects, the outcome is unknown (L5): the
 * caller throws away overlay and producer, and the meta record tells what happened.
 */
export async function commit<V>(parts: CommitParts<V>): Promise<Committed> {
  const { producer, state, outputs, changelog, partition, meta, now } = parts;

  const written = [changelog, ...outputs.writers.filter(({ records }) => records > 0)];
  producer.begin(written.map(({ topic }) => ({ topic, partition })));

  // The state first: on Kafka the first send opens the partition's part of the transaction and is the one that meets
  // a transaction not yet finished; the changelog is in every commit, outputs are not. The changelog's timestamps are
  // the host's, because compaction keeps tombstones by them.
  const at = now();
  state.prepare({ append: (key, value) => changelog.append(at, key, value) });
  const changelogBytes = changelog.bytes;

  // The position after the state it belongs to, in the same partition: a restore that has read the one has read the
  // other.
  changelog.append(at, META_KEY, encodeMeta(meta));
  const bytes = changelog.bytes + outputs.bytes;
  await append(producer, changelog, partition);

  // The outputs one topic after the other: one destination per call, so that a retry can neither lose nor repeat one.
  for (const writer of outputs.writers) await append(producer, writer, partition);

  // The group's position, for lag tools and as a cross-check; the meta record is the authority.
  await producer.sendOffsets(parts.group, groupPositions(meta, partition));

  observe(parts.skew, await producer.commit(), now());

  // Only now is the overlay the state: had the commit failed, the committed bytes would still be what the log says.
  state.accept();
  return { changelogBytes, bytes };
}

async function append(producer: TransactionalProducer, writer: BatchWriter, partition: number): Promise<void> {
  for (const batch of writer.take()) await producer.append({ topic: writer.topic, partition }, batch);
}

function groupPositions(meta: Meta, partition: number): GroupPosition[] {
  return Object.entries(meta.positions).map(([topic, offset]) => ({ topic, partition, offset }));
}

/** T3: answers that carry the log's own time show how far the clocks are apart. */
function observe(skew: AppendSkew, results: readonly AppendResult[], hostMs: number): void {
  for (const { logAppendTime } of results) if (logAppendTime !== null) skew.observe(hostMs, logAppendTime);
}
