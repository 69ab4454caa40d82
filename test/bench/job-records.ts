/** What the job needs of a form of records: events of the file as input values, and outputs as the digests want them. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Wire } from '../../services/segmenter/wire.ts';

/** One line of an events file, as text; fields that its type does not have are empty. */
export interface JobRow {
  readonly eventId: string;
  readonly customerId: string;
  /** ms UTC. */
  readonly at: number;
  readonly type: 'interaction' | 'purchase' | 'survey';
  readonly kind: string;
  readonly channel: string;
  readonly issueId: string;
  readonly orderId: string;
  readonly amount: string;
  readonly currency: string;
  readonly score: string;
}

export interface JobRecords {
  readonly wire: Wire;
  readonly tellMemberships: boolean;
  /** Valid until the next call. */
  event(row: JobRow): Uint8Array;
  change(value: Uint8Array): {
    readonly customerId: string;
    readonly seq: number;
    readonly segment: number;
    readonly kind: string;
    readonly effectiveAt: number;
  };
  /** `segments`: those held after the event, ascending. */
  fact(value: Uint8Array): {
    readonly eventId: string;
    readonly occurredAt: number;
    readonly segments: readonly number[];
  };
}

/** The rows of a file as `generate.py` of the benchmark writes it (CSV with a header, gzip). */
export async function* rowsOf(path: string): AsyncGenerator<JobRow> {
  let header = true;
  for await (const line of createInterface({ input: createReadStream(path).pipe(createGunzip()) })) {
    if (header) {
      header = false;
      continue;
    }
    const [eventId, customerId, at, type, kind, channel, issueId, orderId, amount, currency, score] = line.split(
      ',',
    ) as [string, string, string, JobRow['type'], string, string, string, string, string, string, string];
    yield { eventId, customerId, at: Number(at), type, kind, channel, issueId, orderId, amount, currency, score };
  }
}
