/** Whether what a run told is what the oracle tells: the run's topics, read by `verify` itself. */
import type { Input } from '../../services/core/domain/events/header.ts';
import { Differences, type Difference } from '../../services/core/oracle/differences.ts';
import type { Batches, PartitionReaders } from '../../services/core/oracle/readers.ts';
import { verifyPartition, type PartitionCounts } from '../../services/core/oracle/verify.ts';
import { DEDUP_WINDOW_MS, LATENESS_MS, type History, type Step } from './histories.ts';
import { LiveRun, TOPICS } from './live-run.ts';

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

export async function check(run: LiveRun): Promise<{ differences: readonly Difference[]; counts: PartitionCounts }> {
  const differences = new Differences(20);
  const options = {
    topics: TOPIC_NAMES,
    sets: run.catalogue.sets,
    dedupWindowMs: DEDUP_WINDOW_MS,
    latenessMs: LATENESS_MS,
  };
  const counts = await verifyPartition(readersOf(run), options, differences);
  return { differences: differences.found, counts };
}

/** Plays a history; returns what differs, in words, or the error that ended the run. */
export async function play(history: History): Promise<readonly string[]> {
  const run = new LiveRun(history);
  try {
    run.play();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  const { differences } = await check(run);
  return differences.map(
    ({ kind, topic, offset, customerId, expected, found }) =>
      `${kind} ${topic}@${offset ?? '-'} ${customerId ?? ''}: expected ${expected}, found ${found}`,
  );
}

/** The shortest history found that still fails: steps, then founding definitions, left out as long as it fails. */
export async function shrink(history: History): Promise<History> {
  let best = history;
  for (let size = Math.ceil(history.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.steps.length;) {
      const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
      if (await fails({ ...best, steps })) best = { ...best, steps };
      else at += size;
    }
  }
  for (let at = best.founding.length - 1; at >= 0; at--) {
    const founding = best.founding.filter((_, index) => index !== at);
    if (await fails({ ...best, founding })) best = { ...best, founding };
  }
  return best;
}

async function fails(history: History): Promise<boolean> {
  return (await play(history)).length > 0;
}

/** A history a person can read: definitions as JSON, then the steps. */
export function inWords(history: History): string {
  const founding = history.founding.map((publication) => `  ${JSON.stringify(publication)}`);
  return [
    `seed ${history.seed}, ${history.mode}`,
    ...founding,
    ...history.steps.map((step) => `  ${stepInWords(step)}`),
  ].join('\n');
}

function stepInWords(step: Step): string {
  if (step.kind !== 'record') return JSON.stringify(step);
  const { customerId, eventId, occurredAt, kind, ...rest } = step.event as unknown as Record<string, unknown>;
  const told = Object.entries(rest).filter(
    ([name, value]) =>
      value !== null && !['source', 'receivedAt', 'direction', 'actor', 'handledBy', 'visibility'].includes(name),
  );
  const fields = told.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ');
  return `${step.damaged ? 'damaged ' : ''}${step.input} ${String(eventId)} of ${String(customerId)} at ${String(occurredAt)}: ${String(kind)}, ${fields}`;
}
