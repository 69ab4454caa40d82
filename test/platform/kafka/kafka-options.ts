/** Options of a log for a test's broker: impatient, with ids of this process. */
import type { KafkaLogOptions } from '../../../services/platform/kafka/options.ts';

export function kafkaOptions(
  broker: { readonly brokers: string },
  others: Partial<KafkaLogOptions> = {},
): KafkaLogOptions {
  return {
    ...{ brokers: [broker.brokers], clientId: 'test', idPrefix: `test-${process.pid}-` },
    ...{ connectMs: 5_000, requestMs: 10_000, retryMs: 15_000, transactionMs: 20_000 },
    ...{ sessionMs: 6_000, rebalanceMs: 10_000, replicationFactor: -1, compression: 'none' },
    ...others,
  };
}
