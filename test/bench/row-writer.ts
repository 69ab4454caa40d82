import type { Log } from '../../services/core/streams/log.ts';
import { partitionFor } from '../../services/core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import type { TopicNames } from '../../services/platform/topics/topic-plan.ts';
import type { JobRecords, JobRow } from './job-records.ts';

/** Inputs by the type of a row. */
export const INPUT_OF = { interaction: 'interactions', purchase: 'purchases', survey: 'surveys' } as const;

/** Collects rows, one batch per partition of each input, and appends them together. */
export class RowWriter {
  readonly #log: Log;
  readonly #topics: Pick<TopicNames, (typeof INPUT_OF)[JobRow['type']]>;
  readonly #partitions: number;
  readonly #records: JobRecords;
  readonly #batches = new Map<string, { topic: string; partition: number; builder: RecordBatchBuilder }>();

  constructor(
    log: Log,
    topics: Pick<TopicNames, (typeof INPUT_OF)[JobRow['type']]>,
    partitions: number,
    records: JobRecords,
  ) {
    this.#log = log;
    this.#topics = topics;
    this.#partitions = partitions;
    this.#records = records;
  }

  /** The bytes of the largest batch so far. */
  add(row: JobRow): number {
    const topic = this.#topics[INPUT_OF[row.type]];
    const key = Buffer.from(row.customerId);
    const partition = partitionFor(key, this.#partitions);
    const place = `${topic} ${partition}`;
    let batch = this.#batches.get(place);
    if (batch === undefined) {
      batch = { topic, partition, builder: new RecordBatchBuilder() };
      this.#batches.set(place, batch);
    }
    batch.builder.append(row.at, key, this.#records.event(row));
    return batch.builder.byteLength;
  }

  /** Resolves when everything that was added is flushed. */
  async flush(): Promise<void> {
    const waiting = [...this.#batches.values()].filter(({ builder }) => builder.count > 0);
    const appends = waiting.map(({ topic, partition, builder }) => {
      const batch = builder.finish();
      builder.reset();
      return this.#log.append({ topic, partition }, batch);
    });
    await Promise.all(appends);
  }
}
