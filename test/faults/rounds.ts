/**
 * Rounds of: start, work, `kill -9`. The data directory is kept over all of them; a sender and a reader go on throughout.
 * At the end it comes to rest, stops as asked, and everything is compared: `verify` recomputes journal, state, changes and
 * ClickHouse; what the reader was given and what the sender had acknowledged must stand in the log, each once.
 *
 * A round counts when its kill hit running work: something was committed since the start, and then either records were
 * waiting that had been acknowledged to the sender, or a task was between `begin` and the end of `commit`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../services/core/streams/log.ts';
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import { loadConfig } from '../../services/platform/config/load.ts';
import type { Config } from '../../services/platform/config/options.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import { openRegistry } from '../../services/platform/registry/registry.ts';
import { applyTopics } from '../../services/platform/topics/apply-topics.ts';
import { topicNames } from '../../services/platform/topics/topic-plan.ts';
import { compare, verify } from './judge.ts';
import { Progress } from './progress.ts';
import { RandomEvents } from './random-events.ts';
import { RandomRules } from './random-rules.ts';
import { Traffic } from './traffic.ts';
import { UpProcess } from './up-process.ts';
import { Witness } from './witness.ts';

export interface TortureOptions {
  /** Kills that must hit running work. */
  readonly rounds: number;
  readonly seed: number;
  /** Made if it is not there; kept. */
  readonly directory: string;
  readonly say: (line: string) => void;
}

export interface TortureResult {
  readonly kills: number;
  readonly hits: number;
  /** Of the analytics engine; on Kafka of the broker. */
  readonly engineKills: number;
  /** Of the hits: kills between `begin` and the end of `commit` of at least one task. */
  readonly whileCommitting: number;
  readonly acknowledged: number;
  readonly seen: number;
  readonly published: number;
  readonly warnings: ReadonlyMap<string, number>;
  /** Empty when everything is as it must be. */
  readonly failures: readonly string[];
}

const KILL_AFTER_MS = [50, 1_500] as const;
const POLL_MS = 10;
const START_MS_MAX = 60_000;
const REST_MS_MAX = 120_000;
/** Longest of the short windows, and the clock's delay: after it, nothing of this run is due any more. */
const SETTLE_MS = 7_000;
/** Rounds in which the kill waits until the ledger has written: its engine takes longer to open than tasks to work. */
const LEDGER_SHARE = 0.2;
const HOW = { process: 75, engineFirst: 15, both: 10 } as const;
const FAILURES_SHOWN = 20;

export async function torture(options: TortureOptions): Promise<TortureResult> {
  const { configFile, config } = configure(options.directory);
  const log = await prepare(config);
  try {
    return await new Torture(options, configFile, config, log).run();
  } finally {
    await log.close();
  }
}

/** Small batches and frequent housework: more steps for a kill to fall between. */
function configure(directory: string): { readonly configFile: string; readonly config: Config } {
  mkdirSync(directory, { recursive: true });
  const configFile = join(directory, 'torture.yaml');
  const lines = [
    'data: { directory: data }',
    'http: { port: 0 }',
    'log: { maintenanceMs: 1s }',
    'ledger: { batchMs: 100ms }',
    'definitions: { effectiveAfterMs: 1s }',
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return { configFile, config: loadConfig({ file: configFile, environment: {}, workingDirectory: directory }).config };
}

async function prepare(config: Config): Promise<EmbeddedLog> {
  const directory = join(config.data.directory, 'log');
  const owned = await openEmbeddedLog({ directory, owner: true });
  try {
    await applyTopics(owned, config, Date.now);
  } finally {
    await owned.close();
  }
  return openEmbeddedLog({ directory, owner: false });
}

class Torture {
  readonly #options: TortureOptions;
  readonly #configFile: string;
  readonly #config: Config;
  readonly #log: Log;
  readonly #progress: Progress;
  readonly #random: Random;
  readonly #failures: string[] = [];
  readonly #warnings = new Map<string, number>();
  #kills = 0;
  #hits = 0;
  #engineKills = 0;
  #whileCommitting = 0;

  constructor(options: TortureOptions, configFile: string, config: Config, log: Log) {
    this.#options = options;
    this.#configFile = configFile;
    this.#config = config;
    this.#log = log;
    this.#progress = new Progress(log, topicNames(config.topics), config.topics.partitions);
    this.#random = seededRandom(options.seed, 'rounds');
  }

  async run(): Promise<TortureResult> {
    const { seed, rounds, say } = this.#options;
    const registry = await openRegistry(this.#log, this.#config);
    const rules = new RandomRules(seed, this.#log, this.#config);
    await rules.found();
    const witness = await Witness.start(this.#log, this.#progress.told);
    const events = new RandomEvents(seed, `${seed}-${Date.now()}`, registry);
    const { topics } = this.#config;
    const target = { log: this.#log, topics: topicNames(topics), partitions: topics.partitions };
    const traffic = new Traffic(target, events, seed, () => this.#progress.waiting());
    // A kill that falls into a quiet moment is a round more; that many of them would be a mistake of this program.
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
    this.#failures.push(...(await verify(this.#configFile, say)));
    this.#failures.push(...(await compare(this.#log, this.#progress, witness, traffic)));
    return {
      ...{ kills: this.#kills, hits: this.#hits, engineKills: this.#engineKills },
      ...{ whileCommitting: this.#whileCommitting, acknowledged: traffic.acknowledged.count, seen: witness.seen.count },
      ...{ published: rules.published, warnings: this.#warnings, failures: this.#failures },
    };
  }

  async #round(traffic: Traffic): Promise<void> {
    const startedAt = performance.now();
    const before = await this.#progress.consumed();
    const ledgerBefore = this.#random.chance(LEDGER_SHARE) ? await this.#progress.ledgered() : -1;
    traffic.assertSending();
    const up = new UpProcess(this.#configFile);
    // Positions alone could have moved before it: a kill between the flush of a transaction and its showing leaves it to the
    // next writer to show it.
    const busy = async (): Promise<boolean> =>
      up.commits > 0 &&
      (await this.#progress.consumed()) > before &&
      (ledgerBefore < 0 || (await this.#progress.ledgered()) > ledgerBefore);
    if (!(await this.#until(up, START_MS_MAX, busy)))
      this.#failures.push(`nothing was committed within ${START_MS_MAX / 1000} s of a start`);
    const busyMs = performance.now() - startedAt;
    const afterMs = KILL_AFTER_MS[0] + this.#random.below(KILL_AFTER_MS[1] - KILL_AFTER_MS[0]);
    const how = this.#random.weighted(HOW);
    let engine = false;
    if (how === 'engineFirst') {
      await sleep(afterMs / 2);
      engine = up.killEngine();
      await sleep(afterMs / 2);
    } else await sleep(afterMs);
    if (!up.alive) this.#failures.push('it ended by itself');
    // Both within one turn: neither sees the other go.
    if (how === 'both') engine = up.killEngine();
    up.kill('SIGKILL');
    await up.ended;
    this.#kills += 1;
    if (engine) this.#engineKills += 1;
    this.#note(up, engine);

    const consumed = (await this.#progress.consumed()) - before;
    const waiting = await this.#progress.waiting();
    const hit = consumed > 0 && (waiting > 0 || up.committing > 0);
    if (hit) this.#hits += 1;
    if (hit && up.committing > 0) this.#whileCommitting += 1;
    const doing = up.committing > 0 ? `, ${up.committing} of ${up.stages.size} tasks committing` : '';
    this.#options.say(
      `round ${String(this.#kills).padStart(3)}  ${hit ? 'hit ' : 'miss'}  ${ledgerBefore < 0 ? 'first commit' : 'ledger wrote'} after ${(busyMs / 1000).toFixed(1)} s, ` +
        `killed ${String(afterMs).padStart(4)} ms later${engine ? ' (engine too)' : ''}: ` +
        `${consumed} records taken, ${waiting} waiting${doing}`,
    );
  }

  /** Everything that was sent is worked, the ledger has it, and the short windows are over. */
  async #rest(): Promise<void> {
    const up = new UpProcess(this.#configFile);
    let restedSince = Infinity;
    const rested = await this.#until(up, REST_MS_MAX, async () => {
      const quiet = (await this.#progress.waiting()) === 0 && (await this.#progress.ledgerBehind()) === 0;
      restedSince = quiet ? Math.min(restedSince, performance.now()) : Infinity;
      return performance.now() - restedSince >= SETTLE_MS;
    });
    if (!rested) {
      const waiting = await this.#progress.waiting();
      this.#failures.push(
        `no rest: ${waiting} records wait, the ledger is ${await this.#progress.ledgerBehind()} behind`,
      );
    }
    up.kill('SIGTERM');
    const end = await up.ended;
    if (end !== 0) this.#failures.push(`asked to stop, it ended with ${end}`);
    this.#note(up);
  }

  /** `engineKilled`: that the ledger complains then is as it should be. */
  #note(up: UpProcess, engineKilled = false): void {
    for (const { component, message, line } of up.errors) {
      if (engineKilled && component === 'ledger') up.warn(message);
      else if (this.#failures.length < FAILURES_SHOWN) this.#failures.push(`it said: ${line}`);
    }
    for (const [message, count] of up.warnings) {
      this.#warnings.set(message, (this.#warnings.get(message) ?? 0) + count);
    }
    if (this.#failures.length > 0) {
      writeFileSync(join(this.#options.directory, `up-${this.#kills}.log`), `${up.lines.join('\n')}\n`);
    }
  }

  /** Looks until it is so, the time is over (false) or the process has ended (false). */
  async #until(up: UpProcess, msMax: number, isSo: () => Promise<boolean>): Promise<boolean> {
    const deadline = performance.now() + msMax;
    while (performance.now() < deadline && up.alive) {
      if (await isSo()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }
}
