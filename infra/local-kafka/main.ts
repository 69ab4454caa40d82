/**
 * `npm run kafka -- start|stop|status|reset`: Apache Kafka and a schema registry on loopback, for machines with Java and without
 * Docker.
 *
 *   start    fetches both once, starts what does not run, returns when both can be used
 *   stop     ends both; what they hold stays
 *   status   addresses, pids, versions; exit code 1 when nothing runs
 *   reset    stops and wipes
 *
 *   --port 9092  --controller-port 9093  --registry-port 8081   0 = any free one
 *   --no-registry           only the broker
 *   --set name=value        a broker setting, as often as needed
 *   --heap-mb 512           memory of the broker
 *   --directory .local-kafka
 *   --json                  for programs
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resetInstance, startInstance, statusOf, stopInstance, type Server, type Status } from './instance.ts';
import { messageOf, Trouble } from './trouble.ts';

const HERE = fileURLToPath(new URL('../../.local-kafka', import.meta.url));
const VERBS = ['start', 'stop', 'status', 'reset'] as const;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.stderr.write(`next: ${error instanceof Trouble ? error.next : 'This is not expected; report it.'}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const { values, positionals } = readWords();
  const { directory, json } = values;
  switch (verbOf(positionals)) {
    case 'start': {
      const began = performance.now();
      const status = await startInstance(directory, {
        ports: {
          kafka: whole('port', values.port),
          controller: whole('controller-port', values['controller-port']),
          registry: whole('registry-port', values['registry-port']),
        },
        registry: !values['no-registry'],
        settings: settingsOf(values.set),
        heapMb: whole('heap-mb', values['heap-mb']),
        tell: (line) => process.stderr.write(`${line}\n`),
      });
      show(status, json);
      if (!json) say(`ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      return 0;
    }
    case 'stop':
      await stopInstance(directory);
      if (!json) say('nothing runs; what was written is kept');
      return 0;
    case 'status': {
      const status = await statusOf(directory);
      show(status, json);
      return status.kafka?.pid === undefined ? 1 : 0;
    }
    case 'reset':
      await resetInstance(directory);
      if (!json) say('nothing runs and nothing is kept');
      return 0;
  }
}

function readWords() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        port: { type: 'string', default: '9092' },
        'controller-port': { type: 'string', default: '9093' },
        'registry-port': { type: 'string', default: '8081' },
        'no-registry': { type: 'boolean', default: false },
        set: { type: 'string', multiple: true, default: [] },
        'heap-mb': { type: 'string', default: '512' },
        directory: { type: 'string', default: HERE },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Trouble(messageOf(error), 'The options stand at the top of infra/local-kafka/main.ts.', error);
  }
}

function verbOf(positionals: readonly string[]): (typeof VERBS)[number] {
  const verb = VERBS.find((each) => each === positionals[0]);
  if (verb !== undefined && positionals.length === 1) return verb;
  throw new Trouble('One verb is wanted', `npm run kafka -- ${VERBS.join('|')}`);
}

function whole(option: string, given: string): number {
  if (/^\d{1,5}$/.test(given)) return Number(given);
  throw new Trouble(`--${option} is a whole number, not ${given}`, `As in --${option} 0.`);
}

function settingsOf(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Trouble(`--set is name=value, not ${pair}`, 'As in --set log.retention.ms=60000.');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function show(status: Status, json: boolean): void {
  if (json) {
    say(JSON.stringify(status));
  } else {
    say(serverLine('kafka', status.kafka));
    say(serverLine('registry', status.registry));
  }
}

function serverLine(name: string, server: Server | undefined): string {
  if (server === undefined) return `${name}  not set up`;
  const { version, pid, address } = server;
  return `${name}  ${version}  ${pid === undefined ? 'stopped' : `pid ${pid}`}  ${address}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
