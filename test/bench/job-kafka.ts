/** The job on a real broker: loaded from here, worked by processes of their own (job-process.ts). */
import { fork, type ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaLogOptions } from '../../services/platform/kafka/options.ts';
import { PARTITIONS, type RecordsName } from './job-app.ts';

export interface Spent {
  /** From the start of the process. */
  readonly wallSeconds: number;
  /** User and system, all threads. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

/** How many processes worked at a time, and how many of them were killed. */
export interface Churn {
  readonly processes: number;
  readonly killed: number;
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
    ...{ transactionMs: 15_000, sessionMs: 6_000, rebalanceMs: 60_000 },
    ...{ replicationFactor: -1, compression: 'none' },
  };
}

/**
 * Runs the job until every partition is through. Of several processes one is killed and another started every few seconds: what
 * they took together then says nothing and is not told, what they wrote must be the same.
 */
export async function runOnKafka(options: JobProcessOptions, processes: number): Promise<Spent | Churn> {
  const live = new Set<number>();
  const through = Promise.withResolvers<undefined>();
  const start = (): JobProcess =>
    new JobProcess(options, (partition) => {
      live.add(partition);
      if (live.size === PARTITIONS) through.resolve(undefined);
    });
  let members = Array.from({ length: processes }, start);
  let killed = 0;
  for (;;) {
    const failed = members.map((member) => member.failed);
    const next = processes === 1 ? [] : [sleep(CHURN_MS, 'churn' as const)];
    if ((await Promise.race([through.promise, ...failed, ...next])) !== 'churn') break;
    const [oldest, ...others] = members;
    await oldest!.kill();
    killed += 1;
    members = [...others, start()];
  }
  const spent = await Promise.all(members.map((member) => member.stop()));
  if (processes > 1) return { processes, killed };
  return {
    wallSeconds: Math.max(...spent.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: spent.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakRssMb: Math.max(...spent.map(({ peakRssMb }) => peakRssMb)),
  };
}

const CHURN_MS = 12_000;

class JobProcess {
  readonly #child: ChildProcess;
  readonly #failed = Promise.withResolvers<never>();
  readonly #spent = Promise.withResolvers<Spent>();
  readonly #ended: Promise<void>;
  #killed = false;

  constructor(options: JobProcessOptions, wentLive: (partition: number) => void) {
    this.#child = fork(new URL('./job-process.ts', import.meta.url), [JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // As the command starts the product.
      env: { ...process.env, NODE_COMPILE_CACHE: getCompileCacheDir() },
    });
    this.#failed.promise.catch(() => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code) => {
        if (!this.#killed) this.#failed.reject(new Error(`the process of the job ended with ${code}`));
        resolve();
      });
    });
    this.#child.on('message', (told: Told) => {
      if ('failed' in told) this.#failed.reject(new Error(told.failed));
      else if ('live' in told) wentLive(told.live);
      else this.#spent.resolve(told);
    });
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  async kill(): Promise<void> {
    this.#killed = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<Spent> {
    this.#child.send('stop');
    const spent = await Promise.race([this.#spent.promise, this.#failed.promise]);
    await this.#ended;
    return spent;
  }
}
