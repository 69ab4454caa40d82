/**
 * Lines of JSON to acknowledged events. Lines are taken as they come: what one chunk of the stream holds is appended
 * together and acknowledged (flushed) before the next is read, so that a slow stream is fast and a fast one is batched.
 */
import { Buffer } from 'node:buffer';
import type { Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { Log, TopicSpec } from '../../core/streams/log.ts';
import { partitionFor } from '../../core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { RECORD_OF_INPUT } from '../../platform/registry/record-schemas.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import type { EventMistake } from '../../platform/registry/validate.ts';
import { doubtsOf, type EventBounds } from './doubts.ts';
import { eventFromJson, type EventDefaults } from './event-from-json.ts';

/** A line there is something to say about. */
export interface ToldLine {
  /** From 1. */
  readonly line: number;
  /** Why it was refused; empty when it was sent. */
  readonly mistakes: readonly EventMistake[];
  /** Why it will not do what is expected of it, though it was sent. */
  readonly doubts: readonly EventMistake[];
}

export interface SenderTarget {
  readonly log: Log;
  readonly registry: Registry;
  readonly input: Input;
  readonly topic: string;
  /** What is filled in; `now` is ms UTC. */
  readonly defaults: Omit<EventDefaults, 'receivedAt' | 'currency'> & { readonly now: () => number };
  readonly bounds: EventBounds;
}

const BATCH_BYTES = 256 * 1024;
/** A batch is closed this far below the topic's bound. */
const MARGIN_BYTES = 16 * 1024;

export class EventSender {
  readonly #target: SenderTarget;
  readonly #spec: TopicSpec;
  readonly #builders: readonly RecordBatchBuilder[];
  acknowledged = 0;
  refused = 0;
  /** Of those acknowledged. */
  doubtful = 0;

  /** Throws TOPIC_UNKNOWN. */
  static async open(target: SenderTarget): Promise<EventSender> {
    const [spec] = await target.log.describeTopics([target.topic]);
    if (spec !== undefined) return new EventSender(target, spec);
    throw new Fault('TOPIC_UNKNOWN', `There is no topic ${target.topic}`, { facts: { topic: target.topic } });
  }

  private constructor(target: SenderTarget, spec: TopicSpec) {
    this.#target = target;
    this.#spec = spec;
    this.#builders = Array.from({ length: spec.partitions }, () => new RecordBatchBuilder());
  }

  /** Sends lines that belong together; empty ones are passed over. Resolves when all that were not refused are flushed. */
  async send(lines: readonly { readonly line: number; readonly words: string }[]): Promise<readonly ToldLine[]> {
    const told: ToldLine[] = [];
    for (const { line, words } of lines) {
      if (words.trim() === '') continue;
      const { mistakes, doubts } = await this.#add(words);
      if (mistakes.length > 0) this.refused += 1;
      else if (doubts.length > 0) this.doubtful += 1;
      if (mistakes.length + doubts.length > 0) told.push({ line, mistakes, doubts });
    }
    for (const partition of this.#builders.keys()) await this.#flush(partition);
    return told;
  }

  async #add(words: string): Promise<Omit<ToldLine, 'line'>> {
    const { registry, input, defaults, bounds } = this.#target;
    const json = parse(words);
    if ('mistake' in json) return refusal([{ field: '', message: json.mistake }]);
    const now = defaults.now();
    const read = eventFromJson(input, json.value, { ...defaults, receivedAt: now, currency: bounds.currency });
    if (read.mistakes !== undefined) return refusal(read.mistakes);
    const { event } = read;
    const value = registry.encodeView(RECORD_OF_INPUT[input], event);
    const key = Buffer.from(event.customerId);
    const bytesMax = this.#spec.maxMessageBytes - MARGIN_BYTES;
    if (key.length + value.length > bytesMax) {
      return refusal([{ field: '', message: `is ${value.length} bytes long; at most ${bytesMax} are accepted` }]);
    }
    const partition = partitionFor(key, this.#spec.partitions);
    const builder = this.#builders[partition]!;
    if (builder.count > 0 && builder.byteLength + key.length + value.length > Math.min(BATCH_BYTES, bytesMax)) {
      await this.#flush(partition);
    }
    builder.append(event.occurredAt, key, value);
    return { mistakes: [], doubts: doubtsOf(input, event, now, bounds) };
  }

  async #flush(partition: number): Promise<void> {
    const builder = this.#builders[partition]!;
    const { count } = builder;
    if (count === 0) return;
    await this.#target.log.append({ topic: this.#target.topic, partition }, builder.finish());
    builder.reset();
    this.acknowledged += count;
  }
}

function refusal(mistakes: readonly EventMistake[]): Omit<ToldLine, 'line'> {
  return { mistakes, doubts: [] };
}

function parse(words: string): { readonly value: unknown } | { readonly mistake: string } {
  try {
    return { value: JSON.parse(words) };
  } catch {
    // The parser's own message would quote the line.
    return { mistake: 'is no JSON' };
  }
}
