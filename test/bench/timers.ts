/**
 * Very many timers that are due at once: how long until all have fired, what live events wait meanwhile, and what a pending timer
 * takes. Each customer has done one thing a day before; all of it leaves the window within the same second. The product is
 * `tributary up` with everything on; before, its segmenter has taken the events in this process, and the ledger has caught up.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { partitionFor } from '../../services/core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { TimerIndex } from '../../services/core/streams/timers.ts';
import { eventFields } from '../../services/ingest/import/event-fields.ts';
import { LEDGER_GROUP } from '../../services/ledger/ledger.ts';
import { UpProcess } from '../faults/up-process.ts';
import { definitionOf, jobDefinitions } from './job.ts';
import { LiveProbe, running } from './live-probe.ts';
import { stateSize } from './state-size.ts';
import { takeAll } from './take-all.ts';
import { makeUpDirectory, openUpLog, SEGMENTS, type Place, type UpDirectory } from './up-directory.ts';

export interface TimersOptions extends Place {
  readonly timers: number;
  /** Live events per second beside them. */
  readonly rate: number;
  readonly warmUpSeconds: number;
  /** Of calm before. */
  readonly seconds: number;
  /** Time for the segmenter and the ledger to take the events, and for the product to start. */
  readonly prepareSeconds: number;
}

export interface TimersResult {
  readonly timers: number;
  /** From the due instant until the last change of a timer was held by a reader. */
  readonly seconds: number;
  readonly calmP50: number;
  readonly calmP99: number;
  readonly firingP50: number;
  readonly firingP99: number;
  /** Firing by calm, at the median. */
  readonly ratioP50: number;
  readonly ratioP99: number;
  /** In the index and in the table of dues. */
  readonly bytesPerTimer: number;
  /** Of the whole customer, as it rests. */
  readonly stateBytes: number;
  /** Of the product with all of them pending, resident. */
  readonly rssMb: number;
}

const WINDOW_MS = 24 * 3_600_000;
/** All are due within it. */
const SPREAD_MS = 1_000;
const FIRING_SECONDS_MAX = 600;
const BATCH_BYTES = 400_000;
const POLL_MS = 200;
/** Not the probe's: see live-probe.ts. */
const ID_PREFIX = 't';

export async function benchTimers(options: TimersOptions): Promise<TimersResult> {
  const { timers, rate, warmUpSeconds, seconds, prepareSeconds } = options;
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const dueAt = Date.now() + (prepareSeconds + warmUpSeconds + seconds) * 1000;
  try {
    const fill = async (made: UpDirectory, log: Log): Promise<void> => {
      await append(log, made, timers, dueAt - WINDOW_MS);
      await takeAll(log, made);
    };
    const made = await makeUpDirectory(directory, options, fill, [
      ...jobDefinitions(SEGMENTS),
      definitionOf(SIGNED_IN),
    ]);
    const log = await openUpLog(made.config, false);
    const { bytesMedian } = await stateSize(log, made.topics.changelog, made.config.topics.partitions);
    const up = new UpProcess(made.configFile);
    try {
      await running(up);
      await ledgerAtEnd(log, made);
      const from = dueAt - seconds * 1000;
      const warmFrom = from - warmUpSeconds * 1000;
      if (Date.now() > warmFrom)
        throw new Error(`${timers} timers took longer to prepare than the ${prepareSeconds} s that were planned`);
      await sleep(warmFrom - Date.now());
      const rssMb = Math.round(residentBytes(up.pid) / 2 ** 20);
      const probe = new LiveProbe(log, made, rate, rate);
      await sleep(dueAt - Date.now());
      // Of each customer the entry, and then the exit by its timer.
      while (probe.others.count < 2 * timers) {
        if (Date.now() > dueAt + FIRING_SECONDS_MAX * 1000)
          throw new Error(
            `only ${probe.others.count - timers} of ${timers} timers have fired after ${FIRING_SECONDS_MAX} s`,
          );
        await sleep(POLL_MS);
      }
      const { lastAt } = probe.others;
      await probe.stop();
      const [calm, firing] = [probe.between(from, dueAt), probe.between(dueAt, lastAt)];
      return {
        timers,
        seconds: Math.round((lastAt - dueAt) / 100) / 10,
        ...{ calmP50: calm.p50, calmP99: calm.p99, firingP50: firing.p50, firingP99: firing.p99 },
        ratioP50: firing.p50 / calm.p50,
        ratioP99: firing.p99 / calm.p99,
        bytesPerTimer: Math.round(indexBytes(timers) / timers),
        stateBytes: bytesMedian,
        rssMb,
      };
    } finally {
      up.kill('SIGTERM');
      await up.ended;
      await log.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const SIGNED_IN = {
  key: 'signed-in-today',
  name: 'Signed in within a day',
  enter: { count: { event: 'interaction', where: { kind: 'sign_in' }, within: '24h' }, atLeast: 1 },
};

const BLANK = eventFields('interactions').blank as unknown as Interaction;

async function append(log: Log, made: UpDirectory, customers: number, firstAt: number): Promise<void> {
  const { topics, registry } = made;
  const { partitions } = made.config.topics;
  const builders = Array.from({ length: partitions }, () => new RecordBatchBuilder());
  const flush = async (partition: number): Promise<void> => {
    const builder = builders[partition]!;
    if (builder.count === 0) return;
    await log.append({ topic: topics.interactions, partition }, builder.finish());
    builder.reset();
  };
  for (let number = 0; number < customers; number++) {
    const customerId = ID_PREFIX + String(number).padStart(7, '0');
    const at = firstAt + Math.floor((number * SPREAD_MS) / customers);
    const key = Buffer.from(customerId);
    const partition = partitionFor(key, partitions);
    const header = { eventId: `sign-in-${number}`, customerId, source: 'bench', occurredAt: at, receivedAt: at };
    const value = registry.encodeView('interaction', { ...BLANK, ...header, kind: 'sign_in', channel: 'web' });
    builders[partition]!.append(at, key, value);
    if (builders[partition]!.byteLength > BATCH_BYTES) await flush(partition);
  }
  for (let partition = 0; partition < partitions; partition++) await flush(partition);
}

/** Resolves when ClickHouse has everything, so that the calm is one. */
async function ledgerAtEnd(log: Log, { topics, config }: UpDirectory): Promise<void> {
  const places = [topics.facts, topics.changes].flatMap((topic) =>
    Array.from({ length: config.topics.partitions }, (_, partition) => ({ topic, partition })),
  );
  for (;;) {
    const ends = await log.endOffsets(places);
    const positions = await log.groupPositions(LEDGER_GROUP, places);
    const behind = ends.some(({ topic, partition, lastStableOffset }) => {
      const position = positions.find((one) => one.topic === topic && one.partition === partition);
      return (position?.offset ?? -1) < lastStableOffset && lastStableOffset > 0;
    });
    if (!behind) return;
    await sleep(POLL_MS);
  }
}

/** Of buffers, with so many timers in the index and the table its owner keeps of them. */
function indexBytes(timers: number): number {
  const before = bufferBytes();
  const dues = new Float64Array(timers);
  const index = new TimerIndex({
    dueOf: (slot) => dues[slot]!,
    compare: (a, b) => a - b,
    timersPending: timers,
    slotsEnd: timers,
    timersRebuilt: () => undefined,
  });
  for (let slot = 0; slot < timers; slot++) {
    dues[slot] = slot;
    index.push(slot, slot);
  }
  const bytes = bufferBytes() - before;
  // Still there when it was weighed.
  return index.next() === 0 ? bytes : NaN;
}

/** Without what nobody holds any more. */
function bufferBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

/** Of a process and its threads; the system tells on Linux alone, NaN elsewhere. */
function residentBytes(pid: number | undefined): number {
  if (pid === undefined || process.platform !== 'linux') return NaN;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
