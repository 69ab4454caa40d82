/** Whether what a run told is what the oracle tells: the run's topics, read by `verify` itself. */
import type { Input } from '../../services/core/domain/events/header.ts';
import type { CustomerOracle } from '../../services/core/oracle/history.ts';
import { Differences, type Difference } from '../../services/core/oracle/differences.ts';
import type { Batches, PartitionReaders } from '../../services/core/oracle/readers.ts';
import { verifyPartition, type PartitionCounts } from '../../services/core/oracle/verify.ts';
import { DEDUP_WINDOW_MS, LATENESS_MS } from './histories.ts';
import { TOPICS, type LiveRun } from './live-run.ts';

const TOPIC_NAMES = { inputs: TOPICS, facts: 'f', changes: 'c', memberships: 'm', changelog: 'l' } as const;

async function* inOne<T>(values: readonly T[]): Batches<T> {
  await Promise.resolve();
  yield values;
}

export function readersOf(run: LiveRun): PartitionReaders {
  const positions = Object.fromEntries(
    Object.entries(run.inputs).map(([input, records]) => [input, records.length]),
  ) as Record<Input, number>;
  const customers = new Set(run.customers().map(({ profile }) => profile.key));
  return {
    partition: 0,
    task: {
      positions,
      clock: run.clock,
      rulesOffset: run.rulesOffset,
      rulesHistory: run.rulesMeta,
      standing: (customerId) => {
        const known = customers.has(customerId);
        return known ? { timersThrough: run.clock, rulesOffset: run.rulesOffset } : undefined;
      },
    },
    inputs: (input) =>
      inOne(
        run.inputs[input].map(({ offset, timestamp, event }) => ({
          offset,
          timestamp,
          mark: false,
          event: () => event,
        })),
      ),
    facts: () => inOne(run.facts),
    changes: () => inOne(run.changes),
    memberships: () => inOne(run.memberships),
    deadLetters: () => inOne(run.deadLetters),
    profiles: () =>
      inOne(
        run.customers().map(({ profile }) => ({
          customerId: profile.key,
          seq: profile.seq,
          asOf: profile.rulesOffset === run.rulesOffset ? profile.asOf : null,
          segments: profile.held.numbers,
        })),
      ),
  };
}

export interface Checked {
  readonly differences: readonly Difference[];
  readonly counts: PartitionCounts;
  /** Where the run stands, of each customer the oracle agrees about. */
  readonly oracles: ReadonlyMap<string, CustomerOracle>;
}

export async function check(run: LiveRun): Promise<Checked> {
  const differences = new Differences(20);
  const oracles = new Map<string, CustomerOracle>();
  const options = {
    topics: TOPIC_NAMES,
    sets: run.catalogue.sets,
    dedupWindowMs: DEDUP_WINDOW_MS,
    latenessMs: LATENESS_MS,
    settled: (customerId: string, oracle: CustomerOracle) => oracles.set(customerId, oracle),
  };
  const counts = await verifyPartition(readersOf(run), options, differences);
  return { differences: differences.found, counts, oracles };
}
