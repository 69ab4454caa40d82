/**
 * `npm run bench`: figures of this machine, printed and never asserted.
 *
 *   npm run bench                        all of them, in modest sizes
 *   npm run bench -- job [--events FILE] [--segments FILE] [--log memory|embedded|kafka] [--records bench|own]
 *                        [--brokers HOST:PORT] [--threads N] [--processes N]
 *   npm run bench -- latency [--rate 1000,5000] [--seconds 20] [--log embedded|kafka]
 *   npm run bench -- restore [--customers 100000] [--log embedded|kafka]
 *   npm run bench -- state
 *   npm run bench -- ledger [--facts 200000]
 *
 * `job` prints JSON; the others aligned lines, or JSON with `--json`. Each measurement that fills the memory of a process runs in
 * one of its own, so that none is measured with the rubbish of another.
 */
import { spawn } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { makeRoom } from '../../services/platform/host/young-room.ts';
import { packageVersion } from '../../services/platform/config/package-root.ts';
import { demoState } from './demo-state.ts';
import { FigureTable, type Figures } from './figures.ts';
import { runJob, type JobOptions } from './job.ts';
import { benchLatency } from './latency.ts';
import { benchLedger } from './ledger.ts';
import { benchRestore } from './restore.ts';
import { SEGMENTS, type Place } from './up-directory.ts';

// Measured as the product runs.
makeRoom();
enableCompileCache();

const SMALL_EVENTS = new URL('../model/reference/events.csv.gz', import.meta.url).pathname;
const WARM_UP_SECONDS = 10;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    segments: { type: 'string', default: SEGMENTS },
    log: { type: 'string' },
    records: { type: 'string' },
    brokers: { type: 'string', default: '127.0.0.1:9092' },
    threads: { type: 'string', default: '1' },
    processes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '1000,5000' },
    seconds: { type: 'string', default: '20' },
    customers: { type: 'string', default: '100000' },
    facts: { type: 'string', default: '200000' },
    json: { type: 'boolean', default: false },
  },
});

const table = new FigureTable();
const [verb, ...rest] = positionals;
if (rest.length > 0) refuse(`one measurement at a time, not also ${rest.join(' ')}`);
switch (verb) {
  case undefined:
    await everything();
    break;
  case 'job':
    await job();
    break;
  case 'latency':
    await latency();
    break;
  case 'restore':
    show('restore', { ...(await benchRestore(whole('customers', values.customers), place())) });
    break;
  case 'state':
    await state();
    break;
  case 'ledger':
    show('ledger', { ...(await benchLedger(whole('facts', values.facts))) });
    break;
  default:
    refuse(`there is no measurement ${verb}; there are job, latency, restore, state and ledger`);
}

/** Each in a process of its own; the job on both logs, and beside the benchmark's records with our own. */
async function everything(): Promise<void> {
  if (!values.json) {
    const [cpu] = cpus();
    const memory = Math.round(totalmem() / 2 ** 30);
    const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${memory} GB, ${process.platform}`;
    say(`Tributary ${packageVersion()}, Node ${process.versions.node}, ${machine}`);
    say('Other work on the machine makes every figure worse; what a Kafka or a network would add is not in them.');
  }
  if (values.events === undefined) sayOfSmallFile();
  const events = values.events ?? SMALL_EVENTS;
  for (const [log, records] of [
    ['memory', 'bench'],
    ['embedded', 'bench'],
    ['embedded', 'own'],
  ] as const) {
    const args = ['--events', events, '--segments', values.segments, '--log', log, '--records', records];
    await inOwnProcess('job', args);
  }
  await inOwnProcess('latency', ['--rate', values.rate, '--seconds', values.seconds]);
  await inOwnProcess('restore', ['--customers', values.customers]);
  await inOwnProcess('state', ['--events', events]);
  await inOwnProcess('ledger', ['--facts', values.facts]);
}

async function inOwnProcess(name: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [import.meta.filename, name, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { measured, ...figures } = JSON.parse(line) as Figures & { readonly measured?: string };
    show(measured ?? name, figures);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) {
    process.stderr.write(`${name} ended with ${code}\n`);
    process.exitCode = 1;
  }
}

async function job(): Promise<void> {
  const log = oneOf('log', values.log ?? 'embedded', ['memory', 'embedded', 'kafka']);
  const records = oneOf('records', values.records ?? 'bench', ['bench', 'own']);
  if (values.events === undefined) sayOfSmallFile();
  const threads = whole('threads', values.threads);
  const processes = whole('processes', values.processes);
  if (threads * processes > 1 && log !== 'kafka') refuse('more than one thread or process needs --log kafka');
  const options: JobOptions = {
    ...{ events: values.events ?? SMALL_EVENTS, segments: values.segments, log, records },
    ...{ brokers: values.brokers, threads, processes },
  };
  say(JSON.stringify(await runJob(options)));
}

function place(): Place {
  return { log: oneOf('log', values.log ?? 'embedded', ['embedded', 'kafka']), brokers: values.brokers };
}

async function latency(): Promise<void> {
  const seconds = whole('seconds', values.seconds);
  for (const rate of values.rate.split(',')) {
    const warmUpSeconds = Math.min(seconds, WARM_UP_SECONDS);
    show('latency', { ...(await benchLatency({ ...place(), rate: whole('rate', rate), warmUpSeconds, seconds })) });
  }
}

async function state(): Promise<void> {
  const events = values.events ?? SMALL_EVENTS;
  const { customers, stateBytesPerCustomer } = await runJob({
    ...{
      events,
      segments: values.segments,
      log: 'memory',
      records: 'bench',
      brokers: values.brokers,
      threads: 1,
      processes: 1,
    },
  });
  show('state', { of: 'job', customers, bytesPerCustomer: stateBytesPerCustomer });
  const demo = await demoState();
  show('state', { of: 'demo', customers: demo.customers, bytesPerCustomer: demo.bytesPerCustomer });
}

function show(measured: string, figures: Figures): void {
  say(values.json ? JSON.stringify({ measured, ...figures }) : table.line(measured, figures));
}

function sayOfSmallFile(): void {
  process.stderr.write(
    'Without --events the job runs on the small committed file (2,400 events), which measures little but the start.\n',
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function whole(name: string, words: string): number {
  const value = Number(words);
  if (Number.isInteger(value) && value > 0) return value;
  return refuse(`--${name} is ${words}, not a whole number above 0`);
}

function oneOf<T extends string>(name: string, value: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === value) ?? refuse(`--${name} is one of ${choices.join(', ')}`);
}

function refuse(words: string): never {
  process.stderr.write(`bench: ${words}\n`);
  process.exit(2);
}
