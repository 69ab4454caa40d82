/** The job on a real broker: loaded from here, worked by processes of their own (job-process.ts). */
import { fork } from 'node:child_process';
import type { KafkaLogOptions } from '../../services/platform/kafka/options.ts';
import { PARTITIONS, type RecordsName } from './job-app.ts';

export interface Spent {
  /** From the start of the process. */
  readonly wallSeconds: number;
  /** User and system, all threads. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

export interface JobProcessOptions {
  readonly brokers: string;
  readonly prefix: string;
  readonly lastInstant: number;
  readonly records: RecordsName;
  readonly threads: number;
}

export type Told = { readonly live: number } | { readonly failed: string } | Spent;

export function jobKafka(brokers: string, prefix: string): KafkaLogOptions {
  return {
    ...{ brokers: brokers.split(','), clientId: 'tributary-bench', idPrefix: prefix },
    ...{ connectMs: 10_000, requestMs: 30_000, retryMs: 60_000 },
    ...{ transactionMs: 15_000, sessionMs: 30_000, rebalanceMs: 60_000 },
    ...{ replicationFactor: -1, compression: 'none' },
  };
}

/** Runs the job until every partition is through. */
export async function runOnKafka(options: JobProcessOptions): Promise<Spent> {
  const child = fork(new URL('./job-process.ts', import.meta.url), [JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const live = new Set<number>();
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process of the job ended with ${code}`)));
    child.on('message', (told: Told) => {
      if ('failed' in told) reject(new Error(told.failed));
      else if ('live' in told) {
        live.add(told.live);
        if (live.size === PARTITIONS) child.send('stop');
      } else resolve(told);
    });
  });
}
