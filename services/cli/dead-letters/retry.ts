/**
 * Puts dead letters back to where they came from.
 *  1. Raw: key, value and own headers as they came, to the partition they came from.
 *  2. Never twice: a record that was put back names its letter, and the topics are searched for such names before
 *     anything is written. Opening the producer fences any other retry, so that the search cannot miss one under way.
 *  3. Bounded: a record comes back at most `attemptsMax` times.
 *  4. What is put back is marked as dealt with, in the same transaction.
 */
import { Fault } from '../../core/faults.ts';
import type { Log, TopicPartition } from '../../core/streams/log.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { readTopic } from '../read-topic.ts';
import type { MarkedLetter } from './collect.ts';
import { placeInWords, retriedFrom, retryHeaders, type DeadLetter } from './dead-letter.ts';
import { marksOf } from './marks.ts';

export interface RetryOptions {
  readonly attemptsMax: number;
  /** Also what was put back before. */
  readonly again: boolean;
  readonly dryRun: boolean;
  /** The topic the letters are on. */
  readonly deadLetters: string;
  readonly by: string;
  readonly now: number;
  readonly signal: AbortSignal;
}

type Outcome = 'put back' | 'would be put back' | 'was put back before' | 'too many attempts' | 'origin unknown';

export interface Retried {
  readonly letter: MarkedLetter;
  readonly outcome: Outcome;
}

const PRODUCER = 'tributary-dead-letters-retry';
const TRANSACTION_LETTERS_MAX = 500;

export async function retryLetters(
  log: Log,
  letters: readonly MarkedLetter[],
  options: RetryOptions,
): Promise<readonly Retried[]> {
  const producer = options.dryRun ? undefined : await log.transactionalProducer(PRODUCER);
  try {
    const before = options.again ? new Set<string>() : await putBackBefore(log, letters, options.signal);
    const judged = letters.map((letter) => ({ letter, outcome: judge(letter, before, options) }));
    if (producer === undefined) return judged;
    const chosen = judged.flatMap(({ letter, outcome }) => (outcome === 'put back' ? [letter] : []));
    for (let at = 0; at < chosen.length; at += TRANSACTION_LETTERS_MAX) {
      if (options.signal.aborted)
        throw new Fault('INTERRUPTED', `Stopped after ${at} of ${chosen.length} dead letters`);
      producer.begin();
      const part = chosen.slice(at, at + TRANSACTION_LETTERS_MAX);
      for (const letter of part) {
        const batch = new RecordBatchBuilder();
        const { original } = letter;
        batch.append(original!.timestamp ?? options.now, letter.key, letter.value, undefined, retryHeaders(letter));
        await producer.append({ topic: original!.topic, partition: original!.partition }, batch.finish());
      }
      for (const [partition, own] of Map.groupBy(part, (letter) => letter.partition)) {
        const mark = { as: 'put back', reason: 'retry', by: options.by, at: options.now } as const;
        const marks = marksOf(
          own.map(({ offset }) => offset),
          mark,
        );
        await producer.append({ topic: options.deadLetters, partition }, marks);
      }
      await producer.commit();
    }
    return judged;
  } finally {
    await producer?.close();
  }
}

function judge(letter: DeadLetter, before: ReadonlySet<string>, { attemptsMax, dryRun }: RetryOptions): Outcome {
  if (letter.original === null) return 'origin unknown';
  if (before.has(placeInWords(letter))) return 'was put back before';
  if (letter.attempts >= attemptsMax) return 'too many attempts';
  return dryRun ? 'would be put back' : 'put back';
}

/** Letters of which a record is found in its topic, appended since the letter was written. */
async function putBackBefore(log: Log, letters: readonly DeadLetter[], signal: AbortSignal): Promise<Set<string>> {
  const found = new Set<string>();
  const since = new Map<string, TopicPartition & { earliest: number }>();
  for (const { original, writtenAt } of letters) {
    if (original === null) continue;
    const { topic, partition } = original;
    const known = since.get(`${topic}/${partition}`);
    if (known !== undefined) known.earliest = Math.min(known.earliest, writtenAt);
    else since.set(`${topic}/${partition}`, { topic, partition, earliest: writtenAt });
  }
  for (const { topic, partition, earliest } of since.values()) {
    const start = await log.offsetForTime({ topic, partition }, earliest);
    const reading = { from: { [partition]: start }, follow: false, signal, partitions: [partition] };
    for await (const { headers } of readTopic(log, topic, reading)) {
      const origin = retriedFrom(headers);
      if (origin !== undefined) found.add(origin);
    }
  }
  return found;
}
