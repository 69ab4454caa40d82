/**
 * A process of its own that works on an embedded log, for tests that kill it. `writer.ts VERB DIRECTORY [ARGUMENT]`:
 * own (holds the directory until stdin ends), die (one transaction, killed at the step named), loop (numbered
 * transactions until killed, each acknowledged number on a line), append (COUNT single records, the time of each).
 */
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { batchOf } from '../../contract/log-harness.ts';

const [verb = '', directory = '', argument = ''] = process.argv.slice(2);
const PLACES = [0, 1].map((partition) => ({ topic: 'numbers', partition }));

const log = await openEmbeddedLog({
  directory,
  owner: verb !== 'append',
  ballastBytes: 0,
  onStep: (step) => {
    if (verb === 'die' && step === argument) process.kill(process.pid, 'SIGKILL');
  },
});
await log.createTopics([
  {
    name: 'numbers',
    partitions: 2,
    cleanup: 'delete',
    retentionMs: null,
    timestampType: 'CreateTime',
    maxMessageBytes: 1_000_000,
  },
]);

async function transact(number: number): Promise<void> {
  producer.begin();
  for (const place of PLACES) await producer.append(place, batchOf(String(number)));
  await producer.sendOffsets('numbers', [{ ...PLACES[0]!, offset: number }]);
  await producer.commit();
}

process.stdout.write('ready\n');
const producer = await log.transactionalProducer('writer');
switch (verb) {
  case 'own':
    process.stdin.resume();
    await new Promise((resolve) => process.stdin.once('end', resolve));
    break;
  case 'die':
    await transact(1);
    break;
  case 'loop':
    for (let number = Number(argument); ; number += 1) {
      await transact(number);
      process.stdout.write(`${number}\n`);
    }
  case 'append':
    for (let number = 0; number < Number(argument); number += 1) {
      await log.append(PLACES[0]!, batchOf(`${process.pid}:${number}`));
      process.stdout.write(`${Date.now()}\n`);
    }
    break;
  default:
    throw new Error(`No verb ${verb}`);
}
await log.close();
