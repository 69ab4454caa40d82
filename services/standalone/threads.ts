/** The segmenter in threads of this process, seen from the main thread as one. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault } from '../core/faults.ts';
import type { TaskGauges } from '../core/streams/listener.ts';
import type { Config } from '../platform/config/options.ts';
import type { Dependency } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import type { Metrics, MetricValues } from '../platform/telemetry/metrics.ts';
import type { RunningSegmenter } from '../segmenter/segmenter.ts';
import { heard, type FromThread, type ThreadOptions, type ToThread } from './thread-words.ts';

export interface ThreadsOptions extends ThreadOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly registryHealth: Dependency;
  readonly wentLive: (partition: number) => void;
}

const ENTRY = new URL(`./segmenter-thread${extname(import.meta.url)}`, import.meta.url);

/** Throws what the first thread that cannot start says. */
export async function startThreads(options: ThreadsOptions): Promise<RunningSegmenter> {
  const threads = Array.from({ length: options.config.segmenter.threads }, () => new Thread(options));
  const failed = Promise.race(threads.map((thread) => thread.failed));
  failed.catch(() => undefined);
  const stop = async (withinMs: number): Promise<boolean> => {
    const drained = await Promise.all(threads.map((thread) => thread.stop(withinMs)));
    return drained.every(Boolean);
  };
  try {
    await Promise.race([Promise.all(threads.map((thread) => thread.started)), failed]);
  } catch (error) {
    await stop(0);
    throw error;
  }
  for (const thread of threads) options.metrics.joinedBy(() => thread.metrics());
  return {
    failed,
    gauges: () => new Map(threads.flatMap((thread) => [...thread.gauges])),
    stop,
  };
}

class Thread {
  /** As last said, at most a second old. */
  gauges: ReadonlyMap<number, TaskGauges> = new Map();
  readonly #worker: Worker;
  readonly #started = Promise.withResolvers<undefined>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #ended = Promise.withResolvers<boolean>();
  readonly #questions = new Map<number, (values: MetricValues) => void>();
  #asked = 0;
  #stopping = false;

  constructor(options: ThreadsOptions) {
    const { config, replayUntil } = options;
    this.#worker = new Worker(ENTRY, { workerData: { config, replayUntil } satisfies ThreadOptions });
    this.#failed.promise.catch(() => undefined);
    this.#worker.on('message', (what: FromThread) => this.#hear(what, options));
    this.#worker.on('error', (error) => this.#failed.reject(error));
    this.#worker.once('exit', () => {
      if (!this.#stopping) this.#failed.reject(new Fault('PROCESSING_FAILED', 'A thread that ran tasks has ended'));
      this.#ended.resolve(false);
      // Whoever waits for its metrics goes on without them.
      for (const answer of this.#questions.values()) answer([]);
    });
  }

  get started(): Promise<undefined> {
    return this.#started.promise;
  }

  /** Rejects with the fault that ends the thread. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  metrics(): Promise<MetricValues> {
    if (this.#stopping) return Promise.resolve([]);
    this.#asked += 1;
    const question = this.#asked;
    this.#say({ kind: 'metrics', question });
    return new Promise((resolve) => this.#questions.set(question, resolve));
  }

  async stop(withinMs: number): Promise<boolean> {
    this.#stopping = true;
    this.#say({ kind: 'stop', withinMs });
    const over = setTimeout(() => void this.#worker.terminate(), withinMs + 1_000);
    const drained = await this.#ended.promise;
    clearTimeout(over);
    return drained;
  }

  #say(what: ToThread): void {
    this.#worker.postMessage(what);
  }

  #hear(what: FromThread, { logger, registryHealth, wentLive }: ThreadsOptions): void {
    switch (what.kind) {
      case 'started':
        this.#started.resolve(undefined);
        return;
      case 'live':
        wentLive(what.partition);
        return;
      case 'gauges':
        this.gauges = what.gauges;
        return;
      case 'registry':
        if (what.condition === 'ok' || what.fault === undefined) registryHealth.ok();
        else registryHealth[what.condition](heard(what.fault));
        return;
      case 'line':
        logger.passOn(what.line);
        return;
      case 'metrics':
        this.#questions.get(what.question)?.(what.values);
        this.#questions.delete(what.question);
        return;
      case 'failed':
        this.#failed.reject(heard(what.fault));
        return;
      case 'stopped':
        this.#ended.resolve(what.drained);
        return;
    }
  }
}
