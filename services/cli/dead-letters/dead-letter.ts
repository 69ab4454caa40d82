/**
 * A dead letter: the record as it came, and, in headers beside its own, what went wrong. The names are those of Kafka
 * Streams (KIP-1034), of Kafka Connect and our own; a letter written by other tools is understood too.
 */
import type { Header } from '../../core/streams/record-batch.ts';
import type { TopicRecord } from '../read-topic.ts';

/** How often a record was put back to its topic already. */
const ATTEMPT_HEADER = 'tributary.retry.attempt';
/** Which dead letter a record was put back from, as `2:1017`. */
const ORIGIN_HEADER = 'tributary.retry.of';

export interface DeadLetter {
  readonly partition: number;
  readonly offset: number;
  /** When it was written. */
  readonly writtenAt: number;
  /** Where the record was; null when no header says it. */
  readonly original: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number | null;
    readonly timestamp: number | null;
  } | null;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

const utf8 = new TextDecoder();
const text = new TextEncoder();
/** Headers that tell of the fault; everything else was the record's own. */
const TELLING = [
  '__streams.errors.',
  '__connect.errors.',
  'tributary.error.',
  'tributary.original.',
  'tributary.retry.',
];

export function readDeadLetter(record: TopicRecord): DeadLetter {
  const { partition, offset, timestamp, key, value, headers } = record;
  const told = new Map(headers.map((header) => [header.key, header.value === null ? '' : utf8.decode(header.value)]));
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => told.get(name)).find((words) => words !== undefined);
  const topic = first('__streams.errors.topic', '__connect.errors.topic');
  const from = wholeOf(first('__streams.errors.partition', '__connect.errors.partition'));
  return {
    ...{ partition, offset, writtenAt: timestamp, key, value, headers },
    original:
      topic === undefined || from === null
        ? null
        : {
            topic,
            partition: from,
            offset: wholeOf(first('__streams.errors.offset', '__connect.errors.offset')),
            timestamp: wholeOf(first('tributary.original.timestamp')),
          },
    code:
      first(
        'tributary.error.code',
        '__streams.errors.exception',
        '__connect.errors.exception.class.name',
        '__connect.errors.class.name',
      ) ?? 'UNKNOWN',
    message:
      first('__streams.errors.message', '__connect.errors.exception.message') ?? 'It does not say why it is here.',
    attempts: wholeOf(first(ATTEMPT_HEADER)) ?? 0,
  };
}

/** The headers a record is put back with: its own, the number of this attempt, and the letter it comes from. */
export function retryHeaders(letter: DeadLetter): readonly Header[] {
  const own = letter.headers.filter(({ key }) => !TELLING.some((prefix) => key.startsWith(prefix)));
  return [
    ...own,
    { key: ATTEMPT_HEADER, value: text.encode(String(letter.attempts + 1)) },
    { key: ORIGIN_HEADER, value: text.encode(placeInWords(letter)) },
  ];
}

/** Which letter a record was put back from; undefined for a record that came in the ordinary way. */
export function retriedFrom(headers: readonly Header[]): string | undefined {
  const origin = headers.find(({ key }) => key === ORIGIN_HEADER)?.value;
  return origin === null || origin === undefined ? undefined : utf8.decode(origin);
}

export function placeInWords({ partition, offset }: { readonly partition: number; readonly offset: number }): string {
  return `${partition}:${offset}`;
}

function wholeOf(words: string | undefined): number | null {
  return words !== undefined && /^\d{1,15}$/.test(words) ? Number(words) : null;
}
