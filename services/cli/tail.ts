import { partitionFor } from '../core/streams/partitioner.ts';
import type { Change } from '../core/domain/events/change.ts';
import { openRegistry, type Registry } from '../platform/registry/registry.ts';
import { topicNames, type TopicKey } from '../platform/topics/topic-plan.ts';
import { withLog } from './open-log.ts';
import { partitionsOf, readTopic, type ReadOptions, type TopicRecord } from './read-topic.ts';
import {
  bytesInWords,
  decodePatiently,
  formatInstant,
  headersOf,
  placeOf,
  recordOn,
  type Decoded,
} from './show-record.ts';
import { pad, printable } from './text.ts';
import { unknownTopic } from './unknown-topic.ts';
import type { CliContext } from './verb.ts';

export interface TailOptions {
  readonly fromBeginning?: true;
  readonly limit?: number;
  readonly follow: boolean;
  readonly key?: string;
}

/** Shows the records of a topic, named by its name or by its key in the configuration, until there is no more to show. */
export async function tail(topicWords: string, options: TailOptions, context: CliContext): Promise<void> {
  const { output, signal } = context;
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const names = topicNames(config.topics);
    const { topic, key } = topicNamed(topicWords, names);
    const [spec] = await log.describeTopics([topic]);
    // One of ours that is missing has not been created yet: reading it says so.
    if (spec === undefined && key === undefined) throw await unknownTopic(log, topic, Object.keys(names));
    const name = key === undefined ? undefined : recordOn(key);
    const registry = name === undefined ? undefined : await openRegistry(log, config);
    const wanted = options.key === undefined ? undefined : Buffer.from(options.key);
    const partitions = wanted && [partitionFor(wanted, (await partitionsOf(log, topic)).length)];
    let left = options.limit ?? Infinity;
    const from = options.fromBeginning === true || !options.follow ? 'beginning' : 'end';
    const reading: ReadOptions = { from, follow: options.follow, signal, partitions };
    for await (const record of readTopic(log, topic, reading)) {
      if (wanted && (record.key === null || !wanted.equals(record.key))) continue;
      const value = await understand(record, registry, name);
      output.datum(
        { ...placeOf(record), ...jsonOf(value), headers: headersOf(record) },
        name === 'change' && value?.record !== undefined
          ? changeInWords(value.record as Change, context)
          : recordInWords(record, value, context),
      );
      await output.drained();
      left -= 1;
      if (left <= 0) return;
    }
  });
}

function topicNamed(words: string, names: Readonly<Record<TopicKey, string>>): { topic: string; key?: TopicKey } {
  const entry = (Object.entries(names) as [TopicKey, string][]).find(([key, name]) => key === words || name === words);
  return entry === undefined ? { topic: words } : { key: entry[0], topic: entry[1] };
}

async function understand(record: TopicRecord, registry: Registry | undefined, name: ReturnType<typeof recordOn>) {
  if (registry === undefined || name === undefined || record.value === null) return undefined;
  return decodePatiently(registry, name, record.value);
}

function jsonOf(value: Decoded | undefined): Record<string, unknown> {
  if (value === undefined) return { value: null };
  if (value.fault === undefined) return { value: value.record };
  return { value: null, fault: { code: value.fault.code, message: value.fault.message } };
}

function changeInWords(change: Change, { output }: CliContext): string {
  const { paint } = output;
  const arrow = {
    entered: paint.green('→ entered'),
    exited: paint.yellow('← exited '),
    moved: paint.cyan('↔ moved  '),
  };
  const place =
    change.kind === 'moved'
      ? `${change.group ?? change.segment}: ${change.from ?? '–'} → ${change.to ?? '–'}`
      : change.segment;
  return [
    paint.dim(formatInstant(change.effectiveAt)),
    pad(printable(change.customerId), 16, 'left'),
    arrow[change.kind],
    paint.bold(pad(printable(place), 28, 'left')),
    printable(change.reason),
  ].join('  ');
}

function recordInWords(record: TopicRecord, value: Decoded | undefined, { output }: CliContext): string {
  const { paint } = output;
  const words =
    value === undefined
      ? (bytesInWords(record.value) ?? 'tombstone')
      : value.fault === undefined
        ? shortJson(value.record)
        : `${value.fault.code}: ${value.fault.message}`;
  return [
    paint.dim(formatInstant(record.timestamp)),
    paint.dim(`${record.partition}:${record.offset}`.padStart(8)),
    paint.bold(pad(printable(bytesInWords(record.key) ?? '–'), 16, 'left')),
    printable(words),
  ].join('  ');
}

/** What a record says, without what it leaves open. */
function shortJson(record: unknown): string {
  return JSON.stringify(record, (_name, value: unknown) => {
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    return value === null || isEmpty ? undefined : value;
  });
}
