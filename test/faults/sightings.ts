/** What was seen at which offset, as fingerprints: enough to find later that something is gone, other or there twice. */
import { createHash } from 'node:crypto';
import type { Log, TopicPartition } from '../../services/core/streams/log.ts';

export class Sightings {
  readonly #byPlace = new Map<string, Map<number, string>>();
  count = 0;

  /** Returns what is wrong with it: an offset that had been seen before. */
  add({ topic, partition }: TopicPartition, offset: number, print: string): string | undefined {
    const place = `${topic} ${partition}`;
    const seen = this.#byPlace.get(place) ?? new Map<number, string>();
    this.#byPlace.set(place, seen);
    if (seen.has(offset)) return `${place}@${offset} was given out twice`;
    seen.set(offset, print);
    this.count += 1;
    return undefined;
  }

  /**
   * Differences between what was seen and what the log holds now, in words. `complete`: whether all that is there must have been
   * seen too.
   */
  async compare(log: Log, place: TopicPartition, complete: boolean): Promise<readonly string[]> {
    const name = `${place.topic} ${place.partition}`;
    const seen = this.#byPlace.get(name) ?? new Map<number, string>();
    const found: string[] = [];
    let met = 0;
    for await (const { offset, print } of printsOf(log, place)) {
      const before = seen.get(offset);
      if (before !== undefined) met += 1;
      if (before === undefined ? complete : before !== print)
        found.push(`${name}@${offset} ${before === undefined ? 'was never seen' : 'was another record'}`);
    }
    if (met < seen.size) found.push(`${name}: ${seen.size - met} records that were seen are not there any more`);
    return found;
  }
}

export function printOf(key: Uint8Array | null, value: Uint8Array | null): string {
  const hash = createHash('sha1')
    .update(key ?? 'null')
    .update('|')
    .update(value ?? 'null');
  return hash.digest('base64url').slice(0, 16);
}

async function* printsOf(log: Log, place: TopicPartition): AsyncGenerator<{ offset: number; print: string }> {
  const [end] = await log.endOffsets([place]);
  let offset = end!.logStartOffset;
  while (offset < end!.lastStableOffset) {
    const [fetched] = await log.fetch([{ ...place, offset, maxBytes: 1 << 20 }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    const { records, nextOffset } = fetched!;
    for (let at = 0; at < records.length; at++)
      yield { offset: records.offset(at), print: printOf(records.key(at), records.value(at)) };
    offset = nextOffset;
  }
}
