import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import { openRegistry } from '../../platform/registry/registry.ts';
import { topicNames, type TopicKey } from '../../platform/topics/topic-plan.ts';
import type { Place } from '../arguments.ts';
import { withLog } from '../open-log.ts';
import { bytesInWords, decodePatiently, formatInstant, recordOn } from '../show-record.ts';
import { counted, formatCount, printable } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { whoAmI } from '../who-am-i.ts';
import { collect, one, type Filter, type MarkedLetter, type Wanted } from './collect.ts';
import { placeInWords, type DeadLetter } from './dead-letter.ts';
import { marksOf, type Mark } from './marks.ts';
import { retryLetters, type Retried } from './retry.ts';

export interface ListChoice extends Filter {
  readonly limit: number;
  readonly all?: true;
}

export interface RetryChoice extends Filter {
  readonly all?: true;
  readonly attempts: number;
  readonly again?: true;
  readonly dryRun?: true;
}

export interface DismissChoice extends Filter {
  readonly all?: true;
  readonly reason: string;
}

const NONE: Wanted = new Set();
const PUT_BACK: Wanted = new Set(['put back']);
const ALL: Wanted = new Set(['put back', 'dismissed']);

/** Shows the newest dead letters. */
export async function list(options: ListChoice, context: CliContext): Promise<void> {
  const { output, signal } = context;
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const choice = { limit: options.limit, also: options.all === true ? ALL : NONE };
    const topic = topicNames(config.topics).deadLetters;
    const { letters, total, dealtWith } = await collect(log, topic, options, choice, signal);
    if (output.json) {
      for (const letter of letters) output.datum(summary(letter), '');
      return;
    }
    output.table<MarkedLetter>(
      [
        { title: 'PLACE', cell: placeInWords, align: 'right' },
        { title: 'WRITTEN (UTC)', cell: ({ writtenAt }) => formatInstant(writtenAt) },
        { title: 'CODE', cell: ({ code }) => code, paint: (words, _letter, paint) => paint.yellow(words) },
        { title: 'CAME FROM', cell: originInWords },
        { title: 'KEY', cell: ({ key }) => bytesInWords(key) ?? '–' },
        { title: 'TRIES', cell: ({ attempts }) => String(attempts), align: 'right' },
        ...(options.all === true ? [{ title: 'DEALT WITH', cell: ({ mark }: MarkedLetter) => mark?.as ?? '–' }] : []),
        { title: 'WHY', cell: ({ message }) => message, elastic: true },
      ],
      letters,
    );
    const shown = counted(total, 'dead letter');
    const rest =
      options.all === true || dealtWith === 0 ? '' : `; ${formatCount(dealtWith)} dealt with (--all shows them)`;
    output.talk(`${total === letters.length ? shown : `the newest ${letters.length} of ${shown}`}${rest}`);
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
      ...(letter.mark === undefined ? [] : [`dealt with ${markInWords(letter.mark)}`]),
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
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const topic = topicNames(config.topics).deadLetters;
    const letters = await pick(log, topic, chosen, options, options.again === true ? PUT_BACK : NONE, signal);
    const retried = await retryLetters(log, letters, {
      ...{ attemptsMax: options.attempts, again: options.again === true, dryRun: options.dryRun === true },
      ...{ deadLetters: topic, by: whoAmI(), now: Date.now(), signal },
    });
    report(retried, context);
  });
}

/** Marks dead letters as dealt with. */
export async function dismiss(chosen: readonly Place[], options: DismissChoice, context: CliContext): Promise<void> {
  const { output, signal } = context;
  const reason = options.reason.trim();
  if (reason === '') throw new Fault('USAGE', '--reason says why; it must not be empty');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const topic = topicNames(config.topics).deadLetters;
    const letters = await pick(log, topic, chosen, options, NONE, signal);
    const open = letters.filter(({ mark }) => mark === undefined);
    const mark = { as: 'dismissed', reason, by: whoAmI(), at: Date.now() } as const;
    for (const [partition, own] of Map.groupBy(open, (letter) => letter.partition)) {
      for (let at = 0; at < own.length; at += MARKS_MAX) {
        const offsets = own.slice(at, at + MARKS_MAX).map(({ offset }) => offset);
        await log.append({ topic, partition }, marksOf(offsets, mark));
      }
    }
    const before = letters.length - open.length;
    if (output.json) for (const letter of open) output.datum(summary({ ...letter, mark }), '');
    else output.words(`${counted(open.length, 'dead letter')} dismissed`);
    if (before > 0) output.talk(`${formatCount(before)} dealt with before`);
  });
}

/** Marks in one batch. */
const MARKS_MAX = 500;

/** The letters that were named, or all that the filter lets through. */
async function pick(
  log: Log,
  topic: string,
  chosen: readonly Place[],
  options: Filter & { readonly all?: true },
  also: Wanted,
  signal: AbortSignal,
): Promise<readonly MarkedLetter[]> {
  if (chosen.length > 0 === (options.all === true)) throw new Fault('USAGE', 'Name the dead letters, or say --all');
  if (options.all !== true) return each(chosen, (at) => one(log, topic, at, signal));
  return (await collect(log, topic, options, { limit: Infinity, also }, signal)).letters;
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

async function each<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const done: B[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

function summary(letter: MarkedLetter): Record<string, unknown> {
  const { partition, offset, writtenAt, original, code, message, attempts, key, value } = letter;
  return {
    ...{ partition, offset, writtenAt: new Date(writtenAt).toISOString(), code, message, original, attempts },
    ...{ key: bytesInWords(key), valueBytes: value?.length ?? null },
    mark: letter.mark === undefined ? null : { ...letter.mark, at: new Date(letter.mark.at).toISOString() },
  };
}

function markInWords({ as, reason, by, at }: Mark): string {
  return printable(`${as} ${formatInstant(at)} UTC by ${by}: ${reason}`);
}

function originInWords({ original }: DeadLetter): string {
  return original === null ? 'unknown' : `${original.topic} ${original.partition}:${original.offset ?? '?'}`;
}

function cutHex(hex: string): string {
  return hex.length > 160 ? `${hex.slice(0, 160)}…` : hex;
}
