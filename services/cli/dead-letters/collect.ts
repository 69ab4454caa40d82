import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Place } from '../arguments.ts';
import { partitionsOf, readTopic } from '../read-topic.ts';
import { placeInWords, readDeadLetter, type DeadLetter } from './dead-letter.ts';
import { readMark, type Mark, type MarkKind } from './marks.ts';

export interface Filter {
  readonly code?: string;
  readonly topic?: string;
}

export interface MarkedLetter extends DeadLetter {
  /** How it is dealt with; undefined while it is not. */
  readonly mark: Mark | undefined;
}

export interface Collected {
  /** Oldest first. */
  readonly letters: readonly MarkedLetter[];
  /** Of all that the filter lets through: those that were wanted, and those that are dealt with. */
  readonly total: number;
  readonly dealtWith: number;
}

/** Which letters are wanted beside those that nobody has dealt with. */
export type Wanted = ReadonlySet<MarkKind>;

/** The newest letters that the filter lets through, at most `limit`. Throws INTERRUPTED, TOPIC_UNKNOWN. */
export async function collect(
  log: Log,
  topic: string,
  filter: Filter,
  { limit, also }: { readonly limit: number; readonly also: Wanted },
  signal: AbortSignal,
): Promise<Collected> {
  let letters: DeadLetter[] = [];
  const places = new Set<string>();
  const marks = new Map<string, Mark>();
  const isWanted = (letter: DeadLetter): boolean => {
    const mark = marks.get(placeInWords(letter));
    return mark === undefined || also.has(mark.as);
  };
  for await (const record of readTopic(log, topic, { from: 'beginning', follow: false, signal })) {
    const mark = readMark(record);
    if (mark !== undefined) {
      marks.set(placeInWords({ partition: record.partition, offset: mark.of }), mark);
      continue;
    }
    const letter = readDeadLetter(record);
    if (filter.code !== undefined && letter.code !== filter.code) continue;
    if (filter.topic !== undefined && letter.original?.topic !== filter.topic) continue;
    places.add(placeInWords(letter));
    letters.push(letter);
    // Thrown away in slabs, so that a long topic costs no shift per record.
    if (letters.length >= limit * 2) letters = letters.filter(isWanted).slice(-limit);
  }
  if (signal.aborted) throw new Fault('INTERRUPTED', 'Stopped while reading the dead letters');
  const newest = letters
    .filter(isWanted)
    .sort((a, b) => a.writtenAt - b.writtenAt || a.partition - b.partition || a.offset - b.offset)
    .slice(-Math.min(limit, letters.length))
    .map((letter): MarkedLetter => ({ ...letter, mark: marks.get(placeInWords(letter)) }));
  const marked = [...places].flatMap((place) => marks.get(place) ?? []);
  const left = marked.filter(({ as }) => !also.has(as)).length;
  return { letters: newest, total: places.size - left, dealtWith: marked.length };
}

/** Throws NOT_FOUND. */
export async function one(log: Log, topic: string, at: Place, signal: AbortSignal): Promise<MarkedLetter> {
  const { partition, offset } = at;
  const missing = new Fault('NOT_FOUND', `There is no dead letter ${placeInWords(at)}`, {
    facts: { topic },
    next: '`tributary dead-letters list` shows the place of each.',
  });
  if (partition >= (await partitionsOf(log, topic)).length) throw missing;
  const reading = { from: { [partition]: offset }, follow: false, signal, partitions: [partition] };
  let letter: DeadLetter | undefined;
  let mark: Mark | undefined;
  for await (const record of readTopic(log, topic, reading)) {
    const found = readMark(record);
    if (found?.of === offset) mark = found;
    if (letter !== undefined) continue;
    if (record.offset !== offset || found !== undefined) throw missing;
    letter = readDeadLetter(record);
  }
  if (letter === undefined) throw missing;
  return { ...letter, mark };
}
