/**
 * Which dead letters are dealt with. A mark is a record of the dead letters' topic without key and value, behind the letter on
 * its partition; its headers say what it is. Nothing is ever deleted: letters and marks are kept as long as the topic keeps them.
 */
import type { TopicRecord } from '../read-topic.ts';
import { RecordBatchBuilder, type Header, type RecordBatch } from '../../core/streams/record-batch.ts';

/** `put back`: to where it came from; if it fails again, that is another letter. `dismissed`: by a person, who says why. */
export type MarkKind = 'put back' | 'dismissed';

export interface Mark {
  readonly as: MarkKind;
  readonly reason: string;
  /** Who did it, as their system calls them. */
  readonly by: string;
  /** ms UTC. */
  readonly at: number;
}

const OF = 'tributary.mark.of';
const AS = 'tributary.mark.as';
const REASON = 'tributary.mark.reason';
const BY = 'tributary.mark.by';

const utf8 = new TextDecoder();
const text = new TextEncoder();

/** The mark that a record is, with the offset of its letter on the same partition; undefined for a letter. */
export function readMark(record: TopicRecord): (Mark & { readonly of: number }) | undefined {
  if (record.key !== null || record.value !== null) return undefined;
  const told = (name: string): string => {
    const value = record.headers.find(({ key }) => key === name)?.value;
    return value === null || value === undefined ? '' : utf8.decode(value);
  };
  const [of, as] = [told(OF), told(AS)];
  if (!/^\d{1,15}$/.test(of) || (as !== 'put back' && as !== 'dismissed')) return undefined;
  return { of: Number(of), as, reason: told(REASON), by: told(BY), at: record.timestamp };
}

/** To be appended to the partition of the letters, by their offsets. */
export function marksOf(offsets: readonly number[], { as, reason, by, at }: Mark): RecordBatch {
  const batch = new RecordBatchBuilder();
  for (const offset of offsets) {
    const told = { [OF]: String(offset), [AS]: as, [REASON]: reason, [BY]: by };
    const headers = Object.entries(told).map(([key, value]): Header => ({ key, value: text.encode(value) }));
    batch.append(at, null, null, undefined, headers);
  }
  return batch.finish();
}
