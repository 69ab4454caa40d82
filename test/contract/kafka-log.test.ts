import { describe, test } from 'vitest';
import { openKafkaLog, type KafkaLog } from '../../services/platform/kafka/kafka-log.ts';
import type { OnStep } from '../../services/platform/log-port/steps.ts';
import { testBroker } from '../kafka/broker.ts';
import { kafkaOptions } from '../platform/kafka/kafka-options.ts';
import { describeLog } from './log.contract.ts';

const broker = await testBroker();

// Compaction and retention happen when the broker likes: test/platform/kafka/cleaning.test.ts waits for them.
if (broker === undefined) describe('KafkaLog as a log', () => test.skip('needs a broker'));
else {
  describeLog('KafkaLog', async () => {
    let onStep: OnStep | undefined;
    const options = kafkaOptions(broker);
    const open = (hooked: boolean): Promise<KafkaLog> =>
      openKafkaLog({ ...options, onStep: (step) => (hooked ? onStep?.(step) : undefined) });
    let log = await open(true);
    let other = await open(false);
    // A broker takes positions only for topics that exist; the suite commits one of `source`.
    await log.createTopics([
      {
        ...{ name: 'source', partitions: 1, cleanup: 'delete', retentionMs: null },
        ...{ timestampType: 'CreateTime', maxMessageBytes: 1_000_000 },
      },
    ]);
    return {
      get log() {
        return log;
      },
      get other() {
        return other;
      },
      setStep: (hook) => {
        onStep = hook;
      },
      restart: async () => {
        await log.close();
        await other.close();
        log = await open(true);
        other = await open(false);
      },
      close: async () => {
        await log.close();
        await other.close();
      },
    };
  });
}
