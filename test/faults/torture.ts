/**
 * `npm run torture -- --log embedded|kafka --rounds N --seed S [--data DIR]`: kills the product, on Kafka the broker too, at random
 * moments of running work and then looks whether anything is lost, doubled or different. See rounds.ts and kafka-rounds.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tortureKafka } from './kafka-rounds.ts';
import { torture } from './rounds.ts';

const { values } = parseArgs({
  options: {
    log: { type: 'string', default: 'embedded' },
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const kinds = { embedded: torture, kafka: tortureKafka };
if (!Object.hasOwn(kinds, values.log) || !(Number.isInteger(rounds) && rounds > 0) || !Number.isInteger(seed)) {
  process.stderr.write('Usage: npm run torture -- --log embedded|kafka --rounds N --seed S [--data DIR]\n');
  process.exit(2);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const directory = values.data ?? mkdtempSync(join(tmpdir(), 'tributary-torture-'));
say(`Torture: ${rounds} rounds, seed ${seed}, in ${directory}`);
const startedAt = performance.now();
const result = await kinds[values.log as keyof typeof kinds]({ rounds, seed, directory, say });

say('');
say(`${result.hits} of ${result.kills} kills hit running work, ${result.whileCommitting} of them a commit;`);
say(`the ${values.log === 'kafka' ? 'broker' : 'analytics engine'} was killed ${result.engineKills} times as well.`);
say(
  `${result.acknowledged} events acknowledged, ${result.seen} records read by a subscriber, ${result.published} definitions changed.`,
);
for (const [message, count] of result.warnings) say(`${count} × warned: ${message}`);
say(`${Math.round((performance.now() - startedAt) / 1000)} s.`);
for (const failure of result.failures) say(`FAILED  ${failure}`);
if (result.failures.length === 0) {
  say('Nothing lost, nothing twice, no difference.');
  if (values.data === undefined) rmSync(directory, { recursive: true });
} else {
  say(`The data is kept in ${directory}; the same seed makes the same events, rules and moments to kill.`);
  process.exitCode = 1;
}
