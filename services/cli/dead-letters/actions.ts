import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import { openRegistry } from '../../platform/registry/registry.ts';
import { topicNames, type TopicKey } from '../../platform/topics/topic-plan.ts';
import type { Place } from '../arguments.ts';
import { withLog } from '../open-log.ts';
import { partitionsOf, readTopic } from '../read-topic.ts';
import { bytesInWords, decodePatiently, formatInstant, recordOn } from '../show-record.ts';
import { formatCount, printable } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { placeInWords, readDeadLetter, type DeadLetter } from './dead-letter.ts';
import { retryLetters, type Retried } from './retry.ts';

export interface Filter {
  readonly code?: string;
  readonly topic?: string;
}

export interface RetryChoice extends Filter {
  readonly all?: true;
  readonly attempts: number;
  readonly again?: true;
  readonly dryRun?: true;
}

/** Shows the newest dead letters. */
export async function list(options: Filter & { limit: number }, context: CliContext): Promise<void> {
  const { output, signal } = context;
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { letters, total } = await collect(
      log,
      topicNames(config.topics).deadLetters,
      options,
      options.limit,
      signal,
    );
    if (output.json) {
      for (const letter of letters) output.datum(summary(letter), '');
      return;
    }
    output.table<DeadLetter>(
      [
        { title: 'PLACE', cell: placeInWords, align: 'right' },
        { title: 'WRITTEN (UTC)', cell: ({ writtenAt }) => formatInstant(writtenAt) },
        { title: 'CODE', cell: ({ code }) => code, paint: (words, _letter, paint) => paint.yellow(words) },
        { title: 'CAME FROM', cell: originInWords },
        { title: 'KEY', cell: ({ key }) => bytesInWords(key) ?? '–' },
        { title: 'TRIES', cell: ({ attempts }) => String(attempts), align: 'right' },
        { title: 'WHY', cell: ({ message }) => message, elastic: true },
      ],
      letters,
    );
    output.talk(
      total === letters.length
        ? `${formatCount(total)} dead letters`
        : `the newest ${letters.length} of ${formatCount(total)}`,
    );
  });
}

/** Shows all there is to know of one. */
export async function show(at: Place, context: CliContext): Promise<void> {
  const { output, signal } = context;
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const names = topicNames(config.topics);
    const letter = await one(log, names.deadLetters, at, signal);
    const origin = (Object.entries(names) as [TopicKey, string][]).find(([, name]) => name === letter.original?.topic);
    const name = origin && recordOn(origin[0]);
    const decoded =
      name === undefined || letter.value === null
        ? undefined
        : await decodePatiently(await openRegistry(log, config), name, letter.value);
    const headers = Object.fromEntries(letter.headers.map(({ key, value }) => [key, bytesInWords(value)]));
    const content = decoded?.record ?? null;
    const hex = letter.value === null ? null : Buffer.from(letter.value).toString('hex');
    const lines = [
      `${output.paint.bold('dead letter')} ${placeInWords(letter)}, written ${formatInstant(letter.writtenAt)} UTC`,
      `${output.paint.yellow(letter.code)}: ${printable(letter.message)}`,
      `came from  ${originInWords(letter)}`,
      `key        ${printable(bytesInWords(letter.key) ?? '–')}`,
      `tries      ${letter.attempts}`,
      ...Object.entries(headers).map(([key, value]) => `header     ${printable(key)} = ${printable(value ?? 'null')}`),
      content === null
        ? `content    ${letter.value?.length ?? 0} bytes: ${cutHex(hex ?? '')}`
        : `content    ${printable(JSON.stringify(content))}`,
      ...(decoded?.fault === undefined ? [] : [`           ${printable(decoded.fault.message)}`]),
    ];
    output.datum({ ...summary(letter), headers, record: content, value: hex }, lines.join('\n'));
  });
}

/** Puts dead letters back to their topics. */
export async function retry(chosen: readonly Place[], options: RetryChoice, context: CliContext): Promise<void> {
  const { signal } = context;
  if (chosen.length > 0 === (options.all === true)) {
    throw new Fault('USAGE', 'Name the dead letters to put back, or say --all');
  }
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const topic = topicNames(config.topics).deadLetters;
    const letters = options.all
      ? (await collect(log, topic, options, Infinity, signal)).letters
      : await each(chosen, (at) => one(log, topic, at, signal));
    const retried = await retryLetters(log, letters, {
      ...{ attemptsMax: options.attempts, again: options.again === true, dryRun: options.dryRun === true },
      ...{ now: Date.now(), signal },
    });
    report(retried, context);
  });
}

function report(retried: readonly Retried[], { output }: CliContext): void {
  if (output.json) {
    for (const { letter, outcome } of retried) output.datum({ ...summary(letter), outcome }, '');
    return;
  }
  const counts = new Map<string, number>();
  for (const { outcome } of retried) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  for (const [outcome, count] of counts) output.words(`${formatCount(count)}  ${outcome}`);
  if (retried.length === 0) output.words('no dead letters');
}

/** The newest letters that the filter lets through, oldest first, and how many there are in all. */
async function collect(log: Log, topic: string, filter: Filter, limit: number, signal: AbortSignal) {
  const letters: DeadLetter[] = [];
  let total = 0;
  for await (const record of readTopic(log, topic, { from: 'beginning', follow: false, signal })) {
    const letter = readDeadLetter(record);
    if (filter.code !== undefined && letter.code !== filter.code) continue;
    if (filter.topic !== undefined && letter.original?.topic !== filter.topic) continue;
    total += 1;
    letters.push(letter);
    // Thrown away in slabs, so that a long topic costs no shift per record.
    if (letters.length >= limit * 2) letters.splice(0, letters.length - limit);
  }
  if (signal.aborted) throw new Fault('INTERRUPTED', 'Stopped while reading the dead letters');
  const newest = letters.sort((a, b) => a.writtenAt - b.writtenAt || a.partition - b.partition || a.offset - b.offset);
  return { letters: newest.slice(-Math.min(limit, newest.length)), total };
}

async function one(log: Log, topic: string, { partition, offset }: Place, signal: AbortSignal): Promise<DeadLetter> {
  const missing = new Fault('NOT_FOUND', `There is no dead letter ${partition}:${offset}`, {
    facts: { topic },
    next: '`tributary dead-letters list` shows the place of each.',
  });
  if (partition >= (await partitionsOf(log, topic)).length) throw missing;
  const reading = { from: { [partition]: offset }, follow: false, signal, partitions: [partition] };
  for await (const record of readTopic(log, topic, reading)) {
    if (record.offset === offset) return readDeadLetter(record);
    break;
  }
  throw missing;
}

async function each<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

function summary(letter: DeadLetter): Record<string, unknown> {
  const { partition, offset, writtenAt, original, code, message, attempts, key, value } = letter;
  return {
    ...{ partition, offset, writtenAt: new Date(writtenAt).toISOString(), code, message, original, attempts },
    ...{ key: bytesInWords(key), valueBytes: value?.length ?? null },
  };
}

function originInWords({ original }: DeadLetter): string {
  return original === null ? 'unknown' : `${original.topic} ${original.partition}:${original.offset ?? '?'}`;
}

function cutHex(hex: string): string {
  return hex.length > 160 ? `${hex.slice(0, 160)}…` : hex;
}
