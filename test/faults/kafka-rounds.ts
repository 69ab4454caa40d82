/**
 * Rounds on a real Kafka: several processes share the tasks; one of them, chosen at random, is killed at a random moment of running
 * work and replaced; in a third of the rounds the broker is killed too and started again. One ClickHouse, outside of them all, holds
 * the ledger. A sender and a read-committed reader go on throughout. At the end everything comes to rest and is compared, as in
 * rounds.ts.
 *
 * A round counts when its kill hit running work: something was committed since the round began, and then either records were waiting
 * or a task of the victim was committing.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resetInstance, startInstance, stopInstance } from '../../infra/local-kafka/instance.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import { startChdb, type Chdb } from '../../services/platform/clickhouse/chdb.ts';
import { loadConfig } from '../../services/platform/config/load.ts';
import type { Config } from '../../services/platform/config/options.ts';
import { openConfiguredKafkaLog } from '../../services/platform/kafka/configured-log.ts';
import { openRegistry } from '../../services/platform/registry/registry.ts';
import { applyTopics } from '../../services/platform/topics/apply-topics.ts';
import { topicNames } from '../../services/platform/topics/topic-plan.ts';
import { compare, verify } from './judge.ts';
import { Progress } from './progress.ts';
import { RandomEvents } from './random-events.ts';
import { RandomRules } from './random-rules.ts';
import type { TortureOptions, TortureResult } from './rounds.ts';
import { Traffic } from './traffic.ts';
import { UpProcess } from './up-process.ts';
import { Witness } from './witness.ts';

const PROCESSES = 3;
const BROKER_SHARE = 1 / 3;
const KILL_AFTER_MS = [50, 1_500] as const;
const POLL_MS = 20;
const WORK_MS_MAX = 120_000;
const REST_MS_MAX = 180_000;
const SETTLE_MS = 7_000;
const FAILURES_SHOWN = 20;

/** What makes waiting short; the rest is as it comes. */
const SETTINGS = {
  'group.min.session.timeout.ms': '500',
  'log.cleaner.backoff.ms': '100',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
};

export async function tortureKafka(options: TortureOptions): Promise<TortureResult> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true });
  const broker = new Broker(join(directory, 'kafka'));
  await broker.start();
  let clean = false;
  const engine = await startChdb({ directory: join(directory, 'analytics'), database: 'tributary' });
  try {
    const configFiles = Array.from({ length: PROCESSES }, (_, number) =>
      configure(directory, number, broker.address, engine),
    );
    const { config } = loadConfig({ file: configFiles[0]!, environment: {}, workingDirectory: directory });
    const log = await openConfiguredKafkaLog(config.kafka);
    try {
      await applyTopics(log, config, Date.now);
      const result = await new KafkaTorture(options, configFiles, config, log, broker).run();
      clean = result.failures.length === 0;
      return result;
    } finally {
      await log.close();
    }
  } finally {
    await engine.close();
    // What went wrong is looked at where it lies.
    await (clean ? broker.end() : broker.stop());
  }
}

function configure(directory: string, number: number, brokers: string, engine: Chdb): string {
  const place = join(directory, `process-${number}`);
  mkdirSync(place, { recursive: true });
  const file = join(place, 'torture.yaml');
  const lines = [
    `data: { directory: ${join(place, 'data')} }`,
    'http: { port: 0 }',
    'log: { kind: kafka }',
    `kafka: { brokers: "${brokers}", sessionMs: 3s, retryMs: 2m, transactionMs: 10s, clientId: torture-${number} }`,
    `clickhouse: { url: "${engine.url}", user: owner, password: ${engine.ownerSecret} }`,
    'ledger: { batchMs: 100ms }',
    'definitions: { effectiveAfterMs: 1s }',
    'logging: { level: debug }',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

class Broker {
  address = '';
  readonly #directory: string;
  #pid = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** On the same ports and data as before. */
  async start(): Promise<void> {
    const { kafka } = await startInstance(this.#directory, {
      ports: { kafka: 0, controller: 0, registry: 0 },
      registry: false,
      settings: SETTINGS,
    });
    this.address = kafka!.address;
    this.#pid = kafka!.pid!;
  }

  kill(): void {
    process.kill(this.#pid, 'SIGKILL');
  }

  stop(): Promise<void> {
    return stopInstance(this.#directory);
  }

  end(): Promise<void> {
    return resetInstance(this.#directory);
  }
}

class KafkaTorture {
  readonly #options: TortureOptions;
  readonly #configFiles: readonly string[];
  readonly #config: Config;
  readonly #log: Log;
  readonly #broker: Broker;
  readonly #progress: Progress;
  readonly #random: Random;
  readonly #processes: UpProcess[];
  readonly #failures: string[] = [];
  readonly #warnings = new Map<string, number>();
  #kills = 0;
  #hits = 0;
  #brokerKills = 0;
  #whileCommitting = 0;

  constructor(options: TortureOptions, configFiles: readonly string[], config: Config, log: Log, broker: Broker) {
    this.#options = options;
    this.#configFiles = configFiles;
    this.#config = config;
    this.#log = log;
    this.#broker = broker;
    this.#progress = new Progress(log, topicNames(config.topics), config.topics.partitions);
    this.#random = seededRandom(options.seed, 'rounds');
    this.#processes = configFiles.map((file) => new UpProcess(file));
  }

  async run(): Promise<TortureResult> {
    try {
      return await this.#run();
    } finally {
      for (const up of this.#processes) up.kill('SIGKILL');
    }
  }

  async #run(): Promise<TortureResult> {
    const { seed, rounds, say } = this.#options;
    const registry = await openRegistry(this.#log, this.#config);
    const rules = new RandomRules(seed, this.#log, this.#config);
    await rules.found();
    const witness = await Witness.start(this.#log, this.#progress.told);
    const events = new RandomEvents(seed, randomUUID(), registry);
    const { topics } = this.#config;
    const target = { log: this.#log, topics: topicNames(topics), partitions: topics.partitions };
    const traffic = new Traffic(target, events, seed, () => this.#progress.waiting());
    const kills = 2 * rounds + 10;
    while (this.#hits < rounds && this.#kills < kills && this.#failures.length === 0) {
      if (this.#random.chance(0.3)) await rules.change();
      await this.#round(traffic);
    }
    if (this.#hits < rounds) this.#failures.push(`only ${this.#hits} of ${this.#kills} kills hit running work`);
    await traffic.stop();
    say('Coming to rest, then comparing …');
    await this.#rest();
    await witness.finish();
    this.#failures.push(...(await verify(this.#configFiles[0]!, say)));
    this.#failures.push(...(await compare(this.#log, this.#progress, witness, traffic)));
    return {
      ...{ kills: this.#kills, hits: this.#hits, engineKills: this.#brokerKills },
      ...{ whileCommitting: this.#whileCommitting, acknowledged: traffic.acknowledged.count, seen: witness.seen.count },
      ...{ published: rules.published, warnings: this.#warnings, failures: this.#failures },
    };
  }

  async #round(traffic: Traffic): Promise<void> {
    const startedAt = performance.now();
    const before = await this.#progress.consumed();
    traffic.assertSending();
    if (!(await this.#until(WORK_MS_MAX, async () => (await this.#progress.consumed()) > before)))
      this.#failures.push(`nothing was committed within ${WORK_MS_MAX / 1000} s`);
    const busyMs = performance.now() - startedAt;
    const afterMs = KILL_AFTER_MS[0] + this.#random.below(KILL_AFTER_MS[1] - KILL_AFTER_MS[0]);
    const withBroker = this.#random.chance(BROKER_SHARE);
    const number = this.#random.below(PROCESSES);
    await sleep(afterMs);
    const waiting = await this.#progress.waiting();
    const consumed = (await this.#progress.consumed()) - before;
    const victim = this.#processes[number]!;
    if (!victim.alive) this.#failures.push(`process ${number} ended by itself`);
    if (withBroker) this.#broker.kill();
    victim.kill('SIGKILL');
    await victim.ended;
    this.#note(victim);
    const { committing } = victim;
    // A process that starts while there is no broker says so and ends: whoever supervises it starts it again.
    if (withBroker) await this.#broker.start();
    this.#processes[number] = new UpProcess(this.#configFiles[number]!);
    this.#kills += 1;
    if (withBroker) this.#brokerKills += 1;
    const hit = consumed > 0 && (waiting > 0 || committing > 0);
    if (hit) this.#hits += 1;
    if (hit && committing > 0) this.#whileCommitting += 1;
    this.#options.say(
      `round ${String(this.#kills).padStart(3)}  ${hit ? 'hit ' : 'miss'}  process ${number} of ${victim.stages.size} tasks` +
        `${withBroker ? ' and the broker' : ''}, ${String(afterMs).padStart(4)} ms after the first commit ` +
        `(${(busyMs / 1000).toFixed(1)} s): ${consumed} records taken, ${waiting} waiting, ${committing} committing`,
    );
  }

  /** Everything that was sent is worked, the ledger has it, and the short windows are over; then all stop as asked. */
  async #rest(): Promise<void> {
    let restedSince = Infinity;
    const rested = await this.#until(REST_MS_MAX, async () => {
      const quiet = (await this.#progress.waiting()) === 0 && (await this.#progress.ledgerBehind()) === 0;
      restedSince = quiet ? Math.min(restedSince, performance.now()) : Infinity;
      return performance.now() - restedSince >= SETTLE_MS;
    });
    if (!rested) {
      const [waiting, behind] = [await this.#progress.waiting(), await this.#progress.ledgerBehind()];
      this.#failures.push(`no rest: ${waiting} records wait, the ledger is ${behind} behind`);
    }
    for (const up of this.#processes) up.kill('SIGTERM');
    const ends = await Promise.all(this.#processes.map((up) => up.ended));
    ends.forEach((end, number) => {
      if (end !== 0) this.#failures.push(`asked to stop, process ${number} ended with ${end}`);
    });
    for (const up of this.#processes) this.#note(up);
  }

  /** A broker that is killed makes every process complain; errors that stopped nothing are told, not judged. */
  #note(up: UpProcess): void {
    for (const { message, line } of up.errors) {
      if (this.#brokerKills > 0) up.warn(message);
      else if (this.#failures.length < FAILURES_SHOWN) this.#failures.push(`it said: ${line}`);
    }
    for (const [message, count] of up.warnings) this.#warnings.set(message, (this.#warnings.get(message) ?? 0) + count);
    const name = `up-${this.#kills}-${this.#processes.indexOf(up)}.log`;
    writeFileSync(join(this.#options.directory, name), `${up.lines.join('\n')}\n`);
  }

  async #until(msMax: number, isSo: () => Promise<boolean>): Promise<boolean> {
    const deadline = performance.now() + msMax;
    while (performance.now() < deadline) {
      const dead = this.#processes.findIndex((up) => !up.alive);
      if (dead >= 0) {
        this.#failures.push(`process ${dead} ended by itself with ${await this.#processes[dead]!.ended}`);
        this.#note(this.#processes[dead]!);
        return false;
      }
      if (await isSo()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }
}
