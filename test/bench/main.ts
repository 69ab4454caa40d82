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
 *   npm run bench -- language [--rounds 3] [--events-measured 120000]
 *   npm run bench -- timers [--timers 1000000] [--rate 1000] [--seconds 20] [--prepare SECONDS] [--log embedded|kafka]
 *   npm run bench -- hot-key [--hot-events 1000000] [--hot-rate 4000] [--rate 1000] [--seconds 20] [--log embedded|kafka]
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
import { benchHotKey } from './hot-key.ts';
import { BYSTANDERS, eventCost, shopState, type Bystanders, type EventCost } from './language.ts';
import { benchLedger } from './ledger.ts';
import { benchRestore } from './restore.ts';
import { benchTimers } from './timers.ts';
import { SEGMENTS, type Place } from './up-directory.ts';

// Measured as the product runs.
makeRoom();
enableCompileCache();

const SMALL_EVENTS = new URL('../model/reference/events.csv.gz', import.meta.url).pathname;
const WARM_UP_SECONDS = 10;
const LATENCY_RATES = '1000,5000';
const BESIDE_RATE = '1000';
/** For the product to start, and the events that segmenter and ledger take per second at least. */
const START_SECONDS = 60;
const TAKEN_PER_SECOND = 3_000;
/** Of which 40 concern the events. */
const MANY_SEGMENTS = 2_000;

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
    rate: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    customers: { type: 'string', default: '100000' },
    facts: { type: 'string', default: '200000' },
    timers: { type: 'string', default: '1000000' },
    prepare: { type: 'string' },
    'hot-events': { type: 'string', default: '1000000' },
    'hot-rate': { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '3' },
    'events-measured': { type: 'string', default: '120000' },
    bystanders: { type: 'string' },
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
  case 'language':
    await language();
    break;
  case 'timers':
    show('timers', { ...(await timers()) });
    break;
  case 'hot-key':
    show('hot-key', { ...(await hotKey()) });
    break;
  default:
    refuse(
      `there is no measurement ${verb}; there are job, latency, restore, state, ledger, language, timers and hot-key`,
    );
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
  await inOwnProcess('latency', ['--rate', values.rate ?? LATENCY_RATES, '--seconds', values.seconds]);
  await inOwnProcess('restore', ['--customers', values.customers]);
  await inOwnProcess('state', ['--events', events]);
  await inOwnProcess('ledger', ['--facts', values.facts]);
  await inOwnProcess('language', []);
  // Modest sizes of what takes minutes in full.
  await inOwnProcess('timers', ['--timers', '100000', '--seconds', values.seconds]);
  await inOwnProcess('hot-key', ['--hot-events', '100000', '--seconds', values.seconds]);
}

async function inOwnProcess(name: string, args: readonly string[]): Promise<void> {
  for (const { measured, ...figures } of await toldBy(name, args)) show(String(measured ?? name), figures);
}

/** What a measurement tells in a process of its own, line by line. */
async function toldBy(name: string, args: readonly string[]): Promise<readonly Figures[]> {
  const told: Figures[] = [];
  const child = spawn(process.execPath, [import.meta.filename, name, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => void told.push(JSON.parse(line) as Figures));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) {
    process.stderr.write(`${name} ended with ${code}\n`);
    process.exitCode = 1;
  }
  return told;
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
  for (const rate of (values.rate ?? LATENCY_RATES).split(',')) {
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

/** The cost of an event in rounds of three processes, so that what else the machine does hits all alike; the least of each counts. */
async function language(): Promise<void> {
  const events = whole('events-measured', values['events-measured']);
  if (values.bystanders !== undefined) {
    const bystanders = oneOf('bystanders', values.bystanders, BYSTANDERS);
    show('language', { ...(await eventCost({ bystanders, segments: MANY_SEGMENTS, events })) });
    return;
  }
  const least = new Map<Bystanders, EventCost>();
  for (let round = 0; round < whole('rounds', values.rounds); round++) {
    for (const bystanders of BYSTANDERS) {
      const args = ['--bystanders', bystanders, '--events-measured', String(events)];
      for (const cost of (await toldBy('language', args)) as unknown as readonly EventCost[])
        if (cost.microsPerEvent < (least.get(bystanders)?.microsPerEvent ?? Infinity)) least.set(bystanders, cost);
    }
  }
  const alone = least.get('none')?.microsPerEvent ?? NaN;
  for (const [bystanders, { segments, microsPerEvent }] of least)
    show('language', { bystanders, segments, events, microsPerEvent, ratio: microsPerEvent / alone });
  show('language', { of: 'shop', ...(await shopState()) });
}

/** A place, and the live events beside what is measured. */
function beside() {
  const seconds = whole('seconds', values.seconds);
  const warmUpSeconds = Math.min(seconds, WARM_UP_SECONDS);
  return { ...place(), rate: whole('rate', values.rate ?? BESIDE_RATE), seconds, warmUpSeconds };
}

function timers() {
  const count = whole('timers', values.timers);
  const planned = START_SECONDS + Math.ceil(count / TAKEN_PER_SECOND);
  const prepareSeconds = values.prepare === undefined ? planned : whole('prepare', values.prepare);
  return benchTimers({ ...beside(), timers: count, prepareSeconds });
}

function hotKey() {
  const events = whole('hot-events', values['hot-events']);
  return benchHotKey({ ...beside(), events, hotRate: whole('hot-rate', values['hot-rate']) });
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
