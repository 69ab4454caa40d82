/** How far tasks and ledger have got, read from the positions of their groups. */
import { INPUTS } from '../../services/core/domain/events/header.ts';
import type { Log, TopicPartition } from '../../services/core/streams/log.ts';
import type { TopicNames } from '../../services/platform/topics/topic-plan.ts';
import { APPLICATION } from '../../services/segmenter/segmenter.ts';

const LEDGER_GROUP = 'tributary-ledger';

export class Progress {
  readonly #log: Log;
  readonly #topics: TopicNames;
  readonly #partitions: number;

  constructor(log: Log, topics: TopicNames, partitions: number) {
    this.#log = log;
    this.#topics = topics;
    this.#partitions = partitions;
  }

  places(topics: readonly string[]): readonly TopicPartition[] {
    const partitions = Array.from({ length: this.#partitions }, (_, partition) => partition);
    return topics.flatMap((topic) => partitions.map((partition) => ({ topic, partition })));
  }

  get inputs(): readonly TopicPartition[] {
    return this.places(INPUTS.map((input) => this.#topics[input]));
  }

  /** What a subscriber reads. */
  get told(): readonly TopicPartition[] {
    return this.places([this.#topics.changes, this.#topics.facts, this.#topics.deadLetters]);
  }

  /** Input records that tasks have committed, over all of history. */
  consumed(): Promise<number> {
    return this.#reached(APPLICATION, this.inputs);
  }

  /** Input records that were acknowledged and are not committed by their task. */
  waiting(): Promise<number> {
    return this.#behind(APPLICATION, this.inputs);
  }

  ledgered(): Promise<number> {
    return this.#reached(LEDGER_GROUP, this.#outputs);
  }

  ledgerBehind(): Promise<number> {
    return this.#behind(LEDGER_GROUP, this.#outputs);
  }

  get #outputs(): readonly TopicPartition[] {
    return this.places([this.#topics.facts, this.#topics.changes]);
  }

  async #reached(group: string, places: readonly TopicPartition[]): Promise<number> {
    const positions = await this.#log.groupPositions(group, places);
    return positions.reduce((sum, { offset }) => sum + Math.max(0, offset), 0);
  }

  async #behind(group: string, places: readonly TopicPartition[]): Promise<number> {
    const positions = await this.#log.groupPositions(group, places);
    const ends = await this.#log.endOffsets(places);
    return ends.reduce(
      (sum, { lastStableOffset }, index) => sum + lastStableOffset - Math.max(0, positions[index]!.offset),
      0,
    );
  }
}
