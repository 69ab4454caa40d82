/**
 * A dead letter is the record as it came, key, value and headers untouched, with what went wrong in further headers: in the
 * names Kafka Streams uses and in those Kafka Connect uses, so that tools for either can read it. A header that is
 * already there is never overridden.
 */
import type { Fault } from '../core/faults.ts';
import type { RawRecord } from '../core/streams/processor.ts';
import type { Header } from '../core/streams/record-batch.ts';

export function deadLetterHeaders(record: RawRecord, stage: string, fault: Fault): readonly Header[] {
  const original = record.headers();
  const taken = new Set(original.map((header) => header.key));
  const told: Readonly<Record<string, string>> = {
    '__streams.errors.exception': fault.code,
    '__streams.errors.message': fault.message,
    '__streams.errors.topic': record.topic,
    '__streams.errors.partition': String(record.partition),
    '__streams.errors.offset': String(record.offset),
    '__connect.errors.topic': record.topic,
    '__connect.errors.partition': String(record.partition),
    '__connect.errors.offset': String(record.offset),
    '__connect.errors.stage': stage,
    '__connect.errors.exception.class.name': fault.code,
    '__connect.errors.exception.message': fault.message,
    'tributary.error.code': fault.code,
    'tributary.error.next': fault.next,
    'tributary.original.timestamp': String(record.timestamp),
  };
  const added = Object.entries(told)
    .filter(([key]) => !taken.has(key))
    .map(([key, value]): Header => ({ key, value: Buffer.from(value) }));
  return [...original, ...added];
}
