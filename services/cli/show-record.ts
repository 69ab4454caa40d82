import { Fault } from '../core/faults.ts';
import type { TopicKey } from '../platform/topics/topic-plan.ts';
import { RECORD_NAMES, RECORDS, type RecordName } from '../platform/registry/record-schemas.ts';
import type { Registry } from '../platform/registry/registry.ts';
import type { TopicRecord } from './read-topic.ts';

/** A value as far as it can be understood: a record of ours, or the reason why it is not. */
export type Decoded =
  { readonly record: unknown; readonly fault?: undefined } | { readonly record?: undefined; readonly fault: Fault };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Which record travels on a topic; undefined for topics that carry something else. */
export function recordOn(topic: TopicKey): RecordName | undefined {
  return RECORD_NAMES.find((name) => RECORDS[name].topic === topic);
}

/** Decodes with the ids known so far, and once more with what was registered since. */
export async function decodePatiently(registry: Registry, name: RecordName, value: Uint8Array): Promise<Decoded> {
  const first = decode(registry, name, value);
  if (first.fault?.code !== 'SCHEMA_UNKNOWN') return first;
  await registry.refresh();
  return decode(registry, name, value);
}

function decode(registry: Registry, name: RecordName, value: Uint8Array): Decoded {
  try {
    return { record: registry.decode(name, value) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error };
    throw error;
  }
}

/** Bytes as text where they are text, else as hexadecimal with a mark in front. */
export function bytesInWords(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    // Not UTF-8: then only its bytes can be shown.
    return `0x${Buffer.from(bytes).toString('hex')}`;
  }
}

/** What every record has, for JSON. */
export function placeOf({ topic, partition, offset, timestamp, key }: TopicRecord) {
  return { topic, partition, offset, timestamp: new Date(timestamp).toISOString(), key: bytesInWords(key) };
}

export function headersOf({ headers }: TopicRecord): Readonly<Record<string, string | null>> {
  return Object.fromEntries(headers.map(({ key, value }) => [key, bytesInWords(value)]));
}

/** 2026-11-24T21:03:04.512Z → `2026-11-24 21:03:04`, in UTC like everything that is stored. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
