/**
 * The segmenter as it runs, on the log in memory under a virtual clock, through the real wire: framed Avro in, framed Avro out.
 * One partition. Time passes only when a test lets it.
 */
import type { Change, Membership } from '../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Fact } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import { PlanSource } from '../../services/core/domain/evaluation/applied-rules.ts';
import type { Customer } from '../../services/core/domain/evaluation/customer.ts';
import { RecordBatchBuilder, type Header } from '../../services/core/streams/record-batch.ts';
import type { ReplayRequest, TaskOptions } from '../../services/core/streams/task-options.ts';
import { localRegistry, type EventRecord } from '../../services/platform/registry/registry.ts';
import { RECORD_OF_INPUT } from '../../services/platform/registry/record-schemas.ts';
import { avroWire } from '../../services/segmenter/avro-wire.ts';
import { DefinitionsFeed } from '../../services/segmenter/definitions-feed.ts';
import type { SegmenterListener, Skipped } from '../../services/segmenter/listener.ts';
import type { Incoming, SegmenterLimits } from '../../services/segmenter/processor.ts';
import { segmenterTopology } from '../../services/segmenter/topology.ts';
import { Driver, START_MS, topic, type DrivenTask, type Read } from '../driver/driver.ts';

export { START_MS };
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const TOPICS = {
  interactions: 'customer.interactions.v1',
  purchases: 'customer.purchases.v1',
  surveys: 'customer.surveys.v1',
  profiles: 'customer.profiles.v1',
  identities: 'customer.identities.v1',
  changes: 'segments.changes.v1',
  memberships: 'segments.memberships.v1',
  facts: 'customer.facts.v1',
  deadLetters: 'customer.dead-letters.v1',
  changelog: '_tributary.changelog',
} as const;
export const DEFINITIONS = 'segments.definitions.v1';

export const LIMITS: SegmenterLimits = {
  latenessMs: 7 * DAY,
  futureMs: 5 * MINUTE,
  dedupWindowMs: DAY,
  dedupIdsMax: 4096,
};

export type Entry = Readonly<Record<string, unknown>>;

/** A definition to publish: what the test does not say is as usual. */
export interface Publication {
  readonly kind?: DefinitionRecord['kind'];
  readonly key: string;
  readonly body?: Entry;
  readonly basedOn?: number | null;
  readonly effectiveFrom?: number | null;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly limits?: Partial<SegmenterLimits>;
  readonly task?: Partial<TaskOptions>;
  readonly factBytesMax?: number;
  readonly tellMemberships?: boolean;
}

/** Counts what the segmenter tells its listener. */
export class Counts implements SegmenterListener {
  readonly skips: Skipped[] = [];
  readonly notActed: string[] = [];
  readonly deadLetters: string[] = [];
  /** Per applied input: its flags that are set. */
  readonly appliedFlags: string[] = [];
  forgotten = 0;

  applied(_input: Input, flags: { late: boolean; tooLate: boolean; history: boolean }): void {
    const set = (['late', 'tooLate', 'history'] as const).filter((name) => flags[name]);
    this.appliedFlags.push(set.join(' '));
  }

  skipped(_input: Input, why: Skipped): void {
    this.skips.push(why);
  }

  deadLetter(_input: Input, code: string): void {
    this.deadLetters.push(code);
  }

  notActedOn(kind: 'identity' | 'erase'): void {
    this.notActed.push(kind);
  }

  changed(): void {
    // What changes is read from the topic.
  }

  definitionsUnread(): void {
    // The log of a driver always answers.
  }

  idsForgotten(): void {
    this.forgotten += 1;
  }
}

export class World {
  readonly driver: Driver;
  readonly registry = localRegistry();
  readonly counts = new Counts();
  feed: DefinitionsFeed;
  readonly #options: WorldOptions;
  #declared: number | undefined;
  #task: DrivenTask<Incoming, Customer> | undefined;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.driver = new Driver({ seed: options.seed ?? 1 });
    this.feed = this.#newFeed();
  }

  /** The topics on an empty log, with these definitions published. */
  static async open(publications: readonly Publication[], options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    await world.#createTopics();
    await world.publish(...publications);
    return world;
  }

  get now(): number {
    return this.driver.host.now();
  }

  get task(): DrivenTask<Incoming, Customer> {
    return this.#task!;
  }

  /** Starts a task; what was published before is in force before the first event, as soon as it is live. */
  async start(replay?: ReplayRequest): Promise<void> {
    const feed = this.#newFeed();
    await feed.read();
    this.feed = feed;
    this.#declared = replay?.declaredInstant;
    this.#task = this.driver.task(this.#topology(feed), {
      // Long waits, so that hours pass in few steps; a definition is noticed that late.
      options: { idleWaitMs: 10 * SECOND, ...this.#options.task },
      replay,
    });
    if (replay === undefined) await this.pass(2 * SECOND);
  }

  /** As `start` with a replay of everything that is there now, ending at an instant. */
  async replay(declaredInstant: number): Promise<void> {
    await this.feed.read();
    await this.start({ declaredInstant, broadcastEnd: this.feed.end });
    await this.task.caughtUp();
  }

  /** Stops the task and starts a new owner from what was committed. */
  async restart(): Promise<void> {
    await this.task.stop();
    await this.start();
  }

  async pass(ms: number): Promise<void> {
    await this.driver.host.pass(ms);
  }

  /** Lets time go on to an instant, and the task catch up with it. */
  async until(instant: number): Promise<void> {
    if (instant > this.now) await this.pass(instant - this.now);
    await this.task.caughtUp();
  }

  /** Publishes definitions; with a task running they come into force as it reaches their instant. */
  async publish(...publications: readonly Publication[]): Promise<void> {
    for (const { kind = 'segment', key, body = {}, basedOn, effectiveFrom } of publications) {
      await this.feed.read();
      const record: DefinitionRecord = {
        kind,
        key,
        basedOn: basedOn === undefined ? (this.feed.catalogue.current(key)?.offset ?? null) : basedOn,
        author: 'test',
        reason: null,
        publishedAt: this.now,
        // What stands at the beginning has always been there.
        effectiveFrom: effectiveFrom ?? (this.#task === undefined ? START_MS - HOUR : null),
        body: JSON.stringify(kind === 'segment' ? { key, name: key, ...body } : body),
      };
      const value = this.registry.encode('definition', record);
      await this.driver.append({ topic: DEFINITIONS, key, value });
    }
    await this.feed.read();
  }

  /** Appends one event, now, under its customer's id. */
  async append<I extends Input>(input: I, event: EventRecord<I>, headers: readonly Header[] = []): Promise<void> {
    const value = this.registry.encode(RECORD_OF_INPUT[input], event);
    await this.driver.append({ topic: TOPICS[input], key: event.customerId, value, headers });
  }

  /** Appends a record as it is, whatever is wrong with it. */
  async appendRaw(
    input: Input,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[] = [],
  ): Promise<void> {
    const builder = new RecordBatchBuilder();
    builder.append(this.now, key, value, undefined, headers);
    await this.driver.log.append({ topic: TOPICS[input], partition: 0 }, builder.finish());
  }

  /** Appends events one by one and lets the task catch up after each. */
  async send<I extends Input>(input: I, ...events: readonly EventRecord<I>[]): Promise<void> {
    for (const event of events) {
      await this.append(input, event);
      await this.task.caughtUp();
    }
  }

  async changes(): Promise<readonly Change[]> {
    return (await this.read('changes')).map(({ value }) => this.registry.decode('change', value));
  }

  async facts(): Promise<readonly Fact[]> {
    return (await this.read('facts')).map(({ value }) => this.registry.decode('fact', value));
  }

  async memberships(): Promise<readonly Membership[]> {
    return (await this.read('memberships')).map(({ value }) => this.registry.decode('membership', value));
  }

  read(name: keyof typeof TOPICS): Promise<readonly Read[]> {
    return this.driver.read(TOPICS[name]);
  }

  /** A customer as the running task has it. */
  customer(id: string): Customer {
    return this.task.task.state!.get(id)!;
  }

  /** As `topics apply` makes them: facts and dead letters have room around an input. */
  #createTopics(): Promise<void> {
    const { inputs, outputs } = this.#topology(this.feed);
    const roomy = { maxMessageBytes: 1_048_576 + 262_144 };
    const { factBytesMax } = this.#options;
    return this.driver.log.createTopics([
      ...inputs.map((name) => topic(name, 1, { timestampType: 'LogAppendTime' })),
      ...outputs.map((name) => topic(name, 1, roomy)).filter(({ name }) => name !== TOPICS.facts),
      topic(TOPICS.facts, 1, factBytesMax === undefined ? roomy : { maxMessageBytes: factBytesMax }),
      topic(TOPICS.changelog, 1, { cleanup: 'compact', ...roomy }),
      topic(DEFINITIONS, 1, {}),
    ]);
  }

  #newFeed(): DefinitionsFeed {
    return new DefinitionsFeed(this.driver.log, DEFINITIONS, (value) => this.registry.decode('definition', value), {
      effectiveAfterMs: 5 * SECOND,
      zone: 'UTC',
    });
  }

  #topology(feed: DefinitionsFeed) {
    return segmenterTopology('tributary', TOPICS, feed, {
      wire: avroWire(this.registry),
      plans: new PlanSource(),
      limits: { ...LIMITS, ...this.#options.limits },
      listener: this.counts,
      declaredInstant: this.#declared,
      tellMemberships: this.#options.tellMemberships ?? true,
    });
  }
}

/** Everything of these inputs is whole since always (E3). */
export function whole(...inputs: readonly ('interactions' | 'purchases' | 'surveys')[]): Publication[] {
  return inputs.map((input) => ({
    kind: 'coverage',
    key: `coverage-${input}`,
    body: { input, kinds: '*', since: 'always' },
  }));
}

/** A change in one line: what, when, why. Instants relative to the start of the world. */
export function line({ kind, segment, effectiveAt, cause }: Change): string {
  return `${kind} ${segment} at ${effectiveAt - START_MS} by ${cause}`;
}
