/** The live part: a simulator's events go in as any producer's would, and changes are shown as they come out. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Change } from '../../core/domain/events/change.ts';
import type { Input } from '../../core/domain/events/header.ts';
import type { Log } from '../../core/streams/log.ts';
import { partitionFor } from '../../core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import type { Simulator } from '../../ingest/demo/simulator.ts';
import { RECORD_OF_INPUT } from '../../platform/registry/record-schemas.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import type { TopicNames } from '../../platform/topics/topic-plan.ts';
import { readTopic } from '../read-topic.ts';

export interface Stage {
  readonly log: Log;
  readonly registry: Registry;
  readonly topics: TopicNames;
  readonly partitions: number;
}

/** Appends the simulator's events when their time comes, until the signal; returns how many. */
export async function simulate(
  { log, registry, topics, partitions }: Stage,
  simulator: Simulator,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  const batch = new RecordBatchBuilder();
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    const { event, atMs } = simulator.next();
    // It rejects when the stop comes first.
    await delay(Math.max(0, atMs - Date.now()), undefined, { signal }).catch(() => undefined);
    if (stopped()) break;
    const input: Input = event.input;
    const key = Buffer.from(event.event.customerId);
    batch.append(atMs, key, registry.encode(RECORD_OF_INPUT[input], event.event));
    await log.append({ topic: topics[input], partition: partitionFor(key, partitions) }, batch.finish());
    batch.reset();
    sent += 1;
  }
  return sent;
}

/** Shows each change from `from` on, until the signal. */
export async function follow(
  stage: Stage,
  from: 'end' | 'beginning',
  signal: AbortSignal,
  show: (change: Change) => void,
): Promise<void> {
  for await (const { value } of readTopic(stage.log, stage.topics.changes, { from, follow: true, signal })) {
    if (value !== null) show(stage.registry.decode('change', value));
  }
}
